import { ClosedError } from '../../client/index.js';
import { afterClose, CLOSE_CODES, closeName, type Dialect, ProtocolError } from '../../protocol/index.js';
import { displayUrl } from '../broker/broker-url.js';
import type { Addressee } from '../broker/connection-failure.js';
import { stranger } from '../broker/stranger.js';
import { EXIT } from '../exit/exit-codes.js';
import { CommandFailure } from '../exit/usage-error.js';

/**
 * Why a publication over a WebSocket has no receipt; what is neither the broker's nor the line's doing stays as it is.
 * @param dialect of the connection: with `base` it had this one publication.
 */
export function publishFailure({ url, way }: Addressee, error: unknown, dialect: Dialect): unknown {
  const broker = displayUrl(url);
  if (error instanceof ProtocolError) {
    const isLater = error.code === 'unavailable' || error.code === 'internal';
    const verb = isLater ? 'could not do it' : 'refused';
    const remedy = error.code === 'unauthenticated' ? stranger(way) : '';
    return new CommandFailure(`${broker} ${verb} (${error.code}): ${error.described}${remedy}`, isLater ? EXIT.unreachable : EXIT.failed);
  }
  if (!(error instanceof ClosedError)) return error;
  const { code, reason } = error;
  const because = reason === '' ? '' : `: ${reason}`;
  const isRefusal = (afterClose(code) === 'stop' && code !== 1000) || (code >= 4400 && code <= 4499 && code !== 4408);
  const remedy = code === CLOSE_CODES.unauthenticated.code ? stranger(way) : '';
  if (isRefusal) return new CommandFailure(`${broker} refused (${code} ${closeName(code)})${because}${remedy}`, EXIT.failed);
  const what = `${broker} ended the connection (${code} ${closeName(code)})${because}`;
  // To the one publication of a base peer the close is the answer: 1013 is a no, all others are none.
  const isAnswer = dialect === 'base' && code === CLOSE_CODES.overloaded.code;
  return new CommandFailure(`${what}; the notification ${isAnswer ? 'was not' : 'may or may not have been'} published`, EXIT.unreachable);
}
