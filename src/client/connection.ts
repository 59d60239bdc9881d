import {
  afterClose,
  type BrokerMessage,
  CLOSE_CODES,
  type Dialect,
  decodeBrokerMessage,
  type Hello,
  ProtocolError,
  SUBPROTOCOL,
} from '../protocol/index.js';
import { BACKOFF, type BackoffOptions, backoffDelay, countFailures } from './backoff.js';
import type { ClientState, Trouble } from './client-state.js';
import { ClosedError, describeClose } from './closed-error.js';
import { LifeSign } from './life-sign.js';
import { Line, type LineEnd } from './line.js';
import { leave, type Stage, stateOf } from './stage.js';
import { SubprotocolOffer } from './subprotocol-offer.js';
import type { WebSocketConstructor } from './web-socket.js';

export interface ConnectionOptions {
  readonly url: string;
  readonly protocols: readonly string[];
  readonly WebSocket: WebSocketConstructor;
  readonly backoff: Partial<BackoffOptions>;
  readonly random: () => number;
  onMessage(message: BrokerMessage, text: string): void;
  onProblem(error: ProtocolError): void;
  onState(state: ClientState): void;
  /** Before the state changes, when a line that was open is gone. */
  onLineEnd(dialect: Dialect, closed: ClosedError): void;
}

/** How long a handshake may take, up to the broker's hello, in ms; as long as the broker gives one. */
const CONNECT_TIMEOUT_MS = 10_000;

/** After a 1001 from a broker that named no jitter of its own, in ms. */
const DEFAULT_JITTER_MS = 5000;

