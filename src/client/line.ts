import { CLOSE_CODES } from '../protocol/index.js';
import type { WebSocketConstructor, WebSocketLike } from './web-socket.js';

/** How a line ended. */
export interface LineEnd {
  readonly code: number;
  readonly reason: string;
  /** What the platform says of the failure; a browser says nothing. */
  readonly because: string | undefined;
  /** The HTTP status that came instead of a handshake, where the WebSocket tells it. */
  readonly status?: number | undefined;
  /** Why, in the words of who answered with it. */
  readonly detail?: string | undefined;
  /** How long the next attempt has to wait, as told with it, in ms. */
  readonly retryAfterMs?: number | undefined;
  /** The code of the platform's error, such as `ECONNREFUSED`. */
  readonly errorCode?: string | undefined;
}

type Cause = Pick<LineEnd, 'because' | 'errorCode'>;

export interface LineEvents {
  /** @param protocol the subprotocol that the server selected, or an empty string. */
  open(protocol: string): void;
  /** @param text `undefined` for a binary message, which this protocol does not have. */
  message(text: string | undefined): void;
  /** At most once, and last. */
  end(end: LineEnd): void;
}

export interface LineOptions {
  readonly url: string;
  readonly protocols: readonly string[];
  readonly WebSocket: WebSocketConstructor;
  readonly events: LineEvents;
}

/** How long the other end may take to answer our close before it is let go, in ms (as has it for publishers). */
const CLOSE_TIMEOUT_MS = 1000;

/** One WebSocket connection from its first byte to its end; a client has one after another. */
export class Line {
  readonly #socket: WebSocketLike;
  readonly #gone: Promise<void>;
  #markGone: () => void = () => {};
  #events: LineEvents | undefined;
  #cause: Cause | undefined;
  #isOpened = false;
  #isGone = false;

  /** @throws what the WebSocket constructor throws for a bad URL or subprotocol. */
  constructor(options: LineOptions) {
    this.#events = options.events;
    this.#gone = new Promise((resolve) => {
      this.#markGone = resolve;
    });
    const protocols = [...options.protocols];
    this.#socket = protocols.length > 0 ? new options.WebSocket(options.url, protocols) : new options.WebSocket(options.url);
    this.#socket.addEventListener('open', () => {
      this.#isOpened = true;
      this.#events?.open(this.#socket.protocol);
    });
    this.#socket.addEventListener('message', ({ data }) => this.#events?.message(typeof data === 'string' ? data : undefined));
    // This listener stays for as long as the socket does: `ws` throws an error that nobody listens to.
    this.#socket.addEventListener('error', (event) => this.#failed(causeOf(event)));
    this.#socket.addEventListener('close', ({ code, reason }) => this.#end(code, reason));
  }

  /** Sends one text message; the line must be open. */
  send(text: string): void {
    this.#socket.send(text);
  }

  /**
   * Lets the line go: no event comes from it any more.
   * @returns when it is closed, or after a second in which the other end has not answered.
   */
  async release(): Promise<void> {
    this.#events = undefined;
    if (this.#isGone) return;
    this.#socket.close(1000);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#socket.terminate?.();
        resolve();
      }, CLOSE_TIMEOUT_MS);
    });
    await Promise.race([this.#gone, late]);
    clearTimeout(timer);
  }

  #failed(cause: Cause): void {
    this.#cause ??= cause;
    // A close event follows, says the standard; Node 22 has none for a connection that was never open.
    if (!this.#isOpened) setTimeout(() => this.#end(CLOSE_CODES.abnormal.code, ''), 0);
  }

  #end(code: number, reason: string): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#markGone();
    const { status, detail, retryAfterMs } = this.#socket;
    const because = status === undefined ? this.#cause?.because : `answered with HTTP ${status}, not as a WebSocket`;
    this.#events?.end({ code, reason, because, status, detail, retryAfterMs, errorCode: this.#cause?.errorCode });
  }
}

/** What an error event tells. Node gives one of several refused addresses an empty message and a list of errors. */
function causeOf(event: object): Cause {
  const { message, error } = event as {
    readonly message?: unknown;
    readonly error?: { readonly code?: unknown; readonly errors?: readonly unknown[] };
  };
  const errorCode = typeof error?.code === 'string' ? error.code : undefined;
  if (typeof message === 'string' && message !== '') return { because: message, errorCode };
  const first = error?.errors?.[0];
  return { because: first instanceof Error ? first.message : undefined, errorCode };
}
