import { describe, expect, it } from 'vitest';
import type { Broker } from '../../src/server/index.js';
import { startTestBroker } from '../support/broker.js';
import { openOrderedReader } from '../support/ordered-reader.js';
import { type Downpour, startPourers } from '../support/pourers.js';

const KIB = 1024;
const MIB = KIB * KIB;
const PATIENCE = { timeout: 60_000 };

/** Each is about 100 to 200 MB for a reader, far above what its outbox and the kernel take. */
const DOWNPOURS: readonly Downpour[] = [
  { way: 'v1', publishers: 100, count: 1000, bytes: 2000 },
  { way: 'v1', publishers: 100, count: 30, bytes: 64 * KIB },
  { way: 'pinged', publishers: 100, count: 30, bytes: 64 * KIB },
  { way: 'base', publishers: 100, count: 2, bytes: 900 * KIB },
  { way: 'http', publishers: 100, count: 500, bytes: 2000 },
  { way: 'http', publishers: 100, count: 30, bytes: 64 * KIB },
  { way: 'list', publishers: 100, count: 400, bytes: 2000 },
  { way: 'list', publishers: 100, count: 15, bytes: 64 * KIB },
];

/** More than a broker may ever keep. */
const FLOODS: readonly Downpour[] = [
  { way: 'v1', publishers: 100, count: 100, bytes: 64 * KIB },
  { way: 'http', publishers: 100, count: 100, bytes: 64 * KIB },
];

/** Knows the most bytes that buffers have taken more since it began, looked at every few milliseconds. */
function watchMemory(): { readonly most: number } & Disposable {
  const before = process.memoryUsage().arrayBuffers;
  const watched = { most: 0 };
  const timer = setInterval(() => {
    watched.most = Math.max(watched.most, process.memoryUsage().arrayBuffers - before);
  }, 5);
  return Object.assign(watched, { [Symbol.dispose]: () => clearInterval(timer) });
}

/** Looks once a turn of the event loop, until it is disposed of, at how much is published in one; knows the most. */
function watchTurns(broker: Broker): { readonly most: number } & Disposable {
  const watched = { most: 0, isOver: false };
  let before = broker.stats().published;
  const look = (): void => {
    const { published } = broker.stats();
    watched.most = Math.max(watched.most, published - before);
    before = published;
    if (!watched.isOver) setImmediate(look);
  };
  look();
  return Object.assign(watched, {
    [Symbol.dispose]() {
      watched.isOver = true;
    },
  });
}

describe('publishers of another process that pour all at once', () => {
  it.each(DOWNPOURS)(
    'by $way, $count of $bytes bytes each, kill no reader that keeps reading and leave no hole (R-2.9)',
    async (downpour) => {
      await using broker = await startTestBroker();
      const readers = await Promise.all((['v1', 'base', 'v1', 'base'] as const).map((dialect) => openOrderedReader(broker, dialect)));
      await using pourers = await startPourers(broker, downpour);
      const total = downpour.publishers * downpour.count;
      expect(await pourers.pour()).toBe(total);
      const isOver = () => broker.stats().tooSlow > 0 || readers.every(({ count }) => count >= total);
      await expect.poll(isOver, PATIENCE).toBe(true);
      expect(readers.map(({ count }) => count)).toEqual(readers.map(() => total));
      expect(readers.flatMap(({ faults }) => faults)).toEqual([]);
      expect(broker.stats()).toMatchObject({ published: total, tooSlow: 0 });
      for (const { peer } of readers) await peer[Symbol.asyncDispose]();
    },
    90_000,
  );

  it.each(DOWNPOURS.filter(({ bytes }) => bytes > 2000))(
    'by $way, $count of $bytes bytes each, get no more into one turn than a reader may be behind (R-2.9)',
    async (downpour) => {
      const maxOutboxBytes = 4 * MIB;
      await using broker = await startTestBroker({ maxOutboxBytes });
      const reader = await openOrderedReader(broker, 'v1');
      await using pourers = await startPourers(broker, downpour);
      using turns = watchTurns(broker);
      await pourers.pour();
      // Half as much again, for what had been read from the sockets before the broker knew that it is too much.
      expect((turns.most * downpour.bytes) / MIB).toBeLessThan((1.5 * maxOutboxBytes) / MIB);
      await reader.peer[Symbol.asyncDispose]();
    },
    90_000,
  );

  it.each(FLOODS)(
    'by $way, fill no memory with what the broker has not come to (R-2.9)',
    async (downpour) => {
      await using broker = await startTestBroker({ historyNotifications: 0 });
      const reader = await openOrderedReader(broker, 'v1');
      await using pourers = await startPourers(broker, downpour);
      using memory = watchMemory();
      expect(await pourers.pour()).toBe(downpour.publishers * downpour.count);
      // Buffers that wait for the collector are among it; all that was poured is three times as much.
      expect(memory.most / MIB).toBeLessThan((downpour.publishers * downpour.count * downpour.bytes) / MIB / 3);
      await reader.peer[Symbol.asyncDispose]();
    },
    90_000,
  );
});
