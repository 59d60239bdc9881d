import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createClient } from '../../../src/client/index.js';
import { BrokerSocket } from '../../../src/commands/broker/broker-socket.js';
import { connectionFailure } from '../../../src/commands/broker/connection-failure.js';
import { eventually } from '../../client/fake-broker.js';

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
    const failure = connectionFailure('ws://user:pw@example.org', { because: 'any', status });
    expect(failure).toMatchObject({ exitCode, isFinal, message: expect.stringContaining(`ws://example.org ${words}`) });
  });

  it.each([
    ['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1', 'nobody listens there; is "wsn serve" running?'],
    ['ENOTFOUND', 'getaddrinfo ENOTFOUND example.org', 'there is no host of that name'],
    ['ESTRANGE', 'strange', 'strange'],
    [undefined, 'no answer within 10 s', 'no answer within 10 s'],
  ])('is told in a sentence that names the address once (%s)', (errorCode, because, why) => {
    const failure = connectionFailure('ws://example.org', { because, ...(errorCode === undefined ? {} : { errorCode }) });
    expect(failure).toMatchObject({ message: `cannot reach ws://example.org: ${why}`, exitCode: 3, isFinal: false });
  });
});

describe('BrokerSocket', () => {
  it.each([
    [403, 'a body'],
    [503, ''],
  ])('has the client tell the status %i of an answer that is no handshake', async (status, body) => {
    const server = createServer();
    server.on('upgrade', (_, socket) => socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: ${body.length}\r\n\r\n${body}`));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await using client = createClient({ url, WebSocket: BrokerSocket });
    const state = await eventually(() => (client.state.kind === 'waiting' ? client.state : undefined), 'the end of the attempt');
    expect(state).toMatchObject({ status, because: `answered with HTTP ${status}, not as a WebSocket` });
    await client.close();
    server.closeAllConnections();
    server.close();
  });
});
