import type { Dialect } from '../protocol/index.js';
import type { WebSocketTrouble } from './web-socket.js';

/** Why there is no connection. */
export interface Trouble extends WebSocketTrouble {
  /** A sentence, with a peer's own words in it. */
  readonly because: string;
}

/** What a client is doing about its connection. */
export type ClientState =
  /** `attempt`: 1 for the first since the last stable connection. */
  | { readonly kind: 'connecting'; readonly attempt: number }
  /** `since`: `Date.now()` of the moment, ms. */
  | { readonly kind: 'open'; readonly dialect: Dialect; readonly since: number }
  /** `attempt`: the one that begins at `retryAt` (as `Date.now()`, ms). */
  | ({ readonly kind: 'waiting'; readonly attempt: number; readonly retryAt: number } & Trouble)
  /** For good: closed by `close()` (1000 and no reason), or by a close code after which a client stops. */
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string };
