import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameParser, type Frame as ParsedFrame } from '../../src/peer/index.js';
import { type BrokerMessage, decodeBrokerMessage } from '../../src/protocol/index.js';
import { encodeDelivery, encodeMessage } from '../../src/server/frame.js';

/** The one frame that `bytes` are. */
function parsed(bytes: Buffer): ParsedFrame {
  const frames: ParsedFrame[] = [];
  new FrameParser((frame) => frames.push(frame)).push(bytes);
  expect(frames).toHaveLength(1);
  expect(frames[0]).toMatchObject({ fin: true, rsv: 0, opcode: 1, masked: false });
  return frames[0] as ParsedFrame;
}

const HEAD = '{"sender":"server","notification":';
/** Bytes that a delivery adds to the notification's. */
const ADDED = HEAD.length + 1;

describe('a delivery', () => {
  const LENGTHS: readonly [length: number, head: number][] = [
    [125, 2],
    [126, 4],
    [65_535, 4],
    [65_536, 10],
    [1_000_000, 10],
  ];
  test.each(LENGTHS)('of %i bytes has its length in the shortest form, a head of %i bytes', (length, head) => {
    const payload = Buffer.alloc(length - ADDED, 'x');
    const frame = encodeDelivery(payload);
    expect(frame.length).toBe(head + length);
    expect(parsed(frame).payload.toString()).toBe(`${HEAD}${payload}}`);
  });

  const NOTIFICATIONS = [
    '{"package":"p","page":"q","data":12345678901234567890,"x":85.0}',
    '{ "page" : "q",\n"package":"p", "unknown": [1e2, "\\u00e9", "é€😀"] }',
    '{"package":"p","page":"q","message":"\u007f\u2028"}',
  ];
  test.each(NOTIFICATIONS)('relays %j byte for byte in both dialects (R-2.3)', (text) => {
    const payload = Buffer.from(text);
    const position = { epoch: 'k3', offset: 122 };
    expect(parsed(encodeDelivery(payload)).payload.equals(Buffer.from(`${HEAD}${text}}`))).toBe(true);
    const v1 = parsed(encodeDelivery(payload, position)).payload;
    expect(v1.equals(Buffer.from(`${HEAD}${text},"position":{"epoch":"k3","offset":122}}`))).toBe(true);
    expect(decodeBrokerMessage(v1.toString())).toMatchObject({ kind: 'notification', position });
  });

  test('of any bytes holds just these bytes, and does not change with the buffer that brought them (R-2.3)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (payload, isV1) => {
        const copy = Buffer.from(payload);
        const frame = encodeDelivery(payload, isV1 ? { epoch: 'e', offset: 1 } : undefined);
        payload.fill(0);
        expect(
          parsed(frame)
            .payload.subarray(HEAD.length, HEAD.length + copy.length)
            .equals(copy),
        ).toBe(true);
      }),
    );
  });
});

const TOPIC = { package: 'p', page: 'é"\u0000' };
const POSITION = { epoch: 'k3', offset: 121 };

const MESSAGES: readonly Exclude<BrokerMessage, { kind: 'notification' }>[] = [
  { kind: 'hello', hello: { version: 1, connection: 'c1', heartbeatMs: 25_000, jitterMs: 5000 } },
  { kind: 'subscribed', topics: [] },
  {
    kind: 'subscribed',
    id: '1',
    topics: [
      { ...TOPIC, ...POSITION, recovered: true, replayed: 2 },
      { ...TOPIC, ...POSITION },
    ],
  },
  { kind: 'receipt', receipt: { position: POSITION, matched: 12, duplicate: false } },
  { kind: 'receipt', id: '9', receipt: { position: POSITION, matched: 0, duplicate: true } },
  { kind: 'error', error: { code: 'internal', message: 'the broker failed', retry: true } },
  { kind: 'error', id: 'é', error: { code: 'invalid-subscription', path: '/subscriptions/0/page', message: 'expected', retry: false } },
  { kind: 'mark', topics: [] },
  { kind: 'mark', topics: [{ ...TOPIC, ...POSITION }] },
  { kind: 'reset', topics: [{ ...TOPIC, epoch: 'k4', offset: 0 }] },
  { kind: 'authenticated', id: '2', expiresAt: 1_767_225_600_000 },
];

describe('any other message', () => {
  test.each(MESSAGES)('$kind is read back as it was meant (R-5.2)', (message) => {
    expect(decodeBrokerMessage(parsed(encodeMessage(message)).payload.toString())).toEqual(message);
  });

  test.each([125, 126, 65_535, 65_536])('is whole with %i bytes of two-byte characters', (least) => {
    const message = { kind: 'error', error: { code: 'internal', message: 'é'.repeat(least), retry: false } } as const;
    expect(decodeBrokerMessage(parsed(encodeMessage(message)).payload.toString())).toEqual(message);
  });

  test('has one payload member, and an id only when it answers one (R-5.2)', () => {
    const text = (id: object): string => parsed(encodeMessage({ kind: 'mark', topics: [], ...id })).payload.toString();
    expect(text({})).toBe('{"sender":"server","mark":[]}');
    expect(text({ id: '1' })).toBe('{"sender":"server","id":"1","mark":[]}');
  });
});
