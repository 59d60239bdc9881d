import { describe, expect, it } from 'vitest';
import { OPCODE, type Peer, writeFrame } from '../../src/peer/index.js';
import type { Broker } from '../../src/server/index.js';
import { startTestBroker } from '../support/broker.js';
import { ask, connect, connectV1, nextData, notice, publication, publish, subscriber, subscriptionsText, TOPIC } from '../support/peers.js';

const KIB = 1024;
/** Long enough that no reader of a test is ever judged by it. */
const NEVER = { slowReaderTimeoutMs: 3_600_000 };

async function pausedReaders(broker: Broker, count: number): Promise<readonly Peer[]> {
  const readers = await Promise.all(Array.from({ length: count }, () => subscriber(broker)));
  for (const reader of readers) reader.pause();
  return readers;
}

async function disposeAll(peers: readonly Peer[]): Promise<void> {
  for (const peer of peers) await peer[Symbol.asyncDispose]();
}

/** Publishes notices from 1 to `count` with `bytes` of ballast, each after the receipt of the one before. */
async function publishHeavy(broker: Broker, count: number, bytes: number): Promise<void> {
  await using publisher = await connectV1(broker);
  const message = 'm'.repeat(bytes);
  for (let data = 1; data <= count; data++) {
    expect(await ask(publisher, publication({ ...TOPIC, data, message }))).toMatchObject({ receipt: { position: { offset: data } } });
  }
}

describe('readers that do not read', () => {
  it('beyond the bound of their outboxes are destroyed, and a healthy one beside them gets everything (R-4.1)', async () => {
    await using broker = await startTestBroker({ ...NEVER, maxOutboxBytes: 2048 * KIB });
    const stuck = await pausedReaders(broker, 5);
    await using healthy = await subscriber(broker);
    const publishing = publishHeavy(broker, 300, 60 * KIB);
    for (let data = 1; data <= 300; data++) expect(await nextData(healthy)).toBe(data);
    await publishing;
    await expect.poll(() => broker.stats()).toMatchObject({ tooSlow: 5, registry: { memberships: 1 } });
    await publish(broker, notice('fence'));
    expect(await nextData(healthy)).toBe('fence');
    await disposeAll(stuck);
  });

  it('within the bound are destroyed when they take nothing for too long (R-4.1)', async () => {
    await using broker = await startTestBroker({ slowReaderTimeoutMs: 200, maxOutboxBytes: 1024 * KIB * KIB });
    const stuck = await pausedReaders(broker, 5);
    await using healthy = await subscriber(broker);
    const publishing = publishHeavy(broker, 24, 700 * KIB);
    for (let data = 1; data <= 24; data++) expect(await nextData(healthy)).toBe(data);
    await publishing;
    await expect.poll(() => broker.stats().tooSlow, { timeout: 5000 }).toBe(5);
    await publish(broker, notice('fence'));
    expect(await nextData(healthy)).toBe('fence');
    await disposeAll(stuck);
  });

  it('do not delay the receipts of a publisher: all come while they are still there (R-5.7)', async () => {
    await using broker = await startTestBroker({ ...NEVER, maxOutboxBytes: 1024 * KIB * KIB });
    const stuck = await pausedReaders(broker, 5);
    await publishHeavy(broker, 30, 500 * KIB);
    await expect.poll(() => broker.stats()).toMatchObject({ peers: 5, published: 30, delivered: 150, tooSlow: 0 });
    await disposeAll(stuck);
  });

  it('for a while only get everything in order when they go on (R-2.9)', async () => {
    await using broker = await startTestBroker({ ...NEVER, maxOutboxBytes: 1024 * KIB * KIB });
    const [reader] = (await pausedReaders(broker, 1)) as [Peer];
    await publishHeavy(broker, 40, 500 * KIB);
    reader.resume();
    for (let data = 1; data <= 40; data++) expect(await nextData(reader)).toBe(data);
    await reader[Symbol.asyncDispose]();
  });
});

/** What a `wsn.v1` peer may ask for again and again without reading the answers. */
const QUESTIONS: readonly (readonly [what: string, message: string])[] = [
  ['errors', '{'],
  ['receipts', publication({ ...TOPIC, page: 'nobody reads it' })],
  ['answers to subscriptions', subscriptionsText(Array.from({ length: 500 }, (_, index) => ({ package: 'p', page: `${index}` })))],
];

describe('a peer that asks and does not read the answers', () => {
  it.each(QUESTIONS)('is destroyed when too many %s wait for it (R-4.1)', async (_, message) => {
    await using broker = await startTestBroker({ ...NEVER, maxOutboxBytes: 256 * KIB });
    await using peer = await connectV1(broker);
    peer.pause();
    const burst = Buffer.concat(Array(message.length > 1000 ? 10 : 500).fill(writeFrame({ opcode: OPCODE.text, payload: message })));
    for (let count = 0; count < 3000 && broker.stats().tooSlow === 0; count++) {
      peer.bytes(burst);
      await new Promise((resolve) => setImmediate(resolve));
    }
    // A peer that floods is read with a part of the time only, so this takes some.
    await expect.poll(() => broker.stats(), { timeout: 10_000 }).toMatchObject({ tooSlow: 1, peers: 0 });
  });

  it('is destroyed when too much is replayed to it again and again (R-5.4)', async () => {
    await using broker = await startTestBroker({ ...NEVER, maxOutboxBytes: 512 * KIB });
    await publishHeavy(broker, 4, 50 * KIB);
    await using peer = await connectV1(broker);
    const { topics } = (await ask(peer, { sender: 'client', subscriptions: [TOPIC] })).subscribed as unknown as {
      topics: [{ epoch: string }];
    };
    const message = subscriptionsText([TOPIC], { resume: [{ ...TOPIC, epoch: topics[0].epoch, offset: 0 }] });
    peer.pause();
    for (let count = 0; count < 3000 && broker.stats().tooSlow === 0; count++) {
      peer.send(message);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => broker.stats()).toMatchObject({ tooSlow: 1, peers: 0 });
  });

  it('does no harm with pings either: it is cut off, and others are served (R-4.5)', async () => {
    await using broker = await startTestBroker(NEVER);
    await using control = await subscriber(broker);
    await using peer = await connect(broker);
    peer.pause();
    const burst = Buffer.concat(Array(500).fill(writeFrame({ opcode: OPCODE.ping, payload: 'p'.repeat(125) })));
    for (let count = 0; count < 3000 && broker.stats().peers === 2; count++) {
      peer.bytes(burst);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => broker.stats().peers).toBe(1);
    await publish(broker, notice('control'));
    expect(await nextData(control)).toBe('control');
  });
});
