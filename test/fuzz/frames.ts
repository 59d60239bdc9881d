import { OPCODE, writeFrame } from '../../src/peer/index.js';
import { GOOD_BODIES, GOOD_MESSAGES } from './good-messages.js';
import { mutate, pick, type Roll } from './mutate.js';

/** Frames as a peer might send them, most of them wounded, and now and then the bytes of the frames themselves. */
export function frames(roll: Roll, count: number, good: readonly Buffer[] = GOOD_MESSAGES): Buffer {
  const bytes = Buffer.concat(Array.from({ length: count }, () => frame(roll, pick(good, roll))));
  return roll(4) === 0 ? mutate(bytes, roll) : bytes;
}

function frame(roll: Roll, good: Buffer): Buffer {
  const payload = roll(5) === 0 ? good : mutate(good, roll);
  if (roll(3) > 0) return writeFrame({ opcode: OPCODE.text, payload });
  const isShort = payload.length <= 125;
  return writeFrame({
    opcode: roll(16),
    payload,
    fin: roll(3) > 0,
    rsv: roll(4) === 0 ? roll(8) : 0,
    mask: roll(8) > 0,
    ...(roll(4) === 0 ? { lengthForm: pick(isShort ? ([7, 16, 64] as const) : ([16, 64] as const), roll) } : {}),
  });
}

/**
 * A request with a body; head and body may be wounded.
 * @param more header lines that come with it, each with its line end.
 */
export function request(roll: Roll, more: readonly string[], path = '/notify'): Buffer {
  const body = roll(3) === 0 ? pick(GOOD_BODIES, roll) : mutate(pick(GOOD_BODIES, roll), roll);
  const lines = `Host: a\r\nContent-Type: application/json\r\n${pick(more, roll)}Content-Length: ${body.length}\r\n`;
  const head = Buffer.from(`POST ${path} HTTP/1.1\r\n${lines}\r\n`);
  return Buffer.concat([roll(3) === 0 ? mutate(head, roll) : head, body]);
}
