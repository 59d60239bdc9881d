import { ClosedError } from '../client/index.js';
import { afterClose, closeName, ProtocolError } from '../protocol/index.js';
import { EXIT } from './exit-codes.js';
import { CommandFailure } from './usage-error.js';

/** What `ws` says when the answer to the handshake is not 101. */
const OTHER_ANSWER = /^Unexpected server response: (\d{3})$/;

/**
 * Why there is no connection.
 * @param because the platform's sentence.
 */
export function connectionFailure(url: string, because: string): CommandFailure {
  const status = Number(OTHER_ANSWER.exec(because)?.[1]);
  if (!Number.isNaN(status)) return answerFailure(url, status, 'it did not become a WebSocket');
  return new CommandFailure(`cannot reach ${url} (${because}): is "wsn serve" running there?`, EXIT.unreachable);
}

/**
 * An HTTP answer other than 200 and other than 101.
 * @param detail why, in the words of the broker where it has some.
 */
export function answerFailure(url: string, status: number, detail: string): CommandFailure {
  if (status === 404 || status === 405 || status === 426 || status < 400) {
    return new CommandFailure(`${url} answered with HTTP ${status}, ${detail}: is that the address of a wsn broker?`, exitFor(status));
  }
  const verb = status < 500 ? 'refused' : 'could not do it';
  return new CommandFailure(`${url} ${verb} with HTTP ${status}: ${detail}`, exitFor(status));
}

/** A refusal is final (exit 4); what may be better later is like a broker that is not there (exit 3). */
function exitFor(status: number): number {
  return status >= 400 && status < 500 ? EXIT.failed : EXIT.unreachable;
}

/** Why a publication over a WebSocket has no receipt; what is neither the broker's nor the line's doing stays as it is. */
export function publishFailure(url: string, error: unknown): unknown {
  if (error instanceof ProtocolError) {
    const isLater = error.code === 'unavailable' || error.code === 'internal';
    const verb = isLater ? 'could not do it' : 'refused';
    return new CommandFailure(`${url} ${verb} (${error.code}): ${error.described}`, isLater ? EXIT.unreachable : EXIT.failed);
  }
  if (!(error instanceof ClosedError)) return error;
  const { code, reason } = error;
  const because = reason === '' ? '' : `: ${reason}`;
  const isRefusal = (afterClose(code) === 'stop' && code !== 1000) || (code >= 4400 && code <= 4499 && code !== 4408);
  if (isRefusal) return new CommandFailure(`${url} refused (${code} ${closeName(code)})${because}`, EXIT.failed);
  const what = `${url} ended the connection (${code} ${closeName(code)})${because}`;
  return new CommandFailure(`${what}; the notification may or may not have been published`, EXIT.unreachable);
}
