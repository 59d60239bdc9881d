import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PublicationBatch } from '../../../../src/bench/traffic/publishers/publication-batch.js';
import { FrameParser, OPCODE } from '../../../../src/peer/index.js';

/** What a broker reads; the lengths are those at which the form of a frame's head changes, too. */
function texts(bytes: Buffer): string[] {
  const found: string[] = [];
  new FrameParser(({ opcode, fin, masked, payload }) => {
    expect({ opcode, fin, masked }).toEqual({ opcode: OPCODE.text, fin: true, masked: true });
    found.push(payload.toString());
  }).push(bytes);
  return found;
}

const message = (value: string, id: number) => `{"sender":"server","id":"${id}","notification":${value}}`;

describe('a batch of publications', () => {
  it('is one masked frame for each, whole and in order, and begins anew when it was taken', () => {
    const batch = new PublicationBatch();
    const value = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(70, 71, 72, 65_470, 65_484, 65_485, 65_486, 200_000).map((n) => 'x'.repeat(n)),
    );
    fc.assert(
      fc.property(fc.array(value, { maxLength: 5 }), (values) => {
        expect(batch.isEmpty).toBe(true);
        for (const [index, value] of values.entries()) batch.add(Buffer.from(value), String(index));
        expect(batch.isEmpty).toBe(values.length === 0);
        expect(texts(batch.take())).toEqual(values.map(message));
      }),
    );
  });

  it('does not change what it has given out', () => {
    const batch = new PublicationBatch();
    batch.add(Buffer.from('1'), '1');
    const taken = batch.take();
    batch.add(Buffer.from('2'), '2');
    expect(texts(taken)).toEqual([message('1', 1)]);
  });
});
