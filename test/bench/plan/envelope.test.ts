import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Envelope, smallestSize } from '../../../src/bench/plan/envelope.js';

const RUN = '0a1b2c3d4e5f';

function delivery(notification: Uint8Array, after = '}'): Buffer {
  return Buffer.concat([Buffer.from('{"sender":"server","notification":'), notification, Buffer.from(after)]);
}

function indexIn(envelope: Envelope, message: Buffer): number {
  return envelope.indexIn(message, 0, message.length);
}

describe('an envelope', () => {
  it('writes notifications of exactly the wanted size that are valid JSON', () => {
    fc.assert(
      fc.property(fc.nat(9_999_999), fc.nat(99_999), fc.integer({ min: 200, max: 5000 }), (index, channel, size) => {
        const bytes = new Envelope(RUN, 100_000, size).notification(index, channel);
        expect(bytes.length).toBe(size);
        expect(JSON.parse(bytes.toString())).toMatchObject({ page: 'load', filters: { values: { channel: String(channel) } } });
      }),
    );
  });

  it('finds index and channel again in what a broker relays, wherever it stands in the buffer', () => {
    fc.assert(
      fc.property(
        fc.nat(9_999_999),
        fc.nat(999),
        fc.nat(70),
        fc.constantFrom('}', ',"position":{"epoch":"k","offset":7}}'),
        (index, channel, from, after) => {
          const envelope = new Envelope(RUN, 1000, 230);
          const message = delivery(envelope.notification(index, channel), after);
          const buffer = Buffer.concat([Buffer.alloc(from, 0x7b), message, Buffer.alloc(3, 0x7d)]);
          expect(envelope.indexIn(buffer, from, from + message.length)).toBe(index);
          expect(envelope.channelIn(buffer, from)).toBe(channel);
        },
      ),
    );
  });

  it('takes no message for one of ours in which any single byte was changed', () => {
    const envelope = new Envelope(RUN, 10, 180);
    const intact = delivery(envelope.notification(123, 7));
    const changed = Array.from(intact.keys()).filter((at) => {
      const bytes = Buffer.from(intact);
      bytes[at] = (bytes[at] as number) ^ 1;
      const isTakenForIt = indexIn(envelope, bytes) === 123 && envelope.channelIn(bytes, 0) === 7;
      return isTakenForIt;
    });
    expect(changed).toEqual([]);
  });

  it('takes no message for one of ours that is cut anywhere', () => {
    const envelope = new Envelope(RUN, 10, 180);
    const intact = delivery(envelope.notification(123, 7));
    for (let length = 0; length < intact.length; length++) expect(envelope.indexIn(intact.subarray(0, length), 0, length)).toBe(-1);
  });

  it('can be no smaller than index and filters are', () => {
    const least = smallestSize(RUN, 1000);
    expect(new Envelope(RUN, 1000, least).notification(1, 999).length).toBe(least);
    expect(() => new Envelope(RUN, 1000, least - 1)).toThrow(`found ${least - 1}`);
  });
});

describe('inspecting a message that is not ours to the byte', () => {
  const envelope = new Envelope(RUN, 10, 180);
  const notification = envelope.notification(41, 3);
  const reencoded = JSON.stringify(JSON.parse(delivery(notification).toString()), null, 1);

  it.each([
    ['written with other spaces', reencoded, { kind: 'notification', index: 41, channel: 3, isIntact: true }],
    ['with other data', reencoded.replace('Nothing', 'Anything'), { kind: 'notification', index: 41, channel: 3, isIntact: false }],
    [
      'with a member more',
      reencoded.replace('"page"', '"more":1,"page"'),
      { kind: 'notification', index: 41, channel: 3, isIntact: false },
    ],
    ['with another channel', reencoded.replace('"channel": "3"', '"channel": "4"'), { kind: 'notification', index: 41, channel: 4 }],
    ['whose index was changed', reencoded.replace('0000000041', '0000000042'), { kind: 'corrupt' }],
    ['cut in the middle', delivery(notification).toString().slice(0, 120), { kind: 'corrupt' }],
    ['of somebody else', '{"sender":"server","notification":{"package":"p","page":"q"}}', { kind: 'corrupt' }],
    ['that is no notification', '{"sender":"server","hello":{"version":1}}', { kind: 'other' }],
    ['that is no JSON', 'hello', { kind: 'other' }],
  ])('tells one %s', (_, text, expected) => {
    expect(envelope.inspect(text)).toMatchObject(expected);
  });

  it('tells a canary, its round and its channel', () => {
    expect(envelope.inspect(delivery(envelope.canary(2, 5)).toString())).toEqual({ kind: 'canary', round: 2, channel: 5 });
    expect(indexIn(envelope, delivery(envelope.canary(2, 5)))).toBe(-1);
  });
});
