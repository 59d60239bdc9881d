import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Outbox } from '../../src/server/outbox.js';
import { SlowReaders } from '../../src/server/slow-readers.js';

/** What the kernel holds for the reader, and how long it takes to say so. */
const kernel = vi.hoisted(() => ({ queued: 100_000 as number | undefined, answerMs: 100 }));

vi.mock('../../src/server/kernel-queue.js', () => ({
  kernelQueues: async (connections: readonly unknown[]) => {
    await new Promise((resolve) => setTimeout(resolve, kernel.answerMs));
    return connections.map(() => kernel.queued);
  },
}));

const ENDS = { localPort: 1, remoteAddress: '127.0.0.1', remotePort: 2 };
const TIMEOUT_MS = 2000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A reader whose socket shows no progress at all. */
function watchReader(ends: typeof ENDS | undefined = ENDS) {
  const drop = vi.fn();
  const readers = new SlowReaders(TIMEOUT_MS);
  readers.watch({ takenBytes: 0, socketBytes: 50_000, ends, owner: { drop } } as unknown as Outbox);
  return drop;
}

describe('a reader whose socket shows no progress', () => {
  it('is not dropped before the kernel, which is asked rarely where its list is long, has been asked twice (R-4.1)', async () => {
    kernel.queued = 100_000;
    const drop = watchReader();
    for (let second = 0; second < 20; second++) {
      await vi.advanceTimersByTimeAsync(1000);
      kernel.queued -= 1000;
    }
    expect(drop).not.toHaveBeenCalled();
  });

  it('is dropped when the kernel holds as much as before (R-4.1)', async () => {
    kernel.queued = 100_000;
    const drop = watchReader();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(drop).toHaveBeenCalledOnce();
  });

  it.each([
    ['the kernel does not list it', ENDS],
    ['its ends are not known', undefined],
  ])('is dropped in time where %s (R-4.1)', async (_, ends) => {
    kernel.queued = undefined;
    const drop = watchReader(ends);
    await vi.advanceTimersByTimeAsync(TIMEOUT_MS * 1.5);
    expect(drop).toHaveBeenCalledOnce();
  });
});
