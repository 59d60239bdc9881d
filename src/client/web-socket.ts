/**
 * The members of a WebSocket that this library uses: those that a browser's, Node's (from 22) and the `ws` package's
 * have in common.
 */
export interface WebSocketLike {
  /** The subprotocol that the server selected, or an empty string. */
  readonly protocol: string;
  /** The HTTP status of an answer that was no handshake (not 101); no platform's own WebSocket tells it. */
  readonly status?: number;
  /** With `status`: why, in the words of who answered. */
  readonly detail?: string;
  /** With `status`: how long the next attempt has to wait, in ms. */
  readonly retryAfterMs?: number;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  /** Only `ws` has it: ends the connection without a closing handshake. */
  terminate?(): void;
  addEventListener(type: 'open', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { readonly code: number; readonly reason: string }) => void): void;
  addEventListener(type: 'error', listener: (event: object) => void): void;
}

export type WebSocketConstructor = new (url: string, protocols?: string[]) => WebSocketLike;

/**
 * The WebSocket of this platform.
 * @throws Error where there is none, with what to do.
 */
export function platformWebSocket(): WebSocketConstructor {
  const found = (globalThis as { readonly WebSocket?: WebSocketConstructor }).WebSocket;
  if (found) return found;
  throw new Error("this platform has no WebSocket of its own; give the client one: createClient({ …, WebSocket }) with the `ws` package's");
}
