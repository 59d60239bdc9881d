import { describe, expect, it } from 'vitest';
import { closePayload, type FrameSpec, writeFrame } from '../../src/peer/frame-writer.js';

const filled = (length: number) => new Uint8Array(length);

describe('the frame writer', () => {
  it.each<[string, FrameSpec, string]>([
    ["writes the RFC's own example of an unmasked text", { opcode: 1, payload: 'Hello', mask: false }, '810548656c6c6f'],
    [
      "writes the RFC's own example of a masked text",
      { opcode: 1, payload: 'Hello', mask: Buffer.from('37fa213d', 'hex') },
      '818537fa213d7f9f4d5158',
    ],
    ['sets the reserved bits and leaves FIN out', { opcode: 2, rsv: 5, fin: false, mask: false }, '5200'],
    ['writes a longer length field than is needed when asked', { opcode: 1, payload: 'a', mask: false, lengthForm: 16 }, '817e000161'],
    ['writes 64 bits of length when asked', { opcode: 1, payload: 'a', mask: false, lengthForm: 64 }, '817f000000000000000161'],
    ['writes an opcode that the RFC reserves', { opcode: 11, mask: false }, '8b00'],
  ])('%s', (_, spec, hex) => {
    expect(writeFrame(spec).toString('hex')).toBe(hex);
  });

  it.each([
    [125, '7d'],
    [126, '7e007e'],
    [65_535, '7effff'],
    [65_536, '7f0000000000010000'],
  ])('takes the shortest length field for %i bytes', (length, hex) => {
    const frame = writeFrame({ opcode: 2, payload: filled(length), mask: false });
    expect(frame.subarray(1, frame.length - length).toString('hex')).toBe(hex);
  });

  it('refuses a payload that does not fit the length field that was asked for', () => {
    expect(() => writeFrame({ opcode: 2, payload: filled(126), lengthForm: 7 })).toThrow(
      'a payload of 126 bytes does not fit a length of 7 bits, which ends at 125',
    );
  });

  it('writes the payload of a close frame', () => {
    expect(closePayload().length).toBe(0);
    expect(closePayload(1000, 'ok').toString('hex')).toBe('03e86f6b');
  });
});
