import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createClient } from '../../../src/client/index.js';
import { brokerSocket } from '../../../src/commands/broker/broker-socket.js';
import { connectionFailure } from '../../../src/commands/broker/connection-failure.js';
import { eventually } from '../../client/fake-broker.js';
import { PLAIN_WAY } from './plain-way.js';

describe('why there is no connection', () => {
  it.each([
    [200, 3, true, 'answered with HTTP 200'],
    [301, 3, true, 'answered with HTTP 301'],
    [401, 4, true, 'refused with HTTP 401'],
    [404, 4, true, 'answered with HTTP 404'],
    [408, 3, false, 'could not do it with HTTP 408'],
    [429, 3, false, 'could not do it with HTTP 429'],
    [500, 3, false, 'could not do it with HTTP 500'],
    [503, 3, false, 'could not do it with HTTP 503'],
  ])('is an answer with HTTP %i: exit %i, final: %s', (status, exitCode, isFinal, words) => {
    const failure = connectionFailure({ url: 'ws://user:pw@example.org', way: PLAIN_WAY }, { because: 'any', status });
    expect(failure).toMatchObject({ exitCode, isFinal, message: expect.stringContaining(`ws://example.org ${words}`) });
  });

  it.each([
    ['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1', 'nobody listens there; is "wsn serve" running?'],
    ['ENOTFOUND', 'getaddrinfo ENOTFOUND example.org', 'there is no host of that name'],
    ['ESTRANGE', 'strange', 'strange'],
    [undefined, 'no answer within 10 s', 'no answer within 10 s'],
  ])('is told in a sentence that names the address once (%s)', (errorCode, because, why) => {
    const failure = connectionFailure(
      { url: 'ws://example.org', way: PLAIN_WAY },
      { because, ...(errorCode === undefined ? {} : { errorCode }) },
    );
    expect(failure).toMatchObject({ message: `cannot reach ws://example.org: ${why}`, exitCode: 3, isFinal: false });
  });

  it.each([
    [undefined, '; the broker wants a token: --token or WSN_TOKEN, or for publishers a key: --api-key or WSN_API_KEY'],
    ['token', '; this is about the token that was given'],
    ['key', '; this is about the API key that was given'],
  ] as const)('repeats what the broker says of a stranger who brings %s, and says what to do (R-4.6)', (brings, remedy) => {
    const addressee = { url: 'ws://example.org', way: { ...PLAIN_WAY, brings } };
    const failure = connectionFailure(addressee, { because: 'any', status: 401, detail: 'its words' });
    expect(failure.message).toBe(`ws://example.org refused with HTTP 401: its words${remedy}`);
  });
});

describe('the WebSocket of the commands', () => {
  it.each([
    [403, 'a body'],
    [503, ''],
  ])('has the client tell the status %i of an answer that is no handshake', async (status, body) => {
    const server = createServer();
    server.on('upgrade', (_, socket) =>
      socket.on('error', () => {}).end(`HTTP/1.1 ${status} No\r\nContent-Length: ${body.length}\r\n\r\n${body}`),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await using client = createClient({ url, WebSocket: brokerSocket(PLAIN_WAY) });
    const state = await eventually(() => (client.state.kind === 'waiting' ? client.state : undefined), 'the end of the attempt');
    expect(state).toMatchObject({ status, because: `answered with HTTP ${status}, not as a WebSocket` });
    await client.close();
    server.closeAllConnections();
    server.close();
  });

  it('has the client tell in whose words, and wait as long as it is told (R-4.6)', async () => {
    const body = JSON.stringify({ status: 429, detail: 'too many handshakes: try again in 7 s' });
    const server = createServer();
    server.on('upgrade', (_, socket) =>
      socket.on('error', () => {}).end(`HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: ${body.length}\r\n\r\n${body}`),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const startedAt = Date.now();
    await using client = createClient({ url, WebSocket: brokerSocket(PLAIN_WAY), random: () => 0 });
    const state = await eventually(() => (client.state.kind === 'waiting' ? client.state : undefined), 'the end of the attempt');
    expect(state).toMatchObject({ status: 429, detail: 'too many handshakes: try again in 7 s' });
    expect(state.retryAt - startedAt).toBeGreaterThanOrEqual(7000);
    await client.close();
    server.closeAllConnections();
    server.close();
  });

  it('sends the headers of its way with each handshake', async () => {
    const server = createServer();
    const asked = new Promise<IncomingHttpHeaders>((resolve) =>
      server.on('upgrade', ({ headers }, socket) => {
        resolve(headers);
        socket.on('error', () => {}).end('HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n');
      }),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `ws://user:pw@127.0.0.1:${(server.address() as AddressInfo).port}`;
    const way = { ...PLAIN_WAY, headers: { Authorization: 'Bearer a.b.c', Origin: 'https://a.example' } };
    await using client = createClient({ url, WebSocket: brokerSocket(way) });
    expect(await asked).toMatchObject({ authorization: 'Bearer a.b.c', origin: 'https://a.example' });
    await client.close();
    server.closeAllConnections();
    server.close();
  });
});
