import { closeName } from '../protocol/index.js';

/**
 * The connection ended before what was asked for had an answer. It is not known whether a publication that was under
 * way has arrived.
 */
export class ClosedError extends Error {
  override readonly name = 'ClosedError';
  /** The close code; 1006 when the line broke or was never there. */
  readonly code: number;
  /** What the other end said, as it said it, or why the line is gone; may be empty. */
  readonly reason: string;

  constructor(code: number, reason: string) {
    super(describeClose(code, reason));
    this.code = code;
    this.reason = reason;
  }
}

/** `4403 forbidden: the reason`, for people. The reason is a peer's text: escape it before it reaches a terminal. */
export function describeClose(code: number, reason: string): string {
  const name = `${code} ${closeName(code)}`;
  return reason === '' ? `closed with ${name}` : `closed with ${name}: ${reason}`;
}
