import { afterEach, describe, expect, test } from 'vitest';
import { Flusher } from '../../src/server/flusher.js';
import { encodeMessage, type Frame } from '../../src/server/frame.js';
import { Outbox } from '../../src/server/outbox.js';
import { FakeSocket } from './fake-socket.js';

const HANDOVER = 64 * 1024;

const flusher = new Flusher({ maxOutboxBytes: 1_000_000, slowReaderTimeoutMs: 10_000 });
afterEach(() => flusher.stop());

function outboxOf(parts: { socket?: FakeSocket; maxOutboxBytes?: number } = {}): { outbox: Outbox; socket: FakeSocket } {
  const socket = parts.socket ?? new FakeSocket();
  const own = parts.maxOutboxBytes ? new Flusher({ maxOutboxBytes: parts.maxOutboxBytes, slowReaderTimeoutMs: 10_000 }) : flusher;
  return { outbox: new Outbox({ drop: () => {} }, socket, own), socket };
}

/** A frame of just so many bytes, told from others by `name`. */
function frameOf(bytes: number, name = 'x'): Frame {
  const empty = encodeMessage({ kind: 'mark', topics: [{ package: name, page: '', epoch: '', offset: 0 }] });
  const frame = (fill: number): Frame =>
    encodeMessage({ kind: 'mark', topics: [{ package: name, page: 'x'.repeat(fill), epoch: '', offset: 0 }] });
  const guess = frame(bytes - empty.length);
  const made = frame(bytes - empty.length - (guess.length - bytes));
  expect(made.length).toBe(bytes);
  return made;
}

function namesIn(socket: FakeSocket): string[] {
  return socket.messages.map((message) => JSON.parse(message).mark[0].package);
}

describe('handing over', () => {
  test('nothing is written before the end of the turn, then all of it in one write', () => {
    const { outbox, socket } = outboxOf();
    for (const name of ['a', 'b', 'c']) expect(outbox.push(frameOf(100, name))).toBe(true);
    expect(socket.written).toHaveLength(0);
    expect(outbox.pendingBytes).toBe(300);
    outbox.flush();
    expect(socket.written).toHaveLength(1);
    expect(namesIn(socket)).toEqual(['a', 'b', 'c']);
    expect(outbox.pendingBytes).toBe(0);
  });

  test('a frame alone, and a large one among others, is written as it is and not copied', () => {
    const { outbox, socket } = outboxOf();
    const [small, large] = [frameOf(100, 'small'), frameOf(200_000, 'large')];
    outbox.push(small);
    outbox.flush();
    outbox.push(small);
    outbox.push(large);
    outbox.push(small);
    outbox.flush();
    expect(socket.written[0]).toBe(small);
    expect(socket.written).toContain(large);
    expect(namesIn(socket)).toEqual(['small', 'small', 'large', 'small']);
  });

  test('it stops when the socket holds 64 KiB, and goes on where it stopped when the kernel has taken them', () => {
    const { outbox, socket } = outboxOf();
    socket.takesNothing = true;
    for (let index = 0; index < 200; index++) expect(outbox.push(frameOf(1000, `${index}`))).toBe(true);
    outbox.flush();
    const held = socket.writableLength;
    expect(held).toBeGreaterThanOrEqual(HANDOVER);
    expect(held).toBeLessThan(2 * HANDOVER);
    expect(outbox.pendingBytes).toBe(200_000);
    outbox.flush();
    expect(socket.writableLength).toBe(held);
    for (let rounds = 0; outbox.pendingBytes > 0 && rounds < 10; rounds++) {
      socket.take();
      outbox.flush();
    }
    expect(namesIn(socket)).toEqual(Array.from({ length: 200 }, (_, index) => `${index}`));
  });

  test('a socket that takes everything gets a burst within the turn, so that it is not held against the peer', () => {
    const { outbox, socket } = outboxOf({ maxOutboxBytes: 100_000 });
    for (let index = 0; index < 1000; index++) expect(outbox.push(frameOf(1000, `${index}`))).toBe(true);
    expect(outbox.pendingBytes).toBeLessThanOrEqual(HANDOVER);
    outbox.flush();
    expect(namesIn(socket)).toHaveLength(1000);
  });

  test('what does not fill 64 KiB is not cut off from what follows', () => {
    const { outbox, socket } = outboxOf();
    outbox.push(frameOf(40_000, 'a'));
    outbox.push(frameOf(20_000, 'b'));
    outbox.push(frameOf(20_000, 'c'));
    outbox.flush();
    expect(namesIn(socket)).toEqual(['a', 'b', 'c']);
    expect(socket.written.every((bytes) => bytes.length <= HANDOVER)).toBe(true);
  });
});

