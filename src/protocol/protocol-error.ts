/** The codes of a `wsn.v1` error message. */
export type ErrorCode =
  | 'invalid-message'
  | 'invalid-subscription'
  | 'invalid-notification'
  | 'invalid-resume'
  | 'invalid-key'
  | 'key-reused'
  | 'forbidden'
  | 'unauthenticated'
  | 'too-many'
  | 'unavailable'
  | 'unsupported'
  | 'internal';

/** Where and why, beside the sentence. */
export interface ProtocolErrorDetail {
  /** JSON pointer (RFC 6901) of the member at fault, from the root of the message; empty when it is the whole. */
  readonly path?: string;
  /** Byte of the message at which it stops being JSON. */
  readonly offset?: number;
  /** Whether sending the same again later may succeed, where a broker has said so. */
  readonly retry?: boolean;
  /** The `id` of the message at fault, as far as it could be read, which the answer repeats. */
  readonly id?: string | undefined;
}

/**
 * A message that the protocol refuses. `message` says what was found and what was expected, and is safe to send to
 * the peer at fault: it holds none of the internals of the broker.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly code: ErrorCode;
  readonly path: string;
  readonly offset: number | undefined;
  readonly id: string | undefined;
  /** Whether sending the same again later may succeed; a message that holds too much always will. */
  readonly retry: boolean;

  constructor(code: ErrorCode, message: string, detail: ProtocolErrorDetail = {}) {
    super(message);
    this.code = code;
    this.path = detail.path ?? '';
    this.offset = detail.offset;
    this.id = detail.id;
    this.retry = detail.retry ?? (code === 'unavailable' || code === 'internal');
  }

  /** Pointer and sentence, uncut: for logs, `problem+json` and terminals. */
  get described(): string {
    return this.path === '' ? this.message : `${this.path}: ${this.message}`;
  }
}
