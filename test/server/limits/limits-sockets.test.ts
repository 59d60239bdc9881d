import { describe, expect, it } from 'vitest';
import { HandshakeRefused, type Peer } from '../../../src/peer/index.js';
import type { Broker, BrokerOptions } from '../../../src/server/index.js';
import { startTestBroker } from '../../support/broker.js';
import { askHttp } from '../../support/http.js';
import { ask, connect, connectV1, nextData, notice, publish, subscriber, subscriptionsText, TOPIC } from '../../support/peers.js';
import { openRaw } from '../../support/raw.js';

/** A handshake from another address of this machine. */
const ELSEWHERE = { localAddress: '127.0.0.2' };

/** What a handshake is answered that is refused; `detail` is the sentence of its problem. */
async function refusal(broker: Broker): Promise<{ status: number; retryAfter: string | undefined; detail: string }> {
  await using raw = await openRaw(broker);
  const head = 'GET / HTTP/1.1\r\nHost: b\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n';
  raw.write(`${head}Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`);
  await raw.closed;
  const [answer = '', body = ''] = raw.text.split('\r\n\r\n');
  return { status: raw.status ?? 0, retryAfter: /^Retry-After: (\d+)\r?$/m.exec(answer)?.[1], detail: JSON.parse(body).detail };
}

/** Takes what there is of something; resolves with the peers. */
function peersOf(broker: Broker, count: number): Promise<Peer[]> {
  return Promise.all(Array.from({ length: count }, () => connect(broker)));
}

async function dispose(peers: readonly Peer[]): Promise<void> {
  for (const peer of peers) await peer[Symbol.asyncDispose]();
}

describe('connections', () => {
  it.each<readonly [keyof BrokerOptions, status: number, detail: string]>([
    ['maxConnections', 503, 'too many connections: at most 3'],
    ['maxConnectionsPerAddress', 429, 'too many connections from one address: at most 3'],
  ])('beyond %s are refused with %d, and a place is free again when one leaves, however it does (R-7.6)', async (name, status, detail) => {
    await using broker = await startTestBroker({ [name]: 3 });
    const [first, second, third] = (await peersOf(broker, 3)) as [Peer, Peer, Peer];
    expect(await refusal(broker)).toEqual({ status, retryAfter: '5', detail });
    await first.close(1000);
    await expect.poll(() => broker.stats().peers).toBe(2);
    await using _fourth = await connect(broker);
    expect(await refusal(broker)).toMatchObject({ status });
    second.destroy();
    await expect.poll(() => broker.stats().peers).toBe(2);
    await using _fifth = await connect(broker);
    await dispose([first, second, third]);
  });

  it('of another address are not affected by maxConnectionsPerAddress (R-7.6)', async () => {
    await using broker = await startTestBroker({ maxConnectionsPerAddress: 1 });
    await using _here = await connect(broker);
    await expect(connect(broker)).rejects.toThrow(HandshakeRefused);
    await using elsewhere = await subscriber(broker, [TOPIC], ELSEWHERE);
    await elsewhere.barrier();
  });

  it('that are refused for what they say take no place (R-7.6)', async () => {
    await using broker = await startTestBroker({ maxConnections: 1 });
    for (let count = 0; count < 5; count++) await expect(connect(broker, { headers: { 'Sec-WebSocket-Version': '12' } })).rejects.toThrow();
    await using _peer = await connect(broker);
  });
});

describe('handshakes', () => {
  it('beyond handshakesPerSecond are refused with 429 and a wait that is true (R-7.6)', async () => {
    await using broker = await startTestBroker({ handshakesPerSecond: 1 });
    const peers = await peersOf(broker, 10);
    const { status, retryAfter, detail } = await refusal(broker);
    expect([status, retryAfter, detail]).toEqual([429, '1', 'too many handshakes from one address: at most 1 a second; try again in 1 s']);
    await using _elsewhere = await connect(broker, ELSEWHERE);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await using _again = await connect(broker);
    await dispose(peers);
  });
});

