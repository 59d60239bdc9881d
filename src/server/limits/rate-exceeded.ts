import { ProtocolError } from '../../protocol/index.js';

/** Somebody says more than a rate allows: unlike a count it ends the connection, in every dialect. */
export class RateExceeded extends ProtocolError {
  readonly retryAfterS: number;

  /** @param message ends with the wait. */
  constructor(message: string, waitMs: number) {
    super('too-many', message);
    this.retryAfterS = Math.max(1, Math.ceil(waitMs / 1000));
  }
}
