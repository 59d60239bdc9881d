import { afterClose, type Dialect, type Hello, ProtocolError, SUBPROTOCOL } from '../protocol/index.js';
import { type BackoffOptions, backoffDelay, countFailures } from './backoff.js';
import type { ClientState, Trouble } from './client-state.js';
import { ABNORMAL, ClosedError, describeClose, NORMAL } from './closed-error.js';
import { type Heard, readHeard } from './heard.js';
import { LifeSign } from './life-sign.js';
import { Line, type LineEnd } from './line.js';
import { SubprotocolOffer } from './subprotocol-offer.js';
import { TOKEN_PREFIX, type TokenSource } from './token.js';
import type { WebSocketConstructor } from './web-socket.js';

export interface ConnectionOptions {
  readonly url: string;
  readonly protocols: readonly string[];
  readonly token: string | TokenSource | undefined;
  readonly WebSocket: WebSocketConstructor;
  readonly backoff: BackoffOptions;
  readonly random: () => number;
  /** What this throws is told to `onProblem`. */
  onMessage(message: Heard, text: string): void;
  onProblem(error: ProtocolError): void;
  onState(state: ClientState): void;
  /** Sends what is answered at once: somebody wants to know whether the line is alive. */
  onDoubt(): void;
  /** Before the state changes, when a line that was open is gone. */
  onLineEnd(dialect: Dialect, closed: ClosedError): void;
}

/** What a state owns, and what is given up with it. */
interface Owned {
  /** None while the token is awaited. */
  readonly line?: Line | undefined;
  readonly timer?: ReturnType<typeof setTimeout> | undefined;
  readonly lifeSign?: LifeSign;
}

/** Why a fresh token is wanted: the broker has told so, or the platform does not say why an attempt failed. */
type Refusal = 'told' | 'guessed' | undefined;

/** How long a handshake may take, up to the broker's hello and with the token before it, in ms; as long as the broker gives one. */
const CONNECT_TIMEOUT_MS = 10_000;

/** After a 1001 from a broker that named no jitter of its own, in ms. */
const DEFAULT_JITTER_MS = 5000;

