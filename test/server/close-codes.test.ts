import { afterEach, describe, expect, it, vi } from 'vitest';
import { closePayload, type FrameSpec, OPCODE, type Peer, writeFrame } from '../../src/peer/index.js';
import { ProtocolError } from '../../src/protocol/index.js';
import { Fanout } from '../../src/server/fanout.js';
import { MemoryFeed } from '../../src/server/feed/memory.js';
import { startTestBroker } from '../support/broker.js';
import { recordingLog } from '../support/log.js';
import { connect, notice, publication, publish, subscriber, subscriptionsText, TOPIC } from '../support/peers.js';

afterEach(() => vi.restoreAllMocks());

const text = OPCODE.text;
const half = { opcode: text, fin: false, payload: '{"sender":' };

/** Frames that end a connection, and the code that it ends with. */
const FRAMES: readonly (readonly [what: string, code: number, frames: readonly FrameSpec[]])[] = [
  ['a frame without a mask', 1002, [{ opcode: text, payload: '{}', mask: false }]],
  ['the first reserved bit, which permessage-deflate would have', 1002, [{ opcode: text, payload: '{}', rsv: 4 }]],
  ['the second reserved bit', 1002, [{ opcode: text, payload: '{}', rsv: 2 }]],
  ['the third reserved bit', 1002, [{ opcode: text, payload: '{}', rsv: 1 }]],
  ['the reserved opcode 3', 1002, [{ opcode: 3 }]],
  ['the reserved opcode 11', 1002, [{ opcode: 11 }]],
  ['a ping in fragments', 1002, [{ opcode: OPCODE.ping, fin: false }]],
  ['a ping of 126 bytes', 1002, [{ opcode: OPCODE.ping, payload: 'p'.repeat(126) }]],
  ['a ping whose length is written long', 1002, [{ opcode: OPCODE.ping, payload: 'p', lengthForm: 16 }]],
  ['a close frame of 126 bytes', 1002, [{ opcode: OPCODE.close, payload: closePayload(1000, 'r'.repeat(124)) }]],
  ['a close frame of one byte', 1002, [{ opcode: OPCODE.close, payload: 'x' }]],
  ['a close frame with a code that nobody may send', 1002, [{ opcode: OPCODE.close, payload: closePayload(1006) }]],
  ['a continuation of nothing', 1002, [{ opcode: OPCODE.continuation, payload: '{}' }]],
  ['a new message within another', 1002, [half, { opcode: text, payload: '{}' }]],
  ['a binary message', 1003, [{ opcode: OPCODE.binary, payload: '{"sender":"client","subscriptions":[]}' }]],
  ['an empty binary message', 1003, [{ opcode: OPCODE.binary }]],
  ['text that is not UTF-8', 1007, [{ opcode: text, payload: Buffer.from([0x22, 0xff, 0x22]) }]],
  ['text with half a surrogate pair in UTF-8', 1007, [{ opcode: text, payload: Buffer.from([0xed, 0xa0, 0x80]) }]],
  ['text whose character is never completed', 1007, [half, { opcode: OPCODE.continuation, payload: Buffer.from([0xc3]) }]],
  ['a reason that is not UTF-8', 1007, [{ opcode: OPCODE.close, payload: Buffer.from([0x03, 0xe8, 0xff]) }]],
  ['a frame that is too long', 1009, [{ opcode: text, payload: 'x'.repeat(1025) }]],
  [
    'fragments that are too long together',
    1009,
    [
      { opcode: text, fin: false, payload: 'x'.repeat(1000) },
      { opcode: OPCODE.continuation, payload: 'x'.repeat(25) },
    ],
  ],
];

