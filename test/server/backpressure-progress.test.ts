import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { connectSocket, OPCODE, type Peer, upgradeRequest, writeFrame } from '../../src/peer/index.js';
import type { Broker } from '../../src/server/index.js';
import { startTestBroker } from '../support/broker.js';
import { recordingLog } from '../support/log.js';
import { burstText, openOrderedReader } from '../support/ordered-reader.js';
import { connectV1, subscriber, subscriptionsText, TOPIC } from '../support/peers.js';
import { openSluggishReader } from '../support/sluggish-reader.js';

const KIB = 1024;
const NEVER = 3_600_000;
const BOUNDLESS = KIB * KIB * KIB;
const PATIENCE = { timeout: 30_000 };

/** Publishes `count` notifications of `bytes`, each when the one before has its receipt. */
async function publishOneByOne(broker: Broker, count: number, bytes: number): Promise<void> {
  await using publisher = await connectV1(broker);
  for (let number = 1; number <= count; number++) {
    publisher.send(burstText(1, number, bytes));
    await publisher.next({ what: 'a receipt' });
  }
}

async function stuckReader(broker: Broker): Promise<Peer> {
  const peer = await subscriber(broker);
  peer.pause();
  return peer;
}

/** What the log says of the end of the connection that the broker gave up. */
const GIVEN_UP = { code: 1013, by: 'broker' };

describe('a reader that takes nothing', () => {
  it.each([
    ['for too long', { slowReaderTimeoutMs: 300, maxOutboxBytes: BOUNDLESS }, 'took nothing for too long'],
    ['until too much waits for it', { slowReaderTimeoutMs: NEVER, maxOutboxBytes: 64 * KIB }, 'too far behind'],
  ])('%s is cut off without a close frame, counted, and logged with 1013 and the reason (R-4.1)', async (_, limits, reason) => {
    const log = recordingLog();
    await using broker = await startTestBroker({ ...limits, log });
    const stuck = await stuckReader(broker);
    const healthy = await openOrderedReader(broker, 'v1');
    await publishOneByOne(broker, 160, 60 * KIB);
    await expect.poll(() => broker.stats(), PATIENCE).toMatchObject({ tooSlow: 1, silent: 0, registry: { memberships: 1 } });
    await expect.poll(() => log.records.filter(({ fields }) => fields.code === 1013)).toMatchObject([{ fields: { ...GIVEN_UP, reason } }]);
    stuck.resume();
    expect(await stuck.closed).toMatchObject({ code: 1006, clean: false });
    await expect.poll(() => healthy.count, PATIENCE).toBe(160);
    expect(healthy.faults).toEqual([]);
    await healthy.peer[Symbol.asyncDispose]();
  });

  it('is cut off also when each frame alone is larger than the bound (R-4.1)', async () => {
    await using broker = await startTestBroker({ slowReaderTimeoutMs: NEVER, maxOutboxBytes: 64 * KIB });
    const stuck = await stuckReader(broker);
    await publishOneByOne(broker, 20, 700 * KIB);
    await expect.poll(() => broker.stats()).toMatchObject({ tooSlow: 1, registry: { memberships: 0 } });
    await stuck[Symbol.asyncDispose]();
  });
});

describe('a reader that keeps up', () => {
  it.each(['base', 'v1'] as const)('gets frames that are each larger than the bound, with %s (R-2.9)', async (dialect) => {
    await using broker = await startTestBroker({ slowReaderTimeoutMs: NEVER, maxOutboxBytes: 64 * KIB });
    const reader = await openOrderedReader(broker, dialect);
    await using publisher = await connectV1(broker);
    for (let number = 1; number <= 20; number++) {
      publisher.send(burstText(1, number, 700 * KIB));
      await expect.poll(() => reader.count).toBe(number);
    }
    expect(reader.faults).toEqual([]);
    expect(broker.stats().tooSlow).toBe(0);
    await reader.peer[Symbol.asyncDispose]();
  });
});

describe('a reader that takes little by little', () => {
  it('gets everything, and is there long after one that takes nothing has been cut off (R-4.1)', async () => {
    const slowReaderTimeoutMs = 500;
    await using broker = await startTestBroker({ slowReaderTimeoutMs, maxOutboxBytes: BOUNDLESS });
    await using slow = await openSluggishReader(broker, { restMs: 5 });
    const stuck = await stuckReader(broker);
    const healthy = await openOrderedReader(broker, 'v1');
    slow.startResting();
    const start = performance.now();
    await publishOneByOne(broker, 500, 60 * KIB);
    await expect.poll(() => broker.stats().tooSlow, PATIENCE).toBe(1);
    expect(slow.count).toBeLessThan(500);
    await expect.poll(() => slow.count, PATIENCE).toBe(500);
    // 64 KiB at a time, with a rest after each, take longer however fast the machine is.
    expect(performance.now() - start).toBeGreaterThan(3 * slowReaderTimeoutMs);
    await expect.poll(() => healthy.count).toBe(500);
    expect([...slow.faults, ...healthy.faults]).toEqual([]);
    expect(broker.stats()).toMatchObject({ tooSlow: 1, registry: { memberships: 2 } });
    await healthy.peer[Symbol.asyncDispose]();
    await stuck[Symbol.asyncDispose]();
  }, 60_000);

  it.skipIf(!existsSync('/proc/net/tcp'))(
    'outlives many that take nothing also at 1 KiB at a time, where a socket shows no progress (R-4.1)',
    async () => {
      await using broker = await startTestBroker({ slowReaderTimeoutMs: 2000, maxOutboxBytes: BOUNDLESS });
      await using trickle = await openTrickle(broker);
      await expect.poll(() => broker.stats().registry.memberships).toBe(1);
      for (let generation = 1; generation <= 3; generation++) {
        const stuck = await stuckReader(broker);
        await publishOneByOne(broker, 200, 60 * KIB);
        // One after the other, each of them is given the whole time.
        await expect.poll(() => broker.stats(), PATIENCE).toMatchObject({ tooSlow: generation, registry: { memberships: 1 } });
        await stuck[Symbol.asyncDispose]();
      }
      expect(trickle.received).toBeGreaterThan(0);
      expect(trickle.socket.destroyed).toBe(false);
    },
    60_000,
  );
});

/** A subscriber of all that reads 1 KiB, then nothing for 5 ms. */
async function openTrickle(broker: Broker) {
  const trickle = { received: 0 };
  const callback = (length: number) => {
    trickle.received += length;
    return false;
  };
  const onread = { buffer: Buffer.alloc(KIB), callback };
  const socket = connectSocket({ host: '127.0.0.1', port: broker.port, onread }).on('error', () => {});
  await once(socket, 'connect');
  socket.write(upgradeRequest({ host: '127.0.0.1', port: broker.port }).text);
  socket.write(writeFrame({ opcode: OPCODE.text, payload: subscriptionsText([TOPIC]) }));
  const timer = setInterval(() => socket.resume(), 5);
  return Object.assign(trickle, {
    socket,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      socket.destroy();
      if (!socket.closed) await once(socket, 'close');
    },
  });
}
