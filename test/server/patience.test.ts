import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Flusher } from '../../src/server/flusher.js';
import { encodeMessage, type Frame } from '../../src/server/frame.js';
import { Outbox } from '../../src/server/outbox.js';
import { FakeSocket } from './fake-socket.js';

const MIB = 1024 * 1024;
const LIMITS = { maxOutboxBytes: 4 * MIB, slowReaderTimeoutMs: 10_000 };

function frameOf(bytes: number): Frame {
  return encodeMessage({ kind: 'mark', topics: [{ package: 'x'.repeat(bytes), page: '', epoch: '', offset: 0 }] });
}

/** A flusher and one reader that is 2 MiB behind: half of what it may be. */
function behind(): { flusher: Flusher; outbox: Outbox; socket: FakeSocket } {
  const flusher = new Flusher(LIMITS);
  const socket = new FakeSocket();
  socket.takesNothing = true;
  const outbox = new Outbox({ drop: () => {} }, socket, flusher);
  for (let count = 0; count < 32; count++) outbox.push(frameOf(64 * 1024));
  outbox.flush();
  return { flusher, outbox, socket };
}

beforeEach(() => vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] }));
afterEach(() => vi.useRealTimers());

describe('publishers', () => {
  test('wait for nobody while everybody keeps up', () => {
    const flusher = new Flusher(LIMITS);
    vi.advanceTimersByTime(10);
    expect(flusher.isBehind).toBe(false);
    flusher.stop();
  });

  test('wait only a moment for a reader that never takes anything, once (R-4.1)', () => {
    const { flusher } = behind();
    const waited = Array.from({ length: 100 }, () => {
      vi.advanceTimersByTime(50);
      return flusher.isBehind;
    });
    expect(waited.slice(0, 4)).toEqual([true, true, true, true]);
    expect(waited.slice(4)).not.toContain(true);
    flusher.stop();
  });

  test('wait for a reader that is far behind and keeps taking, until it is not far behind any more', () => {
    const { flusher, outbox, socket } = behind();
    const waited: boolean[] = [];
    for (let step = 0; step < 20; step++) {
      vi.advanceTimersByTime(100);
      socket.take();
      outbox.flush();
      waited.push(flusher.isBehind);
    }
    expect(waited[0]).toBe(true);
    // From 2 MiB down to 1 MiB, 64 KiB in a step.
    expect(waited.indexOf(false)).toBeGreaterThanOrEqual(14);
    expect(waited.at(-1)).toBe(false);
    flusher.stop();
  });

  test('wait no longer than four seconds in all for a reader that takes too little to come nearer, and a fifth of the time later', () => {
    const { flusher, outbox, socket } = behind();
    /** How many of so many looks, 20 ms apart, find publishers waiting. */
    const waits = (looks: number): number => {
      let count = 0;
      for (let look = 0; look < looks; look++) {
        vi.advanceTimersByTime(20);
        socket.take();
        outbox.flush();
        outbox.push(frameOf(64 * 1024));
        if (flusher.isBehind) count++;
      }
      return count;
    };
    expect(waits(150)).toBe(150);
    waits(150);
    const later = waits(500);
    expect(later).toBeGreaterThan(0);
    expect(later).toBeLessThan(150);
    flusher.stop();
  });

  test('do not wait for a reader that is gone', () => {
    const { flusher, outbox } = behind();
    vi.advanceTimersByTime(10);
    expect(flusher.isBehind).toBe(true);
    outbox.discard();
    vi.advanceTimersByTime(10);
    expect(flusher.isBehind).toBe(false);
    flusher.stop();
  });
});