describe('what a peer sends', () => {
  it.each(FRAMES)('%s: is closed with %i (R-4.1)', async (_, code, frames) => {
    await using broker = await startTestBroker({ maxMessageBytes: 1024 });
    await using peer = await subscriber(broker);
    for (const frame of frames) peer.frame(frame);
    expect(await peer.closed).toMatchObject({ code, kind: 'close-frame' });
    await expect.poll(() => broker.stats().peers).toBe(0);
  });

  it('a broken frame: is logged as the end that the broker made of it, with its code (R-4.1)', async () => {
    const log = recordingLog();
    await using broker = await startTestBroker({ log });
    await using peer = await subscriber(broker);
    peer.frame({ opcode: text, payload: Buffer.from([0x22, 0xff, 0x22]) });
    await peer.closed;
    await expect.poll(() => log.find('disconnected')).toMatchObject({ code: 1007, by: 'broker' });
  });

  it('a frame that only says that it is too long: is closed with 1009 at once (R-4.1)', async () => {
    await using broker = await startTestBroker();
    await using peer = await connect(broker);
    peer.bytes(Buffer.from([0x81, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4]));
    expect((await peer.closed).code).toBe(1009);
  });

  it('a message of exactly the length that is taken: is not closed for it (R-4.1)', async () => {
    await using broker = await startTestBroker({ maxMessageBytes: 1024 });
    await using peer = await connect(broker);
    peer.send(subscriptionsText([TOPIC]).padEnd(1024));
    await peer.barrier();
    expect(broker.stats().registry.memberships).toBe(1);
  });

  it.each([
    [1000, 1000],
    [1001, 1001],
    [4999, 4999],
    [undefined, 1005],
  ])('a close frame with %s: is answered with the same (R-4.1)', async (code, seen) => {
    await using broker = await startTestBroker();
    await using peer = await connect(broker);
    expect(await peer.close(code)).toMatchObject({ code: seen, clean: true });
  });
});

/** Invalid messages, what a base peer is closed with, and how the reason begins. */
const MESSAGES: readonly (readonly [what: string, message: string, code: number, reason: RegExp])[] = [
  ['no JSON', '{', 4400, /./],
  ['a JSON string', '"x"', 4400, /./],
  ['no sender', '{"subscriptions":[]}', 4400, /^\/sender: expected /],
  ['no payload', '{"sender":"client"}', 4400, /^\/subscriptions: expected /],
  ['a wrong subscription', subscriptionsText([TOPIC, { package: 'p' }]), 4400, /^\/subscriptions\/1\/page: expected /],
  ['a wrong filter', subscriptionsText([{ ...TOPIC, filters: [1] }]), 4400, /^\/subscriptions\/0\/filters: expected /],
  ['a wrong notification', publication({ page: 'q' }), 4400, /^\/notification\/package: expected /],
  ['a name twice', '{"sender":"client","sender":"client","subscriptions":[]}', 4400, /^\/sender: expected /],
  ['too many subscriptions', subscriptionsText(Array(1001).fill(TOPIC)), 4429, /^\/subscriptions: expected at most 1000/],
];

