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
import { type Connecting, leave, type Refusal, type Stage, stateOf } from './stage.js';
import { SubprotocolOffer } from './subprotocol-offer.js';
import { TOKEN_PREFIX, type TokenSource } from './token.js';
import type { WebSocketConstructor } from './web-socket.js';

export interface ConnectionOptions {
  readonly url: string;
  readonly protocols: readonly string[];
  readonly token: string | TokenSource | undefined;
  readonly WebSocket: WebSocketConstructor;
  readonly backoff: Partial<BackoffOptions>;
  readonly random: () => number;
  onMessage(message: BrokerMessage, text: string): void;
  onProblem(error: ProtocolError): void;
  onState(state: ClientState): void;
  /** Sends what is answered at once: somebody wants to know whether the line is alive. */
  onDoubt(): void;
  /** Before the state changes, when a line that was open is gone. */
  onLineEnd(dialect: Dialect, closed: ClosedError): void;
}

/** How long a handshake may take, up to the broker's hello and with the token before it, in ms; as long as the broker gives one. */
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
    const stage = this.#connecting(0, undefined);
    this.#stage = stage;
    try {
      this.#dial(stage);
    } catch (error) {
      clearTimeout(stage.timer);
      throw error;
    }
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

  /** Somebody came back: waits no longer, and has the broker say whether the line is still there. */
  wake(): void {
    const stage = this.#stage;
    if (stage.kind === 'waiting') this.#connect(0, stage.refusal);
    // Whoever speaks the base protocol answers nothing.
    else if (stage.kind === 'open' && stage.dialect === 'v1' && stage.lifeSign.asks()) this.#options.onDoubt();
  }

  /** Gives the open line up, as if it had broken. */
  drop(because: string): void {
    this.#lineEnded({ code: CLOSE_CODES.abnormal.code, reason: '', because });
  }

  /** The one place where the state changes: what the old one owned and the new one does not is given up. */
  #setStage(next: Stage): void {
    const previous = this.#stage;
    this.#stage = next;
    const earlier = this.#released;
    this.#released = leave(previous, next).then(() => earlier);
    this.#options.onState(this.state);
  }

  #connecting(failures: number, refusal: Refusal | undefined): Connecting {
    const timer = setTimeout(() => this.drop(`no answer within ${CONNECT_TIMEOUT_MS / 1000} s`), CONNECT_TIMEOUT_MS);
    return { kind: 'connecting', failures, refusal, timer };
  }

  #connect(failures: number, refusal?: Refusal): void {
    const stage = this.#connecting(failures, refusal);
    this.#setStage(stage);
    try {
      if (this.#stage === stage) this.#dial(stage);
    } catch (error) {
      this.drop(messageOf(error));
    }
  }

  /** Asks for the token, if there is something to be asked, and opens the line. */
  #dial(stage: Connecting): void {
    const { token } = this.#options;
    const open = (found: string | undefined) => {
      if (this.#stage === stage) stage.line = this.#line(found);
    };
    if (typeof token !== 'function') open(token);
    else {
      const asked = new Promise<string | undefined>((resolve) => resolve(token({ isRefused: stage.refusal !== undefined })));
      asked.then(open).catch((error) => {
        if (this.#stage === stage) this.drop(`no token: ${messageOf(error)}`);
      });
    }
  }

  #line(token: string | undefined): Line {
    const offered = this.#offer.next();
    const line: Line = new Line({
      url: this.#options.url,
      protocols: token && offered.length > 0 ? [...offered, TOKEN_PREFIX + token] : offered,
      WebSocket: this.#options.WebSocket,
      events: {
        open: (protocol) => {
          if (protocol === SUBPROTOCOL) this.#offer.accepted();
          else if (this.#offer.openedBare()) this.#again();
          else this.#open(line, undefined);
        },
        message: (text) => this.#message(line, text),
        end: (end) => this.#lineEnded(end),
      },
    });
    return line;
  }

  /** The same attempt once more, with another offer. */
  #again(): void {
    if (this.#stage.kind === 'connecting') this.#connect(this.#stage.failures, this.#stage.refusal);
  }

  /** @param hello what the broker says first in `wsn.v1`; the base protocol has no such message, and no marks. */
  #open(line: Line, hello: Hello | undefined): void {
    if (this.#stage.kind !== 'connecting') return;
    const { failures } = this.#stage;
    const lifeSign = new LifeSign(hello?.heartbeatMs ?? 0, (because) => this.drop(because));
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
      this.#afterClose(end.code, reason, stage);
    } else if (stage.kind === 'connecting') {
      // A close frame instead of the hello says as much as one after it.
      if (isAnswered) this.#afterClose(end.code, reason, stage);
      else this.#attemptFailed(stage, end);
    }
  }

  #attemptFailed(stage: Connecting, { because, status, detail, errorCode, retryAfterMs = 0 }: LineEnd): void {
    if (this.#offer.failed(because, this.#options.token === undefined)) {
      this.#again();
      return;
    }
    const failures = countFailures(stage.failures, undefined, this.#backoff);
    const delayMs = retryAfterMs + backoffDelay(failures, this.#backoff, this.#options.random());
    const trouble = {
      because: because ?? 'the connection could not be opened',
      ...(status === undefined ? {} : { status }),
      ...(detail === undefined ? {} : { detail }),
      ...(errorCode === undefined ? {} : { errorCode }),
    };
    // A browser does not say that it was a 401; `ws` says it in words.
    const mayBeRefused = because === undefined || because.includes(' 401');
    this.#wait(failures, delayMs, trouble, stage.refusal ?? (mayBeRefused ? 'guessed' : undefined));
  }

  /** The last column of the table of close codes. */
  #afterClose(code: number, reason: string, stage: Extract<Stage, { kind: 'connecting' | 'open' }>): void {
    const after = afterClose(code);
    const openForMs = stage.kind === 'open' ? Date.now() - stage.since : undefined;
    const failures = countFailures(stage.failures, openForMs, this.#backoff);
    const random = this.#options.random();
    if (
      after === 'refresh-token' &&
      typeof this.#options.token === 'function' &&
      !(stage.kind === 'connecting' && stage.refusal === 'told')
    ) {
      // The first of a stable line is its end, and no failure; those that follow each other have to wait.
      if (failures === 1) this.#connect(failures, 'told');
      else this.#wait(failures, backoffDelay(failures, this.#backoff, random), { because: describeClose(code, reason) }, 'told');
      return;
    }
    if (after === 'stop' || after === 'refresh-token') {
      this.#setStage({ kind: 'closed', code, reason });
      return;
    }
    const jitterMs = stage.kind === 'open' ? stage.jitterMs : DEFAULT_JITTER_MS;
    const delayMs =
      after === 'reconnect-after-jitter'
        ? Math.floor(random * jitterMs)
        : toldWaitMs(code, reason) + backoffDelay(failures, this.#backoff, random);
    const because = code === CLOSE_CODES.abnormal.code ? reason || 'the line broke' : describeClose(code, reason);
    this.#wait(failures, delayMs, { because });
  }

  #wait(failures: number, delayMs: number, trouble: Trouble, refusal?: Refusal): void {
    const timer = setTimeout(() => this.#connect(failures, refusal), delayMs);
    this.#setStage({ kind: 'waiting', failures, refusal, retryAt: Date.now() + delayMs, trouble, timer });
  }
}

/** How long the reason of a 4429 says that the next attempt has to wait, in ms; an hour at most. */
function toldWaitMs(code: number, reason: string): number {
  const told = code === CLOSE_CODES.tooMany.code ? /\bin (\d{1,9}) s$/.exec(reason)?.[1] : undefined;
  return told === undefined ? 0 : Math.min(Number(told) * 1000, 3_600_000);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
