import { describe, expect, it } from 'vitest';
import { upgradeRequest } from '../../src/peer/handshake.js';
import { type Frame, FrameParser, OPCODE, writeFrame } from '../../src/peer/index.js';
import { startTestBroker } from '../support/broker.js';
import { connectV1, publication, subscriptionsText, TOPIC } from '../support/peers.js';
import { openRaw, type Raw } from '../support/raw.js';
import { dice } from './hostile-messages.js';

/** Bytes that a frame of the broker takes, written as short as it may be. */
function sizeOf({ payload, masked }: Frame): number {
  return payload.length + 2 + (payload.length < 126 ? 0 : payload.length < 65_536 ? 2 : 8) + (masked ? 4 : 0);
}

/** Everything behind the answer to the handshake, as frames; throws when something is left over. */
function framesOf(raw: Raw): readonly Frame[] {
  const stream = raw.bytes.subarray(raw.bytes.indexOf('\r\n\r\n') + 4);
  const frames: Frame[] = [];
  new FrameParser((frame) => frames.push(frame)).push(stream);
  const read = frames.reduce((sum, frame) => sum + sizeOf(frame), 0);
  if (read !== stream.length) throw new Error(`${stream.length - read} bytes of ${stream.length} are no frame`);
  return frames;
}

/** Sends a pong that nobody asked for now and then, as these sockets answer no pings. */
function signsOfLife(raws: readonly Raw[]): AsyncDisposable {
  const timer = setInterval(() => {
    for (const raw of raws) raw.write(writeFrame({ opcode: OPCODE.pong, payload: 'unasked' }));
  }, 20);
  return { [Symbol.asyncDispose]: async () => clearInterval(timer) };
}

describe('what the broker writes to one socket', () => {
  it.each([1, 2, 3, 4])('is whole frames only, whatever is sent to it meanwhile (seed %i)', async (seed) => {
    const roll = dice(seed);
    const notifications = 400;
    await using broker = await startTestBroker({ pingIntervalMs: 100, maxOutboxBytes: 1 << 30, slowReaderTimeoutMs: 60_000 });
    const raws = await Promise.all(Array.from({ length: 4 }, () => openRaw(broker)));
    for (const raw of raws) {
      raw.write(upgradeRequest({ host: 'h', port: 1, subprotocols: seed % 2 ? ['wsn.v1'] : [] }).text);
      raw.write(writeFrame({ opcode: OPCODE.text, payload: subscriptionsText([TOPIC]) }));
    }
    await using _ = signsOfLife(raws);
    await expect.poll(() => broker.stats().registry.memberships).toBe(4);
    await using publisher = await connectV1(broker, { onMessage: () => {} });
    const pings = raws.map(() => [] as string[]);
    for (let data = 1; data <= notifications; data++) {
      publisher.send(publication({ ...TOPIC, data, message: 'm'.repeat(roll(4) === 0 ? roll(70_000) : roll(200)) }));
      for (const [index, raw] of raws.entries()) {
        if (roll(2) === 0) {
          const ping = `${data} ${'p'.repeat(roll(100))}`;
          pings[index]?.push(ping);
          // In two segments now and then, and between the fragments of a message.
          const subscriptions = subscriptionsText([TOPIC]);
          const cut = roll(subscriptions.length);
          raw.write(writeFrame({ opcode: OPCODE.text, fin: false, payload: subscriptions.slice(0, cut) }));
          raw.write(writeFrame({ opcode: OPCODE.ping, payload: ping }));
          raw.write(writeFrame({ opcode: OPCODE.continuation, payload: subscriptions.slice(cut) }));
        }
        if (roll(10) === 0) raw.socket.pause();
        else if (roll(5) === 0) raw.socket.resume();
      }
      if (roll(8) === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await publisher.barrier();
    await expect.poll(() => broker.stats().published).toBe(notifications);
    for (const raw of raws) raw.socket.resume();
    await Promise.all(raws.map((raw) => raw.waitFor(new RegExp(`"data":${notifications},`))));
    for (const raw of raws) raw.write(writeFrame({ opcode: OPCODE.close, payload: Buffer.from([0x03, 0xe8]) }));
    await Promise.all(raws.map((raw) => raw.closed));
    for (const [index, raw] of raws.entries()) {
      const frames = framesOf(raw);
      for (const { fin, rsv, masked } of frames) expect({ fin, rsv, masked }).toEqual({ fin: true, rsv: 0, masked: false });
      const texts = frames.filter(({ opcode }) => opcode === OPCODE.text).map(({ payload }) => JSON.parse(payload.toString()));
      const data = texts.flatMap(({ notification }) => (notification ? [notification.data] : []));
      expect(data).toEqual(Array.from({ length: notifications }, (_, at) => at + 1));
      const pongs = frames.filter(({ opcode }) => opcode === OPCODE.pong).map(({ payload }) => payload.toString());
      expect(pongs).toEqual(pings[index]);
      expect(frames.at(-1)?.opcode).toBe(OPCODE.close);
    }
  });
});
