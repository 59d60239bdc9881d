import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { OPCODE, reset, upgradeRequest, writeFrame } from '../../src/peer/index.js';
import { startTestBroker } from '../support/broker.js';
import { connect, notice, publication, subscriptionsText, TOPIC } from '../support/peers.js';
import { openRaw } from '../support/raw.js';
import { inSeconds, signerOf, signWith } from './identity/support.js';

const SECRET = 'a secret of thirty-two bytes or more';
const EVERYTHING = { wsn: { subscribe: [{ package: '*', page: '*' }], publish: [{ package: '*', page: '*' }] } };

/** A back-end that answers when it is told to. */
async function backEnd(): Promise<AsyncDisposable & { url: string; asked(): Promise<ServerResponse>; readonly count: number }> {
  const waiting: ServerResponse[] = [];
  let count = 0;
  let told = (): void => {};
  const server = createServer((request, response) => {
    request.resume();
    waiting.push(response);
    count++;
    told();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    get count() {
      return count;
    },
    async asked() {
      while (waiting.length === 0) {
        await new Promise<void>((resolve) => {
          told = resolve;
        });
      }
      return waiting.shift() as ServerResponse;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function say(response: ServerResponse, answer: object): void {
  response.end(JSON.stringify(answer));
}

const UPGRADE = (token: string): string =>
  upgradeRequest({ host: '127.0.0.1', port: 1, headers: { Authorization: `Bearer ${token}` } } as Parameters<typeof upgradeRequest>[0])
    .text;

describe('while the back-end is asked who comes', () => {
  test('a peer that resets its connection leaves no place behind and is not welcomed (R-7.2, R-7.6)', async () => {
    await using hook = await backEnd();
    await using broker = await startTestBroker({ authorizeUrl: hook.url });
    const raw = await openRaw(broker);
    raw.write(UPGRADE('t'));
    const response = await hook.asked();
    expect(broker.stats().limits.connections).toBe(1);
    reset(raw.socket);
    await expect.poll(() => broker.stats().limits.connections).toBe(0);
    say(response, EVERYTHING);
    // The answer is remembered, so the next one shows that the first has been dealt with.
    await using peer = await connect(broker, { headers: { Authorization: 'Bearer t' } });
    expect(broker.stats()).toMatchObject({ connections: 1, peers: 1, limits: { connections: 1 } });
    await peer.close();
  });

  test('a peer that has gone is not asked about again behind a reload (R-7.2)', async () => {
    await using hook = await backEnd();
    const options = { host: '127.0.0.1', port: 0, drainTimeoutMs: 2000, authorizeUrl: hook.url };
    await using broker = await startTestBroker(options);
    await using raw = await openRaw(broker);
    raw.write(UPGRADE('gone'));
    await using request = await openRaw(broker);
    request.write(
      'POST /notify HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\nAuthorization: Bearer gone-too\r\n\r\n',
    );
    await hook.asked();
    await hook.asked();
    reset(raw.socket);
    reset(request.socket);
    await expect.poll(() => broker.stats().limits.connections).toBe(0);
    await broker.reconfigure({ ...options, authorizeCacheMs: 0 });
    const opening = connect(broker, { headers: { Authorization: 'Bearer t' } });
    say(await hook.asked(), EVERYTHING);
    await using peer = await opening;
    await peer.barrier();
    expect(hook.count).toBe(3);
  });

  test('what is glued to the handshake is served when it is in, with a FIN behind it or without (R-4.6)', async () => {
    await using hook = await backEnd();
    await using broker = await startTestBroker({ authorizeUrl: hook.url, anonymousPublish: 'all' });
    for (const endsAtOnce of [true, false]) {
      const token = `t${endsAtOnce}`;
      const before = broker.stats().published;
      const glued = Buffer.concat([
        writeFrame({ opcode: OPCODE.text, payload: subscriptionsText([TOPIC]) }),
        writeFrame({ opcode: OPCODE.text, payload: publication(notice(1)) }),
      ]);
      const opening = connect(broker, { headers: { Authorization: `Bearer ${token}` }, glued, endsAtOnce });
      say(await hook.asked(), EVERYTHING);
      await using peer = await opening;
      await peer.closed;
      expect(broker.stats().published).toBe(before + 1);
    }
    await expect.poll(() => broker.stats().limits.connections).toBe(0);
  });

  test('a broker that shuts down does not wait for its answer (R-4.6)', async () => {
    await using hook = await backEnd();
    const broker = await startTestBroker({ authorizeUrl: hook.url, authorizeTimeoutMs: 20_000, drainTimeoutMs: 200 });
    await using raw = await openRaw(broker);
    raw.write(UPGRADE('t'));
    await hook.asked();
    await broker.close();
    await raw.closed;
    expect(raw.status).toBe(503);
    expect(broker.stats()).toMatchObject({ peers: 0, limits: { connections: 0 } });
  });

  test('keys that have been replaced meanwhile let nobody in (R-7.2)', async () => {
    await using issuer = await backEnd();
    const signer = await signerOf('ES256');
    await using broker = await startTestBroker({ authJwks: issuer.url });
    const opening = connect(broker, { headers: { Authorization: `Bearer ${await signer.sign({ sub: 'ann', ...EVERYTHING })}` } });
    const response = await issuer.asked();
    await broker.reconfigure({ host: '127.0.0.1', port: 0, drainTimeoutMs: 2000, authSecret: SECRET });
    say(response, { keys: [signer.jwk] });
    await expect(opening).rejects.toThrow(/401/);
  });

  test('nobody is turned away for a question that a reload has ended (R-7.2)', async () => {
    await using hook = await backEnd();
    const options = { host: '127.0.0.1', port: 0, drainTimeoutMs: 2000, authorizeUrl: hook.url };
    await using broker = await startTestBroker(options);
    const opening = connect(broker, { headers: { Authorization: 'Bearer t' } });
    await hook.asked();
    await broker.reconfigure({ ...options, authorizeCacheMs: 0 });
    say(await hook.asked(), EVERYTHING);
    await using peer = await opening;
    await peer.barrier();
    expect(hook.count).toBe(2);
  });
});

describe('a token that has ended', () => {
  test('publishes nothing any more while the close handshake is awaited (R-7.4)', async () => {
    await using broker = await startTestBroker({ authSecret: SECRET, closeTimeoutMs: 2000 });
    const token = await signWith(SECRET, { sub: 'ann', exp: inSeconds(1), ...EVERYTHING });
    let frames = 0;
    await using peer = await connect(broker, {
      subprotocols: ['wsn.v1'],
      headers: { Authorization: `Bearer ${token}` },
      answerClose: false,
      onMessage: () => {},
      onFrame: ({ opcode }) => {
        if (opcode === OPCODE.close) frames++;
      },
    });
    await expect.poll(() => frames, { timeout: 3000 }).toBe(1);
    peer.send(publication(notice('too late')));
    await peer.closed;
    expect(broker.stats().published).toBe(0);
  });
});