describe('the bound', () => {
  test('push says false as soon as more waits than is allowed, what the socket holds included', () => {
    const { outbox, socket } = outboxOf({ maxOutboxBytes: 100_000 });
    socket.takesNothing = true;
    let pushed = 0;
    while (outbox.push(frameOf(1000)) && pushed < 1000) {
      outbox.flush();
      pushed++;
    }
    expect(pushed).toBe(100);
    expect(outbox.pendingBytes).toBe(101_000);
  });

  test('just as much as is allowed is not too much', () => {
    const { outbox, socket } = outboxOf({ maxOutboxBytes: 70_000 });
    socket.writableLength = 69_000;
    expect(outbox.push(frameOf(1000))).toBe(true);
    expect(outbox.push(frameOf(100))).toBe(false);
  });

  test('a frame that finds nothing before it is never too much, however large', () => {
    const { outbox, socket } = outboxOf({ maxOutboxBytes: 65_536 });
    socket.takesNothing = true;
    expect(outbox.push(frameOf(200_000))).toBe(true);
    expect(outbox.push(frameOf(100))).toBe(false);
  });
});

describe('the end', () => {
  test('finish writes what waits and then calls, once, at once if the socket takes it', () => {
    const { outbox, socket } = outboxOf();
    outbox.push(frameOf(100, 'last'));
    const written: number[] = [];
    outbox.finish(() => written.push(socket.written.length));
    expect(written).toEqual([1]);
    outbox.flush();
    expect(written).toEqual([1]);
  });

  test('finish calls only when the last frame has been handed over', () => {
    const { outbox, socket } = outboxOf();
    socket.takesNothing = true;
    for (let index = 0; index < 200; index++) outbox.push(frameOf(1000, `${index}`));
    let calls = 0;
    outbox.finish(() => calls++);
    for (let rounds = 0; outbox.pendingBytes > socket.writableLength && rounds < 10; rounds++) {
      expect(calls).toBe(0);
      socket.take();
      outbox.flush();
    }
    expect(calls).toBe(1);
    expect(namesIn(socket)).toHaveLength(200);
  });

  test('what is pushed after finish is not sent, and is no reason to drop the peer', () => {
    const { outbox, socket } = outboxOf({ maxOutboxBytes: 65_536 });
    outbox.finish(() => {});
    expect(outbox.push(frameOf(100_000))).toBe(true);
    outbox.flush();
    expect(socket.written).toHaveLength(0);
  });

  test('nothing is written once a close frame has been, and what waited is forgotten', () => {
    const { outbox, socket } = outboxOf();
    outbox.push(frameOf(100));
    socket.isOpen = false;
    outbox.flush();
    outbox.push(frameOf(100));
    outbox.flush();
    expect(socket.written).toHaveLength(0);
    expect(outbox.pendingBytes).toBe(0);
  });

  test('finish calls also when the socket was closed before', () => {
    const { outbox, socket } = outboxOf();
    outbox.push(frameOf(100));
    socket.isOpen = false;
    let calls = 0;
    outbox.finish(() => calls++);
    expect(calls).toBe(1);
    expect(socket.written).toHaveLength(0);
  });

  test('discard forgets what waits and who wanted to know when it has left', () => {
    const { outbox, socket } = outboxOf();
    socket.takesNothing = true;
    for (let index = 0; index < 200; index++) outbox.push(frameOf(1000));
    let calls = 0;
    outbox.finish(() => calls++);
    const before = socket.written.length;
    outbox.discard();
    socket.take();
    outbox.flush();
    expect(outbox.pendingBytes).toBe(0);
    expect(outbox.push(frameOf(100))).toBe(true);
    outbox.flush();
    expect(socket.written).toHaveLength(before);
    expect(calls).toBe(0);
  });
});
