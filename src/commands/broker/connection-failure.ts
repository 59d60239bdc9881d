import type { ClientState } from '../../client/index.js';
import { EXIT } from '../exit/exit-codes.js';
import { CommandFailure } from '../exit/usage-error.js';
import { displayUrl } from './broker-url.js';

/** Why a client waits, or what is known of it. */
type Trouble = Pick<Extract<ClientState, { kind: 'waiting' }>, 'because' | 'status' | 'errorCode'>;

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

/** Sentences for why there is no connection, by the error of the platform. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there; is "wsn serve" running?',
  ECONNRESET: 'the connection was broken off; is that the address of a wsn broker?',
  EPIPE: 'the connection was broken off; is that the address of a wsn broker?',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name of the host cannot be looked up',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  EPROTO: 'it does not speak TLS; is it ws: instead of wss:?',
};

/**
 * Why there is no connection, in one line that names the broker once: for `wsn notify` and for `wsn subscribe`.
 * With an HTTP status: 4xx but 408 and 429 is a refusal (exit 4), 2xx and 3xx is not a broker (exit 3), both of them
 * final; all else may get better (exit 3, `isFinal` false), so that a subscriber tries again and shows `message` meanwhile.
 * @param url of the broker, as it was given: a password in it is not shown.
 * @param trouble a client's state `waiting`, or the same of another connection. The client must have been given
 *   `BrokerSocket`, or there is no status. When the line had been open, only `because` says why it is gone.
 */
export function connectionFailure(url: string, { because, status, errorCode }: Trouble): ConnectionFailure {
  if (status !== undefined) return answerFailure(url, status, 'it did not become a WebSocket');
  const why = REASONS[errorCode ?? ''] ?? because;
  return new ConnectionFailure(`cannot reach ${displayUrl(url)}:`, why, { exitCode: EXIT.unreachable, isFinal: false });
}

/**
 * An HTTP answer other than 200 and other than 101.
 * @param detail why, in the words of the broker where it has some.
 */
export function answerFailure(url: string, status: number, detail: string): ConnectionFailure {
  const broker = displayUrl(url);
  const isLater = status >= 500 || status === 408 || status === 429;
  const end = { exitCode: isLater || status < 400 ? EXIT.unreachable : EXIT.failed, isFinal: !isLater };
  if (isLater) return new ConnectionFailure(broker, `could not do it with HTTP ${status}: ${detail}`, end);
  if (status === 404 || status === 405 || status === 426 || status < 400) {
    const question = 'is that the address of a wsn broker?';
    return new ConnectionFailure(broker, `answered with HTTP ${status}, ${detail}: ${question}`, end);
  }
  return new ConnectionFailure(broker, `refused with HTTP ${status}: ${detail}`, end);
}