describe('messages', () => {
  it.each<readonly [keyof BrokerOptions, reason: string]>([
    ['messagesPerSecond', 'too many messages: at most 5 a second; try again in 1 s'],
    ['messagesPerSecondPerAddress', 'too many messages from one address: at most 5 a second; try again in 1 s'],
  ])('beyond %s end with 4429 and the wait, and others hear everything (R-7.6)', async (name, reason) => {
    await using broker = await startTestBroker({ [name]: 5 });
    await using healthy = await subscriber(broker, [TOPIC], ELSEWHERE);
    const peers = [
      await connect(broker, { localAddress: '127.0.0.3' }),
      await connectV1(broker, { localAddress: '127.0.0.4', onMessage: () => {} }),
    ];
    for (const peer of peers) {
      for (let count = 0; count < 11; count++) peer.send(subscriptionsText([]));
      expect(await peer.closed).toMatchObject({ code: 4429, reason });
    }
    await publish(broker, notice('still here'));
    expect(await nextData(healthy)).toBe('still here');
  });

  it('are pings, too, which end with 4429 beyond messagesPerSecond (R-7.6)', async () => {
    await using broker = await startTestBroker({ messagesPerSecond: 5 });
    await using peer = await connect(broker);
    for (let count = 0; count < 11; count++) peer.ping();
    expect(await peer.closed).toMatchObject({ code: 4429, reason: 'too many messages: at most 5 a second; try again in 1 s' });
  });

  it('of HTTP beyond messagesPerSecondPerAddress are answered 429 with Retry-After (R-7.6)', async () => {
    await using broker = await startTestBroker({ messagesPerSecondPerAddress: 5 });
    for (let count = 0; count < 10; count++) expect((await askHttp(broker, { body: JSON.stringify(notice(count)) })).status).toBe(200);
    const answer = await askHttp(broker, { body: JSON.stringify(notice('too many')) });
    expect([answer.status, answer.headers['retry-after']]).toEqual([429, '1']);
  });
});

describe('subscriptions', () => {
  it.each<readonly [keyof BrokerOptions, subscriptions: readonly object[], message: string]>([
    ['maxSubscriptions', Array(3).fill(TOPIC), 'expected at most 2 subscriptions, found 3'],
    ['maxFilterValues', [{ ...TOPIC, filters: { values: ['1', '2', '3'] } }], 'expected at most 2 filter values in all, found'],
  ])('beyond %s are refused: 4429, or an error too-many (R-7.6)', async (name, subscriptions, message) => {
    await using broker = await startTestBroker({ [name]: 2 });
    await using v1 = await connectV1(broker);
    const { error } = await ask(v1, subscriptionsText(subscriptions, { id: '1' }));
    expect(error).toMatchObject({ code: 'too-many', path: '/subscriptions', message: expect.stringContaining(message) });
    await using base = await connect(broker);
    base.send(subscriptionsText(subscriptions));
    expect((await base.closed).code).toBe(4429);
  });
});

describe('a message that does not end', () => {
  it('is waited for while much of it comes, and ends its peer with 4408 when it drips (R-7.6)', async () => {
    await using broker = await startTestBroker({ pingIntervalMs: 50 });
    await using raw = await openRaw(broker);
    const head = 'GET / HTTP/1.1\r\nHost: b\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n';
    raw.write(`${head}Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`);
    await raw.waitFor(/\r\n\r\n/);
    // The head of a text frame of 1,000,000 bytes.
    raw.write(Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0x0f, 0x42, 0x40, 0, 0, 0, 0]));
    const drip = setInterval(() => raw.write('x'), 10);
    await raw.closed;
    clearInterval(drip);
    await expect.poll(() => broker.stats()).toMatchObject({ peers: 0, silent: 1 });
  });
});
