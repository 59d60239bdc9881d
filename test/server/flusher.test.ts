import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Flushable, Flusher } from '../../src/server/flusher.js';
import { encodeMessage, type Frame } from '../../src/server/frame.js';
import { Outbox } from '../../src/server/outbox.js';
import { FakeSocket } from './fake-socket.js';

const LIMITS = { maxOutboxBytes: 64 * 1024 * 1024, slowReaderTimeoutMs: 10_000 };

/** An outbox with the codes with which its peer was dropped. */
function outboxOf(flusher: Flusher, socket = new FakeSocket()): { outbox: Outbox; socket: FakeSocket; drops: number[] } {
  const drops: number[] = [];
  return { outbox: new Outbox({ drop: (code) => drops.push(code) }, socket, flusher), socket, drops };
}

function frameOf(bytes: number, offset = 0): Frame {
  return encodeMessage({ kind: 'mark', topics: [{ package: 'x'.repeat(bytes), page: '', epoch: '', offset }] });
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('a turn of the event loop', () => {
  test('ends with one write for each peer that got frames, in the order of their pushes', async () => {
    const flusher = new Flusher(LIMITS);
    const peers = Array.from({ length: 5 }, () => outboxOf(flusher));
    for (let offset = 0; offset < 64; offset++) for (const { outbox } of peers.slice(1)) outbox.push(frameOf(10, offset));
    await nextTurn();
    expect(peers.map(({ socket }) => socket.written.length)).toEqual([0, 1, 1, 1, 1]);
    expect(peers[1]?.socket.messages.map((message) => JSON.parse(message).mark[0].offset)).toEqual([...Array(64).keys()]);
    flusher.stop();
  });

  test('peers that wait for the same frames share one concatenation, others have their own', async () => {
    const flusher = new Flusher(LIMITS);
    const peers = Array.from({ length: 6 }, () => outboxOf(flusher));
    const frames = [frameOf(10, 1), frameOf(10, 2)];
    for (const frame of frames) for (const { outbox } of peers) outbox.push(frame);
    peers[5]?.outbox.push(frameOf(10, 3));
    await nextTurn();
    const written = peers.map(({ socket }) => socket.written[0]);
    expect(new Set(written.slice(0, 5)).size).toBe(1);
    expect(written[0]?.equals(Buffer.concat(frames))).toBe(true);
    expect(written[5]).not.toBe(written[0]);
    flusher.stop();
  });

  test('frames that are equal but not the same are never taken for each other', () => {
    const flusher = new Flusher(LIMITS);
    const [one, other] = [frameOf(10, 1), frameOf(10, 2)];
    const joined = flusher.join([one, one]);
    expect(flusher.join([one, other]).equals(Buffer.concat([one, other]))).toBe(true);
    expect(flusher.join([one, one, one]).length).toBe(3 * one.length);
    expect(joined.equals(Buffer.concat([one, one]))).toBe(true);
  });

  test('what is pushed while outboxes are flushed leaves in the next turn', async () => {
    const flusher = new Flusher(LIMITS);
    const late = outboxOf(flusher);
    const socket = new FakeSocket();
    const write = socket.write.bind(socket);
    socket.write = (bytes) => {
      write(bytes);
      late.outbox.push(frameOf(10));
    };
    outboxOf(flusher, socket).outbox.push(frameOf(10));
    await nextTurn();
    expect(late.socket.written).toHaveLength(0);
    await nextTurn();
    expect(late.socket.written).toHaveLength(1);
    flusher.stop();
  });

  test('nothing is flushed after the stop', async () => {
    const flusher = new Flusher(LIMITS);
    const { outbox, socket } = outboxOf(flusher);
    outbox.push(frameOf(10));
    flusher.stop();
    await nextTurn();
    await nextTurn();
    expect(socket.written).toHaveLength(0);
  });
});

describe('100,000 outboxes', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }));
  afterEach(() => vi.useRealTimers());

  test('do not keep others from their turn: they are flushed in slices, each once, those that wait longest first', async () => {
    const flusher = new Flusher(LIMITS);
    const frame = frameOf(10);
    const flushed: number[] = [];
    for (let index = 0; index < 100_000; index++) {
      const socket = new FakeSocket();
      socket.write = () => {
        flushed.push(index);
        // So that a slice of 5 ms is about 50 outboxes, on whatever machine this runs.
        if (index < 10_000) vi.advanceTimersByTime(0.1);
      };
      outboxOf(flusher, socket).outbox.push(frame);
    }
    await nextTurn();
    expect(flushed.length).toBeGreaterThanOrEqual(32);
    expect(flushed.length).toBeLessThanOrEqual(96);
    const seen = [flushed.length];
    while (flushed.length < 100_000 && seen.length < 1000) {
      await nextTurn();
      seen.push(flushed.length);
    }
    expect(seen.length).toBeGreaterThan(100);
    expect(flushed).toEqual([...Array(100_000).keys()]);
    flusher.stop();
  });
});

