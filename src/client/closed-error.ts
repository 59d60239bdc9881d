/** Codes that the client itself makes; all others are the broker's (R-4.1). */
export const NORMAL = 1000;
export const ABNORMAL = 1006;

/**
 * The connection ended before what was asked for had an answer. It is not known whether a publication that was under
 * way has arrived.
 */
export class ClosedError extends Error {
  override readonly name = 'ClosedError';
  /** The close code (R-4.1); 1006 when the line broke or was never there. */
  declare readonly code: number;
  /** What the other end said, as it said it, or why the line is gone; may be empty. */
  declare readonly reason: string;

  constructor(code: number, reason: string) {
    super(describeClose(code, reason));
    this.code = code;
    this.reason = reason;
  }
}

/** `closed with 4403: the reason`, for people. The reason is a peer's text: escape it before it reaches a terminal. */
export function describeClose(code: number, reason: string): string {
  return `closed with ${code}${reason && `: ${reason}`}`;
}
