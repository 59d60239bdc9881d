import type { ErrorDetail, Position } from '../../../protocol/index.js';
import { brokerMessage } from '../broker-message.js';

/** What the broker says of one publication (R-5.7). */
export interface Answer {
  readonly id: string | undefined;
  /** `undefined`: it took it. */
  readonly refusal: string | undefined;
  /** Where it stands, if it took it. */
  readonly position?: Position;
}

const BEFORE_ID = Buffer.from('{"sender":"server","id":"');
const AFTER_ID = Buffer.from('","receipt":');
const [ZERO, NINE] = [0x30, 0x39];

/**
 * The number that a receipt repeats, read from the bytes that it usually has: nothing is parsed.
 * @returns -1 when they are others; it may be a receipt all the same, which `readAnswer` finds out.
 */
export function receiptNumber(bytes: Buffer, start: number, end: number): number {
  let at = start + BEFORE_ID.length;
  if (end - at < AFTER_ID.length + 1 || !hasAt(bytes, start, BEFORE_ID)) return -1;
  let number = 0;
  const digits = at;
  for (let byte = bytes[at] as number; at < end && byte >= ZERO && byte <= NINE; byte = bytes[++at] as number) {
    number = number * 10 + byte - ZERO;
  }
  if (at === digits || end - at < AFTER_ID.length || !hasAt(bytes, at, AFTER_ID)) return -1;
  return number;
}

function hasAt(bytes: Buffer, at: number, expected: Buffer): boolean {
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false;
  return true;
}

/** @returns `undefined` for a message that answers no publication, and for one that cannot be read: its receipt stays out, which is counted. */
export function readAnswer(text: string): Answer | undefined {
  const message = brokerMessage(text);
  if (message?.kind === 'receipt') return { id: message.id, refusal: undefined, position: message.receipt.position };
  if (message?.kind === 'error') return { id: message.id, refusal: refusalIn(message.error) };
  return undefined;
}

function refusalIn({ code, path, message }: ErrorDetail): string {
  return `${code}${path === undefined ? '' : ` at ${path}`}: ${message}`;
}
