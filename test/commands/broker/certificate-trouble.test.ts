import { once } from 'node:events';
import { createServer as createPlainServer } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { createClient } from '../../../src/client/index.js';
import { brokerSocket } from '../../../src/commands/broker/broker-socket.js';
import { connectionFailure } from '../../../src/commands/broker/connection-failure.js';
import type { Way } from '../../../src/commands/broker/way.js';
import { httpPublisher } from '../../../src/commands/notify/publish-http.js';
import type { Trust } from '../../../src/peer/index.js';
import { eventually } from '../../client/fake-broker.js';
import { authority, forThisMachine } from '../../support/certificates.js';

const DAY_MS = 24 * 3_600_000;
const trusted = authority();
const stranger = authority();
const good = forThisMachine(trusted);
const receipt = { position: { epoch: 'e', offset: 1 }, matched: 0, duplicate: false };

/** A server that takes every handshake, as a base broker, and every publication. */
async function listening(server: Server) {
  const sockets = new WebSocketServer({ server: server as never, handleProtocols: () => false });
  sockets.on('error', () => {});
  server.on('request', (_: unknown, response: { end(text: string): void }) => response.end(JSON.stringify({ receipt })));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `wss://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const client of sockets.clients) client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const secure = (options: ServerOptions) => listening(createServer(options));
const wayWith = (tls: Trust): Way => ({ headers: {}, tls, brings: undefined });

/** Why a client cannot connect; an empty string when it can. */
async function troubleOfClient(url: string, way: Way): Promise<string> {
  await using client = createClient({ url, WebSocket: brokerSocket(way), protocols: [] });
  const state = await eventually(() => (client.state.kind === 'connecting' ? undefined : client.state), 'the end of the attempt');
  return state.kind === 'waiting' ? connectionFailure({ url, way }, state).message.replace(url, 'BROKER') : '';
}

async function troubleOfPublisher(url: string, way: Way): Promise<string> {
  await using publisher = httpPublisher({ url, way }, { signal: new AbortController().signal, onWait: undefined });
  try {
    await publisher.publish({ json: '{"package":"p","page":"q"}' } as never);
    return '';
  } catch (error) {
    return (error as Error).message.replace(`${url.replace('wss', 'https')}/notify`, 'BROKER');
  }
}

async function bothSay(options: ServerOptions, tls: Trust, words: string): Promise<void> {
  await using server = await secure(options);
  for (const trouble of [troubleOfClient, troubleOfPublisher]) {
    const said = await trouble(server.url, wayWith(tls));
    expect(said).toBe(words === '' ? '' : `cannot reach BROKER: ${words}`);
  }
}

const ca = trusted.cert;
const pair = ({ cert, key }: { cert: string; key: string }) => ({ cert, key });

describe('a broker behind TLS', () => {
  it('is reached when its authority is named', () => bothSay(pair(good), { ca }, ''));

  it('is reached with --insecure whatever its certificate is', () =>
    bothSay(pair(forThisMachine(stranger, { expiresInMs: -DAY_MS, hosts: ['elsewhere.test'] })), { insecure: true }, ''));

  it('is not believed when its authority is none of those that are trusted', () =>
    bothSay(
      pair(forThisMachine(stranger)),
      { ca },
      'its certificate is not trusted: name the authority that signed it with --tls-ca, or for a test use --insecure',
    ));

  it('is not believed when its certificate signs itself', () =>
    bothSay(
      pair(authority()),
      { ca },
      'its certificate signs itself and is not trusted: name it with --tls-ca, or for a test use --insecure',
    ));

  it('is not believed when its certificate is for another name', () =>
    bothSay(
      pair(forThisMachine(trusted, { hosts: ['elsewhere.test'] })),
      { ca },
      "its certificate is for another name (IP: 127.0.0.1 is not in the cert's list: ): is the URL right?",
    ));

  it('is not believed when its certificate has expired', () =>
    bothSay(
      pair(forThisMachine(trusted, { startsInMs: -2 * DAY_MS, expiresInMs: -DAY_MS })),
      { ca },
      'its certificate has expired, or that of its authority: whoever runs it has to renew it',
    ));

  it('is not believed when its certificate is not valid yet', () =>
    bothSay(
      pair(forThisMachine(trusted, { startsInMs: DAY_MS })),
      { ca },
      'its certificate is not valid yet: is the clock of this machine right?',
    ));

  const mutual = { ...pair(good), ca, requestCert: true, rejectUnauthorized: true };

  it('that wants a certificate is given that of --tls-cert', () => bothSay(mutual, { ca, ...pair(forThisMachine(trusted)) }, ''));

  it('that wants a certificate and gets none is told with the options', () =>
    bothSay(mutual, { ca }, 'it wants a certificate of yours: --tls-cert and --tls-key'));

  it('that does not speak TLS is told so', async () => {
    await using server = await listening(createPlainServer());
    const said = 'cannot reach BROKER: it does not speak TLS; is it ws: instead of wss:?';
    expect(await troubleOfClient(server.url, wayWith({}))).toBe(said);
    expect(await troubleOfPublisher(server.url, wayWith({}))).toBe(said);
  });
});
