import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { FrameParser } from '../../src/peer/index.js';
import { Flusher } from '../../src/server/flusher.js';
import { encodeMessage, type Frame } from '../../src/server/frame.js';
import { Outbox } from '../../src/server/outbox.js';

/** Both ends of a TCP connection: the broker's with an outbox, the reader's with the offsets that have come. */
interface Line extends AsyncDisposable {
  readonly outbox: Outbox;
  readonly reader: Socket;
  readonly arrived: number[];
  readonly drops: number[];
}

async function openLine(limits: { maxOutboxBytes: number; slowReaderTimeoutMs: number }): Promise<Line> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const reader = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [socket] = (await once(server, 'connection')) as [Socket];
  const flusher = new Flusher(limits);
  const drops: number[] = [];
  const outbox = new Outbox({ drop: (code) => drops.push(code) }, { raw: socket, isOpen: true, ends: undefined }, flusher);
  socket.on('drain', () => outbox.flush());
  const arrived: number[] = [];
  const parser = new FrameParser((frame) => arrived.push(JSON.parse(frame.payload.toString()).mark[0].offset));
  reader.on('data', (chunk) => parser.push(chunk));
  return {
    outbox,
    reader,
    arrived,
    drops,
    async [Symbol.asyncDispose]() {
      flusher.stop();
      socket.destroy();
      reader.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function frameOf(bytes: number, offset: number): Frame {
  return encodeMessage({ kind: 'mark', topics: [{ package: 'x'.repeat(bytes), page: '', epoch: '', offset }] });
}

/** Waits until `isSo`; fails after ten seconds. */
async function until(isSo: () => boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!isSo()) {
    if (performance.now() > end) throw new Error('it did not become so within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const GENEROUS = { maxOutboxBytes: 1024 * 1024 * 1024, slowReaderTimeoutMs: 60_000 };

test('a reader that pauses gets all of it in order when it goes on, and what is finished then is told (R-2.9)', async () => {
  await using line = await openLine(GENEROUS);
  line.reader.pause();
  const count = 300;
  for (let offset = 1; offset <= count; offset++) {
    line.outbox.push(frameOf(offset % 7 === 0 ? 200_000 : 50_000, offset));
    if (offset % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  let isEmptied = false;
  line.outbox.finish(() => {
    isEmptied = true;
  });
  expect(isEmptied).toBe(false);
  expect(line.outbox.pendingBytes).toBeGreaterThan(64 * 1024);
  line.reader.resume();
  await until(() => line.arrived.length === count);
  expect(line.arrived).toEqual(Array.from({ length: count }, (_, index) => index + 1));
  expect(isEmptied).toBe(true);
  expect(line.outbox.pendingBytes).toBe(0);
});

test('a reader that takes nothing is dropped with 1013, one that takes little by little gets everything (R-4.1)', async () => {
  const limits = { ...GENEROUS, slowReaderTimeoutMs: 1000 };
  await using stuck = await openLine(limits);
  await using slow = await openLine(limits);
  const count = 250;
  for (let offset = 1; offset <= count; offset++) for (const { outbox } of [stuck, slow]) outbox.push(frameOf(100_000, offset));
  stuck.reader.pause();
  // Takes a chunk, then rests: all the while more waits for it than its socket takes.
  slow.reader.on('data', () => {
    slow.reader.pause();
    setTimeout(() => slow.reader.resume(), 1);
  });
  await until(() => stuck.drops.length > 0);
  await until(() => slow.arrived.length === count);
  expect(stuck.drops).toEqual([1013]);
  expect(slow.drops).toEqual([]);
});
