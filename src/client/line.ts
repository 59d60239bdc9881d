import { ABNORMAL, NORMAL } from './closed-error.js';
import type { WebSocketConstructor, WebSocketLike, WebSocketTrouble } from './web-socket.js';

/** How a line ended, with all that the WebSocket tells of why; a browser tells nothing. */
export interface LineEnd extends WebSocketTrouble {
  readonly code: number;
  readonly reason: string;
}

export interface LineEvents {
  /** @param protocol the subprotocol that the server selected, or an empty string. */
  open(protocol: string): void;
  /** @param data text; anything else is a binary message, which this protocol does not have. */
  message(data: unknown): void;
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
  #events: LineEvents | undefined;
  #cause: string | undefined;
  #isOpened = false;
  #isGone = false;
  #onGone = () => {};

  /** @throws what the WebSocket constructor throws for a bad URL or subprotocol. */
  constructor({ url, protocols, WebSocket, events }: LineOptions) {
    this.#events = events;
    const socket = protocols.length > 0 ? new WebSocket(url, [...protocols]) : new WebSocket(url);
    this.#socket = socket;
    socket.addEventListener('open', () => {
      this.#isOpened = true;
      this.#events?.open(socket.protocol);
    });
    socket.addEventListener('message', ({ data }) => this.#events?.message(data));
    // This listener stays for as long as the socket does: `ws` throws an error that nobody listens to.
    socket.addEventListener('error', ({ message, error }) => {
      // Node gives one of several refused addresses an empty message and a list of errors.
      this.#cause ??= message || error?.errors?.[0]?.message;
      // A close event follows, says the standard; Node 22 has none for a connection that was never open.
      if (!this.#isOpened) setTimeout(() => this.#end(ABNORMAL, ''), 0);
    });
    // Older versions of React Native tell neither for a connection that was never open.
    socket.addEventListener('close', ({ code = ABNORMAL, reason = '' }) => this.#end(code, reason));
  }

  /** Sends one text message; the line must be open. */
  send(text: string): void {
    this.#socket.send(text);
  }

  /**
   * Lets the line go: no event comes from it any more.
   * @returns when it is closed, or after a second in which the other end has not answered.
   */
  release(): Promise<void> | undefined {
    this.#events = undefined;
    if (this.#isGone) return undefined;
    this.#socket.close(NORMAL);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#socket.terminate?.();
        resolve();
      }, CLOSE_TIMEOUT_MS);
      this.#onGone = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #end(code: number, reason: string): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#onGone();
    // No peer can say 1006: its reason is React Native's word for what has failed.
    const because = this.#cause || (code === ABNORMAL && reason) || undefined;
    this.#events?.end({ code, reason, because, ...this.#socket.trouble });
  }
}
