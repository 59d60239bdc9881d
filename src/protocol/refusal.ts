import { CLOSE_CODES, type CloseName } from './close-codes.js';
import { LIMITS } from './limits.js';
import { type ErrorCode, ProtocolError } from './protocol-error.js';
import { cutToUtf8 } from './utf8.js';

/** How a base peer is closed where a `wsn.v1` peer is told the code. */
const CLOSE_FOR: Record<ErrorCode, CloseName> = {
  'invalid-message': 'invalidMessage',
  'invalid-subscription': 'invalidMessage',
  'invalid-notification': 'invalidMessage',
  'invalid-resume': 'invalidMessage',
  'invalid-key': 'invalidMessage',
  'key-reused': 'invalidMessage',
  forbidden: 'forbidden',
  unauthenticated: 'unauthenticated',
  'too-many': 'tooMany',
  unavailable: 'overloaded',
  unsupported: 'invalidMessage',
  internal: 'internal',
};

/** The close code with which a base peer is told of an error. */
export function closeCodeOf({ code }: ProtocolError): number {
  return CLOSE_CODES[CLOSE_FOR[code]].code;
}

/** The reason of that close frame: pointer, then sentence, cut at 123 UTF-8 bytes on a character boundary. */
export function closeReasonOf({ described }: ProtocolError): string {
  return cutToUtf8(described, LIMITS.closeReasonBytes);
}

/** The same error for a message with this `id`, which the answer repeats. */
export function withId({ code, message, path, offset }: ProtocolError, id: string | undefined): ProtocolError {
  return new ProtocolError(code, message, { path, id, ...(offset === undefined ? {} : { offset }) });
}
