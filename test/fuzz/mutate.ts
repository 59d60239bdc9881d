import { Buffer } from 'node:buffer';

/** A whole number from 0 up to, and without, `sides`. */
export type Roll = (sides: number) => number;

/** What has a meaning somewhere: structure of JSON, of HTTP, of tokens, bounds of numbers and lengths, broken UTF-8. */
const PIECES: readonly Buffer[] = [
  ...['{', '}', '[', ']', '"', ',', ':', '\\', '\\u0000', '\\ud800', 'null', 'true', '-0', '1e999', '{}', '[]', '""', '{"a":', '[[[['],
  ...['"__proto__":', '"constructor":', '"sender":', '"notification":', '"subscriptions":', '"token":', '"*"', '9007199254740993'],
  ...[
    '\r\n',
    '\r\n\r\n',
    '\n',
    ' ',
    '\t',
    '\0',
    ': ',
    '.',
    '..',
    '/',
    '%00',
    '?token=',
    'Content-Length: 5\r\n',
    'Transfer-Encoding: chunked\r\n',
  ],
].map((text) => Buffer.from(text));
const BYTES: readonly number[] = [0, 1, 0x0a, 0x22, 0x5c, 0x7d, 0x7e, 0x7f, 0x80, 0x81, 0x88, 0x89, 0xc0, 0xc2, 0xed, 0xf4, 0xfe, 0xff];

/** Wounds `bytes` in one to four places; sometimes it is still what it was, or good in another way. */
export function mutate(bytes: Buffer, roll: Roll): Buffer {
  let result = bytes;
  for (let wounds = 1 + roll(4); wounds > 0; wounds--) result = wound(result, roll);
  return result;
}

/** One of `list`. */
export function pick<T>(list: readonly T[], roll: Roll): T {
  return list[roll(list.length)] as T;
}

function wound(bytes: Buffer, roll: Roll): Buffer {
  const at = roll(bytes.length + 1);
  const length = 1 + roll(8);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (roll(8)) {
    case 0:
      return before;
    case 1:
      return Buffer.concat([before, after.subarray(length)]);
    case 2:
      return Buffer.concat([before, pick(PIECES, roll), after]);
    case 3:
      return Buffer.concat([before, pick(PIECES, roll), after.subarray(length)]);
    case 4:
      return Buffer.concat([before, Buffer.from([roll(2) === 0 ? roll(256) : pick(BYTES, roll)]), after.subarray(1)]);
    case 5:
      return Buffer.concat([before, after.subarray(0, length), after]);
    case 6:
      return Buffer.concat([after, before]);
    default:
      return flipped(bytes, at, roll);
  }
}

function flipped(bytes: Buffer, at: number, roll: Roll): Buffer {
  const copy = Buffer.from(bytes);
  if (at < copy.length) copy[at] = (copy[at] as number) ^ (1 << roll(8));
  return copy;
}
