import type { ClientState } from '../../client/index.js';
import { certificateTrouble, connectionTrouble } from '../../peer/index.js';
import { EXIT } from '../exit/exit-codes.js';
import { CommandFailure } from '../exit/usage-error.js';
import { displayUrl } from './broker-url.js';
import { stranger } from './stranger.js';
import type { Way } from './way.js';

/** Why a client waits, or what is known of it. */
type Trouble = Pick<Extract<ClientState, { kind: 'waiting' }>, 'because' | 'status' | 'detail' | 'errorCode'>;

/** Whom a command wants to reach, and how. */
export interface Addressee {
  /** Of the broker, as it was given: a password in it is not shown. */
  readonly url: string;
  readonly way: Way;
}

/** There is no connection, or one that is none of ours. */
class ConnectionFailure extends CommandFailure {
  override readonly name = 'ConnectionFailure';
  /** Whether it makes no sense to try again: the broker refuses, or it is not a broker. */
  readonly isFinal: boolean;
  /** The end of the message, without the name of the broker: for a line that has no room for it. */
  readonly why: string;

  /** @param start of the message, up to and with the name of the broker. */
  constructor(start: string, why: string, { exitCode, isFinal }: { readonly exitCode: number; readonly isFinal: boolean }) {
    super(`${start} ${why}`, exitCode);
    this.why = why;
    this.isFinal = isFinal;
  }
}

/** What to look at, behind the reason, by the error of the platform. */
const QUESTIONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: '; is "wsn serve" running?',
  ECONNRESET: '; is that the address of a wsn broker?',
  EPIPE: '; is that the address of a wsn broker?',
};

/**
 * Why there is no connection, in one line that names the broker once: for `wsn notify` and for `wsn subscribe`.
 * With an HTTP status: 4xx but 408 and 429 is a refusal (exit 4), 2xx and 3xx is not a broker (exit 3), both of them
 * final; all else may get better (exit 3, `isFinal` false), so that a subscriber tries again and shows `message` meanwhile.
 * A certificate that is not right does not get better either (exit 3, final).
 * @param trouble a client's state `waiting`, or the same of another connection. The client must have been given
 *   a `brokerSocket`, or there is no status. When the line had been open, only `because` says why it is gone.
 */
export function connectionFailure(addressee: Addressee, { because, status, detail, errorCode }: Trouble): ConnectionFailure {
  if (status !== undefined) return answerFailure(addressee, status, detail ?? 'it did not become a WebSocket');
  const start = `cannot reach ${displayUrl(addressee.url)}:`;
  const why = `${connectionTrouble(errorCode, because)}${QUESTIONS[errorCode ?? ''] ?? ''}`;
  const isFinal = certificateTrouble(errorCode, because) !== undefined;
  return new ConnectionFailure(start, why, { exitCode: EXIT.unreachable, isFinal });
}

/**
 * An HTTP answer other than 200 and other than 101.
 * @param detail why, in the words of the broker where it has some.
 */
export function answerFailure({ url, way }: Addressee, status: number, detail: string): ConnectionFailure {
  const broker = displayUrl(url);
  const isLater = status >= 500 || status === 408 || status === 429;
  const end = { exitCode: isLater || status < 400 ? EXIT.unreachable : EXIT.failed, isFinal: !isLater };
  if (isLater) return new ConnectionFailure(broker, `could not do it with HTTP ${status}: ${detail}`, end);
  if (status === 404 || status === 405 || status === 426 || status < 400) {
    const question = 'is that the address of a wsn broker?';
    return new ConnectionFailure(broker, `answered with HTTP ${status}, ${detail}: ${question}`, end);
  }
  const remedy = status === 401 ? stranger(way) : '';
  return new ConnectionFailure(broker, `refused with HTTP ${status}: ${detail}${remedy}`, end);
}
