import { expect, it } from 'vitest';
import { closePayload, type FrameSpec, OPCODE, writeFrame } from '../../../src/peer/index.js';
import { MessageTap } from '../../../src/scenario/record/message-tap.js';

/** What a tap tells of frames of a client that come in chunks of `size` bytes. */
function told(frames: readonly FrameSpec[], size = 3): string[] {
  const said: string[] = [];
  const tap = new MessageTap(true, {
    message: (text) => said.push(text),
    closing: (code, reason) => said.push(`closing ${code} ${reason}`.trimEnd()),
    odd: ({ opcode, payload }) => said.push(`odd ${opcode} ${payload.toString('latin1')}`),
  });
  const bytes = Buffer.concat(frames.map(writeFrame));
  for (let at = 0; at < bytes.length; at += size) tap.push(bytes.subarray(at, at + size));
  return said;
}

const text = (payload: string, more: Partial<FrameSpec> = {}): FrameSpec => ({ opcode: OPCODE.text, payload, ...more });
const more = (payload: string, fin: boolean): FrameSpec => ({ opcode: OPCODE.continuation, payload, fin });

it.each<[string, FrameSpec[], string[]]>([
  ['messages', [text('one'), text('two')], ['one', 'two']],
  [
    'fragments put together, whatever is between them',
    [text('a', { fin: false }), { opcode: OPCODE.ping }, more('b', false), more('c', true)],
    ['abc'],
  ],
  [
    'a close frame, and nothing behind it',
    [{ opcode: OPCODE.close, payload: closePayload(4400, 'why') }, text('late')],
    ['closing 4400 why'],
  ],
  ['a close frame without a code', [{ opcode: OPCODE.close }], ['closing 1005']],
  ['no pings and pongs', [{ opcode: OPCODE.ping }, { opcode: OPCODE.pong }], []],
  ['what is not masked', [text('x', { mask: false })], ['odd 1 x']],
  [
    'reserved bits and opcodes',
    [text('x', { rsv: 4 }), { opcode: 3, payload: 'y' }, { opcode: 11, payload: 'z' }],
    ['odd 1 x', 'odd 3 y', 'odd 11 z'],
  ],
  ['binary messages whole', [{ opcode: OPCODE.binary, payload: 'a', fin: false }, more('b', true)], ['odd 2 ab']],
  ['text that is not UTF-8', [text('', { payload: Buffer.from([0xff]) })], ['odd 1 ÿ']],
  ['a message within a message, with what was begun', [text('a', { fin: false }), text('b')], ['odd 1 a', 'odd 1 b']],
  ['a continuation of nothing', [more('x', true)], ['odd 0 x']],
])('a tap tells %s', (_, frames, expected) => {
  expect(told(frames)).toEqual(expected);
  expect(told(frames, 1000)).toEqual(expected);
});