describe('one that is never done', () => {
  test('keeps nobody from being flushed: it goes on behind those who have had no turn', async () => {
    const flusher = new Flusher(LIMITS);
    let turns = 0;
    // As an audience of many does that gets a frame in each turn: each slice ends before all is written.
    const endless: Flushable = {
      flush(slice) {
        turns++;
        while (!slice.isOver());
        return false;
      },
    };
    flusher.schedule(endless);
    const { outbox, socket } = outboxOf(flusher);
    outbox.push(frameOf(10));
    for (let turn = 0; turn < 4 && socket.written.length === 0; turn++) await nextTurn();
    expect(socket.written).toHaveLength(1);
    expect(turns).toBeLessThan(4);
    flusher.stop();
  });
});

describe('a reader', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] }));
  afterEach(() => vi.useRealTimers());

  /** A peer whose socket holds what the kernel does not take, and much more behind it. */
  function stuck(flusher: Flusher, frames = 3000): ReturnType<typeof outboxOf> {
    const peer = outboxOf(flusher);
    peer.socket.takesNothing = true;
    for (let index = 0; index < frames; index++) peer.outbox.push(frameOf(1000));
    peer.outbox.flush();
    return peer;
  }

  test('that takes nothing for slowReaderTimeoutMs is dropped with 1013, once, and not sooner (R-4.1)', () => {
    const flusher = new Flusher(LIMITS);
    const { drops } = stuck(flusher);
    vi.advanceTimersByTime(9_999);
    expect(drops).toEqual([]);
    vi.advanceTimersByTime(1_002);
    expect(drops).toEqual([1013]);
    vi.advanceTimersByTime(60_000);
    expect(drops).toEqual([1013]);
    flusher.stop();
  });

  test.each([10, 57, 500])('that takes nothing is dropped in time with a bound of %i ms, too', (slowReaderTimeoutMs) => {
    const flusher = new Flusher({ ...LIMITS, slowReaderTimeoutMs });
    const { drops } = stuck(flusher);
    vi.advanceTimersByTime(slowReaderTimeoutMs - 1);
    expect(drops).toEqual([]);
    vi.advanceTimersByTime(slowReaderTimeoutMs * 0.3 + 11);
    expect(drops).toEqual([1013]);
    flusher.stop();
  });

  test('that gets stuck just before a look at others has its whole time, too', () => {
    const flusher = new Flusher(LIMITS);
    stuck(flusher);
    vi.advanceTimersByTime(999);
    const { drops } = stuck(flusher);
    vi.advanceTimersByTime(9_999);
    expect(drops).toEqual([]);
    vi.advanceTimersByTime(1_002);
    expect(drops).toEqual([1013]);
    flusher.stop();
  });

  test('that takes a little now and then stays', () => {
    const flusher = new Flusher(LIMITS);
    const { outbox, socket, drops } = stuck(flusher);
    for (let step = 0; step < 20; step++) {
      vi.advanceTimersByTime(9_000);
      socket.take(10);
      outbox.flush();
    }
    expect(drops).toEqual([]);
    flusher.stop();
  });

  test('whose socket is full again with just as much at every look stays: it is taking', () => {
    const flusher = new Flusher(LIMITS);
    const { outbox, socket, drops } = stuck(flusher);
    const held: number[] = [];
    for (let step = 0; step < 20; step++) {
      socket.take();
      outbox.flush();
      held.push(socket.writableLength);
      vi.advanceTimersByTime(1_000);
    }
    expect(new Set(held).size).toBe(1);
    expect(drops).toEqual([]);
    flusher.stop();
  });

  test('that takes nothing is dropped, however many pings and pongs are written behind what it does not take (R-4.1)', () => {
    const flusher = new Flusher(LIMITS);
    const { socket, drops } = stuck(flusher);
    for (let step = 0; step < 12; step++) {
      socket.writableLength += 2;
      vi.advanceTimersByTime(1_000);
    }
    expect(drops).toEqual([1013]);
    flusher.stop();
  });

  test('that has taken everything is no longer watched, and watched anew when it gets stuck later', () => {
    const flusher = new Flusher(LIMITS);
    const { outbox, socket, drops } = stuck(flusher, 3);
    vi.advanceTimersByTime(9_000);
    socket.take();
    vi.advanceTimersByTime(1_000);
    outbox.push(frameOf(10));
    outbox.flush();
    vi.advanceTimersByTime(9_500);
    expect(drops).toEqual([]);
    vi.advanceTimersByTime(1_600);
    expect(drops).toEqual([1013]);
    flusher.stop();
  });

  test('is not blamed when it was the broker that stood still', () => {
    const flusher = new Flusher(LIMITS);
    const { outbox, socket, drops } = stuck(flusher);
    vi.advanceTimersByTime(1_000);
    // The clock jumps, as when the process was suspended: one look is late, and the kernel has long taken all of it.
    const now = performance.now();
    const jump = vi.spyOn(performance, 'now').mockImplementation(() => now + 60_000);
    vi.advanceTimersByTime(1_000);
    jump.mockRestore();
    expect(drops).toEqual([]);
    socket.take();
    outbox.flush();
    flusher.stop();
  });

  test('that is gone is not watched any more, whatever its socket held', () => {
    const flusher = new Flusher(LIMITS);
    const { outbox, socket, drops } = stuck(flusher);
    outbox.push(frameOf(10));
    outbox.discard();
    socket.isOpen = false;
    // Its outbox had asked to be flushed in this turn.
    outbox.flush();
    vi.advanceTimersByTime(60_000);
    expect(drops).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
    flusher.stop();
  });

  test('costs no timer when nobody is stuck', () => {
    const flusher = new Flusher(LIMITS);
    expect(vi.getTimerCount()).toBe(0);
    const peers = [stuck(flusher, 3), stuck(flusher, 3)];
    expect(vi.getTimerCount()).toBe(1);
    for (const { socket } of peers) socket.take();
    vi.advanceTimersByTime(1_000);
    expect(vi.getTimerCount()).toBe(0);
    flusher.stop();
  });

  test('of one large frame, whose progress is not seen before all of it is taken, gets the time for each 256 KiB of it (R-4.1)', () => {
    const flusher = new Flusher(LIMITS);
    const { outbox, socket, drops } = outboxOf(flusher);
    socket.takesNothing = true;
    outbox.push(frameOf(1_000_000));
    outbox.flush();
    vi.advanceTimersByTime(39_000);
    expect(drops).toEqual([]);
    vi.advanceTimersByTime(6_000);
    expect(drops).toEqual([1013]);
    flusher.stop();
  });
});