/** Keeps one line to the broker: connects, notices when it is dead, and decides by the close code what follows. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #offer: SubprotocolOffer;
  #state: ClientState = { kind: 'connecting', attempt: 1 };
  #owned: Owned = {};
  #released: Promise<unknown> = Promise.resolve();
  /** Attempts in a row that had failed before this one. */
  #failures = 0;
  #refusal: Refusal;
  #jitterMs = DEFAULT_JITTER_MS;
  /** Until when the broker has said to stay away, as `Date.now()`. */
  #toldUntil = 0;

  /** @throws what the WebSocket constructor throws for a bad URL, unless a token has to be asked for first. */
  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#offer = new SubprotocolOffer(options.protocols);
    const line = typeof options.token === 'function' ? undefined : this.#line(options.token);
    this.#owned = { line, timer: this.#timeout() };
    if (!line) void this.#dial();
  }

  get state(): ClientState {
    return this.#state;
  }

  /** Sends on the open line; the caller has looked at `state`. */
  send(text: string): void {
    this.#owned.line?.send(text);
  }

  async close(): Promise<void> {
    if (this.#state.kind !== 'closed') this.#become({ kind: 'closed', code: NORMAL, reason: '' });
    await this.#released;
  }

  /** Somebody came back: waits no longer than it was told to, and has the broker say whether the line is still there. */
  wake(): void {
    const { kind } = this.#state;
    if (kind !== 'open') this.#failures = 0;
    if (kind === 'waiting' && Date.now() >= this.#toldUntil) this.#connect();
    // Whoever speaks the base protocol answers nothing.
    if (kind === 'open' && this.#state.dialect === 'v1' && this.#owned.lifeSign?.asks()) this.#options.onDoubt();
  }

  /** Gives the line up, as if it had broken. */
  drop(because: string): void {
    this.#lineEnded({ code: ABNORMAL, reason: '', because });
  }

  /** The one place where the state changes: what the old one owned and the new one does not is given up. */
  #become(state: ClientState, owned: Owned = {}): void {
    const { line, timer, lifeSign } = this.#owned;
    this.#state = state;
    this.#owned = owned;
    clearTimeout(timer);
    lifeSign?.stop();
    if (line !== owned.line) this.#released = Promise.all([this.#released, line?.release()]).then(() => {});
    this.#options.onState(state);
  }

  #connect(): void {
    this.#become({ kind: 'connecting', attempt: this.#failures + 1 }, { timer: this.#timeout() });
    void this.#dial();
  }

  #timeout(): Owned['timer'] {
    return setTimeout(() => this.drop(`no answer within ${CONNECT_TIMEOUT_MS / 1000} s`), CONNECT_TIMEOUT_MS);
  }

  /** Asks for the token, where there is somebody to be asked, and opens a line, unless the attempt is over by then. */
  async #dial(): Promise<void> {
    const { token } = this.#options;
    const attempt = this.#state;
    if (attempt.kind !== 'connecting') return; // whoever was told of it has closed
    let isAsked = false;
    try {
      const found = typeof token === 'function' ? await token({ isRefused: this.#refusal !== undefined }) : token;
      isAsked = true;
      if (this.#state === attempt) this.#owned = { ...this.#owned, line: this.#line(found) };
    } catch (error) {
      await undefined; // not before whoever makes the client has it
      // What the constructor says may have the token in it, or a password.
      const because = isAsked ? 'a bad url, or a token that cannot be sent' : `no token: ${messageOf(error)}`;
      if (this.#state === attempt) this.drop(because);
    }
  }

  #line(token: string | undefined): Line {
    const { url, WebSocket } = this.#options;
    const offered = this.#offer.next();
    return new Line({
      url,
      protocols: token && offered.length > 0 ? [...offered, TOKEN_PREFIX + token] : offered,
      WebSocket,
      events: {
        open: (protocol) => {
          if (protocol === SUBPROTOCOL) this.#offer.accepted();
          else if (this.#offer.openedBare()) this.#connect();
          else this.#open(undefined);
        },
        message: (data) => this.#message(data),
        end: (end) => this.#lineEnded(end),
      },
    });
  }

  /** @param hello what the broker says first in `wsn.v1`; the base protocol has no such message, and no marks. */
  #open(hello: Hello | undefined): void {
    if (this.#state.kind !== 'connecting') return;
    this.#refusal = undefined;
    this.#jitterMs = hello?.jitterMs ?? DEFAULT_JITTER_MS;
    const lifeSign = new LifeSign(hello?.heartbeatMs ?? 0, (because) => this.drop(because));
    this.#become({ kind: 'open', dialect: hello ? 'v1' : 'base', since: Date.now() }, { line: this.#owned.line, lifeSign });
  }

  #message(text: unknown): void {
    this.#owned.lifeSign?.heard();
    try {
      const message = readHeard(text);
      if (message.hello) this.#open(message.hello);
      else if (this.#state.kind === 'open') this.#options.onMessage(message, text as string);
    } catch (error) {
      this.#options.onProblem(
        new ProtocolError('invalid-message', `not understood: ${error instanceof SyntaxError ? 'not JSON' : messageOf(error)}`),
      );
    }
  }

  #lineEnded({ code, reason, because, retryAfterMs = 0, ...told }: LineEnd): void {
    const { backoff, random, token, onLineEnd } = this.#options;
    const state = this.#state;
    const isAbnormal = code === ABNORMAL;
    const why = reason || because || '';
    if (state.kind === 'open') {
      this.#offer.ended();
      onLineEnd(state.dialect, new ClosedError(code, why));
    } else if (state.kind !== 'connecting') return;
    // Without a line there is no token, and the server has said nothing.
    else if (isAbnormal && this.#owned.line && this.#offer.failed(because, token === undefined)) {
      this.#connect(); // the same attempt once more, with another offer
      return;
    }
    this.#failures = countFailures(this.#failures, state.kind === 'open' ? Date.now() - state.since : undefined, backoff);
    let after = afterClose(code);
    if (after === 'refresh-token' && (typeof token !== 'function' || this.#refusal === 'told')) after = 'stop';
    if (after === 'stop') {
      this.#become({ kind: 'closed', code, reason: why });
      return;
    }
    if (after === 'refresh-token') this.#refusal = 'told';
    // A browser does not say that it was a 401; others say it in words.
    else if (state.kind === 'connecting' && (!because || /\b401\b/.test(because))) this.#refusal ??= 'guessed';
    const toldMs = retryAfterMs + toldWaitMs(code, reason);
    this.#toldUntil = Date.now() + toldMs;
    const delayMs =
      after === 'reconnect-after-jitter'
        ? random() * this.#jitterMs
        : // The first refusal is the end of a token, and no failure.
          after === 'refresh-token' && this.#failures === 1
          ? 0
          : toldMs + backoffDelay(this.#failures, backoff, random());
    const trouble: Trouble = {
      ...told,
      because: isAbnormal ? why || (state.kind === 'open' ? 'the line broke' : 'it could not be opened') : describeClose(code, reason),
    };
    const timer = setTimeout(() => this.#connect(), delayMs);
    this.#become({ kind: 'waiting', attempt: this.#failures + 1, retryAt: Date.now() + delayMs, ...trouble }, { timer });
  }
}

/** A rate or a count was exceeded. */
const TOO_MANY = 4429;

/** How long the reason of a 4429 says that the next attempt has to wait, in ms; an hour at most. */
function toldWaitMs(code: number, reason: string): number {
  const told = code === TOO_MANY && /\bin (\d{1,9}) s$/.exec(reason)?.[1];
  return Math.min(Number(told || 0) * 1000, 3_600_000);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