describe('a base peer', () => {
  it.each(MESSAGES)('that sends %s is told so in the close (R-4.3)', async (_, message, code, reason) => {
    await using broker = await startTestBroker();
    await using peer = await connect(broker);
    peer.send(message);
    expect(await peer.closed).toMatchObject({ code, reason: expect.stringMatching(reason), clean: true });
  });

  it('that may not publish is closed with 4403 and the option that would allow it (R-7.1)', async () => {
    await using broker = await startTestBroker();
    await using peer = await connect(broker, { headers: { Origin: 'null' } });
    peer.send(publication(notice(1)));
    expect(await peer.closed).toMatchObject({ code: 4403, reason: expect.stringContaining('--allow-publish') });
    expect(broker.stats().published).toBe(0);
  });

  it('is closed with 1011 when the broker itself fails, and may hear nothing of why (R-4.1)', async () => {
    await using broker = await startTestBroker();
    vi.spyOn(Fanout.prototype, 'deliver').mockImplementationOnce(() => {
      throw new TypeError('secret internals');
    });
    expect(await publish(broker, notice(1))).toMatchObject({ code: 1011, reason: expect.not.stringContaining('secret') });
    expect((await publish(broker, notice(2))).code).toBe(1000);
  });

  it('is closed with 1013, never with 1000, when its notification cannot be logged (R-2.10)', async () => {
    await using broker = await startTestBroker();
    vi.spyOn(MemoryFeed.prototype, 'append').mockImplementationOnce((_, settled) =>
      settled({ kind: 'failed', error: new ProtocolError('unavailable', 'the log cannot be written') }),
    );
    expect(await publish(broker, notice(1))).toMatchObject({ code: 1013, reason: 'the log cannot be written' });
  });

  it('is closed with 1001 when the broker shuts down (R-4.1)', async () => {
    await using broker = await startTestBroker();
    await using peer = await subscriber(broker);
    await broker.close();
    expect(await peer.closed).toMatchObject({ code: 1001, clean: true });
  });

  it('that reads too slowly is destroyed, with 1013 in the log (R-4.1)', async () => {
    const log = recordingLog();
    await using broker = await startTestBroker({ log, maxOutboxBytes: 64 * 1024 });
    await using peer = await subscriber(broker);
    peer.pause();
    await floodUntilGone(broker);
    expect(log.find('disconnected')).toMatchObject({ code: 1013, by: 'broker' });
    expect(broker.stats()).toMatchObject({ tooSlow: 1, silent: 0 });
    peer.resume();
    expect((await peer.closed).code).toBe(1006);
  });

  it('that gives no sign of life is destroyed, with 4408 in the log (R-4.5)', async () => {
    const log = recordingLog();
    await using broker = await startTestBroker({ log, pingIntervalMs: 20 });
    await using peer = await connect(broker, { answerPings: false });
    expect((await peer.closed).code).toBe(1006);
    await expect.poll(() => log.find('disconnected')).toMatchObject({ code: 4408, by: 'broker' });
    expect(broker.stats()).toMatchObject({ silent: 1, tooSlow: 0, peers: 0 });
  });
});

describe('the reason of a close', () => {
  it.each([
    ['é', 100, 122],
    ['𝄞', 40, 120],
    ['日', 50, 123],
    [`a${'é'}`, 60, 123],
  ])('of many %s is cut at 123 bytes of UTF-8, on a character boundary (R-4.3)', async (character, count, bytes) => {
    await using broker = await startTestBroker();
    vi.spyOn(MemoryFeed.prototype, 'append').mockImplementationOnce((_, settled) =>
      settled({ kind: 'failed', error: new ProtocolError('unavailable', character.repeat(count)) }),
    );
    const { reason } = await publish(broker, notice(1));
    expect(Buffer.byteLength(reason)).toBe(bytes);
    expect(character.repeat(count).startsWith(reason)).toBe(true);
  });

  it('names the member, and nothing that the peer named itself, however long that is (R-4.3)', async () => {
    await using broker = await startTestBroker();
    const name = 'Größe日本𝄞'.repeat(500);
    const deep = `${'{"a":'.repeat(9)}1${'}'.repeat(9)}`;
    const filters = `{"${name}":${deep}}`;
    await using peer = await connect(broker);
    peer.send(`{"sender":"client","subscriptions":[{"package":"p","page":"q","filters":${filters}}]}`);
    expect(await peer.closed).toMatchObject({ code: 4400, reason: '/subscriptions/0/filters: nested deeper than 8 levels' });
  });
});

/** Publishes 60 KiB at a time until the broker has no other peer. */
async function floodUntilGone(broker: Awaited<ReturnType<typeof startTestBroker>>): Promise<void> {
  await using publisher: Peer = await connect(broker, { subprotocols: ['wsn.v1'], onMessage: () => {} });
  const frame = writeFrame({ opcode: text, payload: publication({ ...TOPIC, message: 'm'.repeat(60 * 1024) }) });
  for (let count = 0; count < 2000 && broker.stats().peers > 1; count++) {
    publisher.bytes(frame);
    await publisher.barrier();
  }
  await expect.poll(() => broker.stats().peers).toBe(1);
}
