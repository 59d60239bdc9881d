import { describe, expect, it } from 'vitest';
import { closePayload, type Frame, FrameParser, type FrameSpec, writeFrame } from '../../../src/peer/index.js';
import { FrameCheck } from '../../../src/scenario/client/frame-check.js';

/** Frames as they would come from a server that does not mask, unless a spec says so. */
function take(...specs: readonly FrameSpec[]): (string | undefined)[] {
  const frames: Frame[] = [];
  const parser = new FrameParser((frame) => frames.push(frame));
  for (const spec of specs) parser.push(writeFrame({ mask: false, ...spec }));
  const check = new FrameCheck();
  return frames.map((frame) => check.take(frame)?.toString());
}

const VIOLATIONS: readonly (readonly [string, readonly FrameSpec[], string])[] = [
  ['a masked frame', [{ opcode: 1, payload: 'x', mask: true }], 'a frame from the server is masked, which only frames from a client are'],
  ['a reserved bit', [{ opcode: 1, rsv: 4 }], 'a frame has the reserved bits 4, expected 0'],
  ['a length that is not in its shortest form', [{ opcode: 1, payload: 'x', lengthForm: 16 }], 'a length of 1 stands in 16 bits'],
  ['a binary message', [{ opcode: 2, payload: 'x' }], 'a binary frame came, every message of the protocol is text'],
  ['a reserved opcode of data', [{ opcode: 3 }], 'a frame has the opcode 3, which is reserved'],
  ['a reserved opcode of control', [{ opcode: 11 }], 'a frame has the opcode 11, which is reserved'],
  ['a fragmented ping', [{ opcode: 9, fin: false }], 'a control frame is fragmented'],
  ['a ping that is too long', [{ opcode: 9, payload: 'x'.repeat(126) }], 'a control frame has 126 bytes, at most 125 are allowed'],
  ['a continuation of nothing', [{ opcode: 0, payload: 'x' }], 'a continuation frame came without a message to continue'],
  ['a message within a message', [{ opcode: 1, fin: false }, { opcode: 1 }], 'a new message began before the fragmented one had ended'],
  ['text that is not UTF-8', [{ opcode: 1, payload: Buffer.from([0xc3]) }], 'a text message is not UTF-8'],
  ['a close frame of one byte', [{ opcode: 8, payload: Buffer.from([3]) }], 'a close frame has one byte'],
  ['a code that must not be sent', [{ opcode: 8, payload: closePayload(1006) }], 'a close frame has the code 1006'],
  ['a reason that is not UTF-8', [{ opcode: 8, payload: Buffer.from([3, 0xe8, 0xff]) }], 'the reason of a close frame is not UTF-8'],
  ['a frame behind the close frame', [{ opcode: 8 }, { opcode: 9 }], 'a frame came after the close frame'],
];

describe('the check of the frames of a server', () => {
  it('puts fragments together, also when a character and a ping are between them', () => {
    const [first, second] = [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)];
    expect(take({ opcode: 1, fin: false, payload: first }, { opcode: 9 }, { opcode: 0, payload: second })).toEqual([
      undefined,
      undefined,
      'é',
    ]);
  });

  it.each([0, 125, 126, 65_535, 65_536])('takes a message of %i bytes', (length) => {
    expect(take({ opcode: 1, payload: 'x'.repeat(length) })).toEqual(['x'.repeat(length)]);
  });

  it.each([1000, 1001, 1011, 1013, 3000, 4400, 4999])('takes the close code %i', (code) => {
    expect(take({ opcode: 8, payload: closePayload(code, 'why') })).toEqual([undefined]);
  });

  it.each(VIOLATIONS)('finds %s (R-2.1)', (_, specs, message) => {
    expect(() => take(...specs)).toThrow(message);
  });
});
