import * as fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Entry } from '../../src/server/entry.js';
import { ReplayFrames } from '../../src/server/replay-frames.js';

afterEach(() => vi.useRealTimers());

function entries(count: number, bytes = 300): Entry[] {
  return Array.from({ length: count }, (_, index) => ({
    topic: { package: 'p', page: 'q' },
    filters: {},
    values: 1,
    payload: Buffer.alloc(bytes, index),
    position: { epoch: 'e', offset: index + 1 },
    at: 0,
    sequence: 0,
  }));
}

function joinedOf(frames: ReplayFrames, missed: readonly Entry[]): readonly Buffer[] {
  return frames.joined(missed.map((entry) => frames.of(entry)));
}

/** How many bytes of `one` are the very buffers of `other`. */
function sharedBytes(one: readonly Buffer[], other: readonly Buffer[]): number {
  return one.filter((buffer) => other.includes(buffer)).reduce((sum, { length }) => sum + length, 0);
}

describe('what several have missed', () => {
  test('is joined once for all who missed the same', () => {
    const frames = new ReplayFrames();
    const missed = entries(500);
    const first = joinedOf(frames, missed);
    expect(first.length).toBeLessThan(20);
    expect(joinedOf(frames, missed).every((buffer, index) => buffer === first[index])).toBe(true);
  });

  test.each([
    ['small', 300],
    ['of some kilobytes', 5000],
  ])('is shared from soon after the place where who missed less begins: %s', (_, bytes) => {
    const frames = new ReplayFrames();
    const missed = entries(Math.ceil(1_000_000 / bytes), bytes);
    const all = joinedOf(frames, missed);
    for (const start of [1, 7, 50, 100]) {
      const later = joinedOf(frames, missed.slice(start));
      const total = later.reduce((sum, { length }) => sum + length, 0);
      expect(total - sharedBytes(later, all)).toBeLessThan(200_000);
    }
  });

  test('is each time what it is, whoever missed what before', () => {
    const missed = entries(60, 3000);
    const subset = fc.subarray(missed, { minLength: 1 });
    fc.assert(
      fc.property(fc.array(subset, { minLength: 1, maxLength: 5 }), (asked) => {
        const frames = new ReplayFrames();
        for (const some of asked) {
          const plain = some.map((entry) => new ReplayFrames().of(entry));
          expect(Buffer.concat(joinedOf(frames, some)).equals(Buffer.concat(plain))).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('is forgotten after a second, and when it is more than 16 MiB with what was joined of it', () => {
    vi.useFakeTimers();
    const frames = new ReplayFrames();
    const missed = entries(100);
    const first = joinedOf(frames, missed);
    vi.advanceTimersByTime(999);
    expect(sharedBytes(joinedOf(frames, missed), first)).toBeGreaterThan(0);
    vi.advanceTimersByTime(1);
    const second = joinedOf(frames, missed);
    expect(sharedBytes(second, first)).toBe(0);
    // 9 MiB, and as much again when they are joined.
    joinedOf(frames, entries(900, 10 * 1024));
    expect(sharedBytes(joinedOf(frames, missed), second)).toBe(0);
  });
});
