import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHUNK_BYTES, chunked, countTogether } from '../../src/server/chunks.js';

const frames = fc.array(
  fc.integer({ min: 1, max: 100_000 }).map((bytes) => Buffer.alloc(bytes, bytes)),
  { minLength: 1, maxLength: 30 },
);

describe('frames that leave together', () => {
  test('are the same bytes in the same order, in buffers of no more than a chunk unless one frame is larger', () => {
    fc.assert(
      fc.property(frames, (given) => {
        const { buffers, bytes } = chunked(given);
        expect(Buffer.concat(buffers).equals(Buffer.concat(given))).toBe(true);
        expect(bytes).toBe(given.reduce((sum, frame) => sum + frame.length, 0));
        for (const buffer of buffers) if (buffer.length > CHUNK_BYTES) expect(given).toContain(buffer);
      }),
    );
  });

  test('are joined as far as they are small, so that few writes are needed', () => {
    const { buffers } = chunked(Array.from({ length: 1000 }, () => Buffer.alloc(300)));
    expect(buffers.map(({ length }) => length)).toEqual([65_400, 65_400, 65_400, 65_400, 38_400]);
  });

  test('are not copied where one is large, nor where it is alone', () => {
    const [small, large] = [Buffer.alloc(10), Buffer.alloc(20_000)];
    expect(chunked([small]).buffers[0]).toBe(small);
    const { buffers } = chunked([small, large, small]);
    expect(buffers[1]).toBe(large);
    expect(buffers).toHaveLength(3);
    expect(countTogether([small, small, large], 0)).toBe(2);
  });
});
