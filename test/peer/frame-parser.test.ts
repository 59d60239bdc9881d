import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Frame, FrameParser } from '../../src/peer/frame-parser.js';
import { type FrameSpec, writeFrame } from '../../src/peer/frame-writer.js';

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });

const anyFrame: fc.Arbitrary<FrameSpec> = fc
  .record({
    opcode: fc.nat(15),
    payload: fc.oneof(
      bytes(10),
      bytes(130),
      fc.integer({ min: 65_500, max: 65_600 }).map((length) => new Uint8Array(length).fill(7)),
    ),
    fin: fc.boolean(),
    rsv: fc.nat(7),
    mask: fc.oneof(fc.boolean(), fc.uint8Array({ minLength: 4, maxLength: 4 })),
  })
  .chain((spec) => fc.constantFrom(undefined, 64 as const).map((lengthForm) => (lengthForm ? { ...spec, lengthForm } : spec)));

/** Plain values of a frame, copied, since a payload is a view of the chunk. */
function plain(frame: Frame) {
  return { ...frame, payload: frame.payload.toString('hex') };
}

function expected(spec: FrameSpec) {
  return {
    fin: spec.fin,
    rsv: spec.rsv,
    opcode: spec.opcode,
    masked: spec.mask !== false,
    lengthForm: spec.lengthForm ?? shortestForm((spec.payload as Uint8Array).length),
    payload: Buffer.from(spec.payload as Uint8Array).toString('hex'),
  };
}

function shortestForm(length: number): number {
  return length < 126 ? 7 : length < 65_536 ? 16 : 64;
}

/**
 * Pushes `stream` in pieces of the given sizes, over and over, each at the beginning of a larger buffer that is spoilt after
 * the push.
 * @param hasOnText whether whole texts are told apart; then of these only the payload is known.
 */
function parse(stream: Buffer, sizes: readonly number[], hasOnText = false) {
  const frames: (ReturnType<typeof plain> | string)[] = [];
  const onText = (bytes: Buffer, start: number, end: number) => frames.push(bytes.toString('hex', start, end));
  const parser = new FrameParser((frame) => frames.push(plain(frame)), hasOnText ? onText : undefined);
  for (let at = 0, i = 0; at < stream.length; i++) {
    const piece = stream.subarray(at, at + (sizes[i % sizes.length] as number));
    const buffer = Buffer.concat([piece, Buffer.alloc(20, 0x81)]);
    at += piece.length;
    parser.push(buffer, piece.length);
    buffer.fill(0xff);
  }
  return frames;
}

function isWholeText({ opcode, fin, rsv, mask }: FrameSpec): boolean {
  return opcode === 1 && fin === true && rsv === 0 && mask === false;
}

describe('the frame parser', () => {
  it('tells of whole unmasked texts by their place alone when somebody wants that, in order with all others', () => {
    const aText = fc.record({
      opcode: fc.constant(1),
      payload: bytes(200),
      fin: fc.constant(true),
      rsv: fc.constant(0),
      mask: fc.constant(false),
    });
    fc.assert(
      fc.property(
        fc.array(fc.oneof(anyFrame, aText), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 6 }),
        (specs, sizes) => {
          const told = specs.map((spec) => (isWholeText(spec) ? expected(spec).payload : expected(spec)));
          expect(parse(Buffer.concat(specs.map(writeFrame)), sizes, true)).toEqual(told);
        },
      ),
    );
  });

  it('gives the frames that were written, wherever the stream is cut into chunks', () => {
    fc.assert(
      fc.property(
        fc.array(anyFrame, { maxLength: 8 }),
        fc.array(fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 70_000 })), { minLength: 1, maxLength: 6 }),
        (specs, sizes) => {
          expect(parse(Buffer.concat(specs.map(writeFrame)), sizes)).toEqual(specs.map(expected));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('gives a frame that comes byte by byte', () => {
    const spec: FrameSpec = { opcode: 1, payload: new Uint8Array(70_000).fill(65), fin: true, rsv: 0, mask: true };
    expect(parse(writeFrame(spec), [1])).toEqual([expected(spec)]);
  });

  it('does not copy the payload of a frame that stands within a chunk', () => {
    const chunk = Buffer.concat([
      writeFrame({ opcode: 1, payload: 'one', mask: false }),
      writeFrame({ opcode: 1, payload: 'two', mask: false }),
    ]);
    const payloads: Buffer[] = [];
    new FrameParser((frame) => payloads.push(frame.payload)).push(chunk);
    expect(payloads.map(String)).toEqual(['one', 'two']);
    for (const payload of payloads) expect(payload.buffer).toBe(chunk.buffer);
  });

  it('refuses a frame that says it is longer than 256 MiB', () => {
    const head = Buffer.from([0x82, 127, 0, 0, 0, 0, 0x10, 0, 0, 1]);
    expect(() => new FrameParser(() => {}).push(head)).toThrow('a frame says it has 268435457 bytes; at most 268435456 are read');
  });
});
