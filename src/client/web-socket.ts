/** Why a connection was not opened, as far as anybody tells. */
export interface WebSocketTrouble {
  readonly because?: string | undefined;
  /** The HTTP status of an answer that was no handshake (not 101). */
  readonly status?: number;
  /** With `status`: why, in the words of who answered. */
  readonly detail?: string;
  /** With `status`: how long the next attempt has to wait, in ms. */
  readonly retryAfterMs?: number;
  /** The code of the platform's error, such as `ECONNREFUSED`. */
  readonly errorCode?: string;
}

/** A browser's has nothing of this. */
interface ErrorEventLike {
  readonly message?: string;
  readonly error?: { readonly errors?: readonly { readonly message: string }[] };
}

/**
 * The members of a WebSocket that this library uses: those that a browser's, Node's (from 22) and the `ws` package's
 * have in common.
 */
export interface WebSocketLike {
  /** The subprotocol that the server selected, or an empty string. */
  readonly protocol: string;
  /** Why it was not opened, where it knows more than the standard's events tell; no platform's own does. */
  readonly trouble?: WebSocketTrouble | undefined;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  /** Only `ws` has it: ends the connection without a closing handshake. */
  terminate?(): void;
  addEventListener(type: 'open', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { readonly code?: number; readonly reason?: string }) => void): void;
  addEventListener(type: 'error', listener: (event: ErrorEventLike) => void): void;
}

export type WebSocketConstructor = new (url: string, protocols?: string[]) => WebSocketLike;

/**
 * The WebSocket of this platform.
 * @throws Error where there is none, with what to do.
 */
export function platformWebSocket(): WebSocketConstructor {
  const found = (globalThis as { readonly WebSocket?: WebSocketConstructor }).WebSocket;
  if (found) return found;
  throw new Error('there is no WebSocket here: give one to createClient, such as that of the package ws');
}