/** Keeps one line to the broker: connects, notices when it is dead, and decides by the close code what follows. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #backoff: BackoffOptions;
  readonly #offer: SubprotocolOffer;
  #released: Promise<void> = Promise.resolve();
  #stage: Stage;

  /** @throws what the WebSocket constructor throws for a bad URL. */
  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#backoff = { ...BACKOFF, ...options.backoff };
    this.#offer = new SubprotocolOffer(options.protocols);
    this.#stage = this.#connecting(0);
  }

  get state(): ClientState {
    return stateOf(this.#stage);
  }

  /** Sends on the open line; the caller has looked at `state`. */
  send(text: string): void {
    if (this.#stage.kind === 'open') this.#stage.line.send(text);
  }

  close(): Promise<void> {
    if (this.#stage.kind !== 'closed') this.#setStage({ kind: 'closed', code: CLOSE_CODES.normal.code, reason: '' });
    return this.#released;
  }

  /** The one place where the state changes: what the old one owned and the new one does not is given up. */
  #setStage(next: Stage): void {
    const previous = this.#stage;
    this.#stage = next;
    const earlier = this.#released;
    this.#released = leave(previous, next).then(() => earlier);
    this.#options.onState(this.state);
  }

  #connecting(failures: number): Stage {
    const line: Line = new Line({
      url: this.#options.url,
      protocols: this.#offer.next(),
      WebSocket: this.#options.WebSocket,
      events: {
        open: (protocol) => {
          if (protocol === SUBPROTOCOL) this.#offer.accepted();
          else this.#open(line, undefined);
        },
        message: (text) => this.#message(line, text),
        end: (end) => this.#lineEnded(end),
      },
    });
    const because = `no answer within ${CONNECT_TIMEOUT_MS / 1000} s`;
    const timer = setTimeout(() => this.#lineEnded({ code: CLOSE_CODES.abnormal.code, reason: '', because }), CONNECT_TIMEOUT_MS);
    return { kind: 'connecting', failures, line, timer };
  }

  /** @param hello what the broker says first in `wsn.v1`; the base protocol has no such message, and no marks. */
  #open(line: Line, hello: Hello | undefined): void {
    if (this.#stage.kind !== 'connecting') return;
    const { failures } = this.#stage;
    const lifeSign = new LifeSign(hello?.heartbeatMs ?? 0, (silentMs) => {
      const because = `nothing heard for ${Math.round(silentMs / 100) / 10} s, two heartbeats missed`;
      this.#lineEnded({ code: CLOSE_CODES.abnormal.code, reason: '', because });
    });
    const dialect = hello ? 'v1' : 'base';
    const jitterMs = hello?.jitterMs ?? DEFAULT_JITTER_MS;
    this.#setStage({ kind: 'open', failures, line, dialect, since: Date.now(), lifeSign, jitterMs });
  }

  #message(line: Line, text: string | undefined): void {
    const stage = this.#stage;
    if (stage.kind === 'open') stage.lifeSign.heard();
    let message: BrokerMessage | undefined;
    try {
      if (text === undefined) throw new ProtocolError('invalid-message', 'expected text, found a binary message');
      message = decodeBrokerMessage(text);
    } catch (error) {
      this.#options.onProblem(error as ProtocolError); // decoding throws nothing else
      return;
    }
    if (message === undefined || text === undefined) return;
    if (message.kind === 'hello') this.#open(line, message.hello);
    else if (stage.kind === 'open') this.#options.onMessage(message, text);
  }

  #lineEnded(end: LineEnd): void {
    const stage = this.#stage;
    const isAnswered = end.code !== CLOSE_CODES.abnormal.code;
    const reason = end.reason || end.because || '';
    if (stage.kind === 'open') {
      this.#offer.ended();
      this.#options.onLineEnd(stage.dialect, new ClosedError(end.code, reason));
      const failures = countFailures(stage.failures, Date.now() - stage.since, this.#backoff);
      this.#afterClose(end.code, reason, { failures, jitterMs: stage.jitterMs });
    } else if (stage.kind === 'connecting' && isAnswered) {
      // A close frame instead of the hello says as much as one after it.
      const failures = countFailures(stage.failures, undefined, this.#backoff);
      this.#afterClose(end.code, reason, { failures, jitterMs: DEFAULT_JITTER_MS });
    } else if (stage.kind === 'connecting') this.#attemptFailed(stage.failures, end);
  }

  #attemptFailed(before: number, { because, status, detail, errorCode, retryAfterMs = 0 }: LineEnd): void {
    if (this.#offer.failed(because)) {
      this.#setStage(this.#connecting(before));
      return;
    }
    const failures = countFailures(before, undefined, this.#backoff);
    const delayMs = retryAfterMs + backoffDelay(failures, this.#backoff, this.#options.random());
    this.#wait(failures, delayMs, {
      because: because ?? 'the connection could not be opened',
      ...(status === undefined ? {} : { status }),
      ...(detail === undefined ? {} : { detail }),
      ...(errorCode === undefined ? {} : { errorCode }),
    });
  }

  /** The last column of the table of close codes. There is no token to refresh yet: a 4401 stops. */
  #afterClose(code: number, reason: string, { failures, jitterMs }: { readonly failures: number; readonly jitterMs: number }): void {
    const after = afterClose(code);
    if (after === 'stop' || after === 'refresh-token') {
      this.#setStage({ kind: 'closed', code, reason });
      return;
    }
    const random = this.#options.random();
    const delayMs =
      after === 'reconnect-after-jitter'
        ? Math.floor(random * jitterMs)
        : toldWaitMs(code, reason) + backoffDelay(failures, this.#backoff, random);
    const because = code === CLOSE_CODES.abnormal.code ? reason || 'the line broke' : describeClose(code, reason);
    this.#wait(failures, delayMs, { because });
  }

  #wait(failures: number, delayMs: number, trouble: Trouble): void {
    const timer = setTimeout(() => this.#setStage(this.#connecting(failures)), delayMs);
    this.#setStage({ kind: 'waiting', failures, retryAt: Date.now() + delayMs, trouble, timer });
  }
}

/** How long the reason of a 4429 says that the next attempt has to wait, in ms; an hour at most. */
function toldWaitMs(code: number, reason: string): number {
  const told = code === CLOSE_CODES.tooMany.code ? /\bin (\d{1,9}) s$/.exec(reason)?.[1] : undefined;
  return told === undefined ? 0 : Math.min(Number(told) * 1000, 3_600_000);
}
