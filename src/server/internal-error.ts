import { ProtocolError } from '../protocol/index.js';
import type { Log } from './observe.js';

/** What was thrown, as the refusal that its author is told; anything but a ProtocolError is a bug, logged and kept from him. */
export function refusalFor(error: unknown, log: Log): ProtocolError {
  if (error instanceof ProtocolError) return error;
  log.error({ err: error }, 'a message provoked a bug');
  return new ProtocolError('internal', 'the broker failed on this message');
}
