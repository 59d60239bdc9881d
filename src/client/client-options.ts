import type { ProtocolError, SubscribedTopic } from '../protocol/index.js';
import type { BackoffOptions } from './backoff.js';
import type { ClientState } from './client-state.js';
import type { LostTopic } from './subscription-handle.js';
import type { TokenSource } from './token.js';
import type { WakeSource } from './wake.js';
import type { WebSocketConstructor } from './web-socket.js';

export interface ClientOptions {
  /** `ws://` or `wss://`, any path. */
  readonly url: string;
  /**
   * Who this is, for a broker that wants to know; a function is asked before each attempt to connect, and for a fresh one
   * when the broker has refused it. With a token no server is asked without one, unless it says that it does not know `wsn.v1`.
   */
  readonly token?: string | TokenSource;
  /** Default: the platform's. In Node before 22 give it the `ws` package's. */
  readonly WebSocket?: WebSocketConstructor;
  /** What tells that the network or the user is back. Default: `browserWake()`, which does nothing outside of browsers. */
  readonly wake?: readonly WakeSource[];
  /** Between attempts to connect. */
  readonly backoff?: Partial<BackoffOptions>;
  /** From 0 to below 1; spreads reconnections. Default: `Math.random`. */
  readonly random?: () => number;
  /** Aborting closes the client. */
  readonly signal?: AbortSignal;
  /** Subprotocols to offer; none: the base protocol only. Default: `wsn.v1`. */
  readonly protocols?: readonly string[];
  /** Called after each change of state, but not for the first, in which the client is created. */
  onState?(state: ClientState): void;
  /** These topics are lost: what came before is uncertain, load it from your API. */
  onReset?(topics: readonly LostTopic[]): void;
  /**
   * Called after a reconnection, when the broker has answered where to go on: with the topics of which nothing
   * was missed, before their `replayed` notifications come. Of all others `onReset` is told before.
   */
  onRecovered?(topics: readonly SubscribedTopic[]): void;
  /**
   * A refusal that nobody else is told, or a message that cannot be understood; the connection stays open.
   */
  onProblem?(error: ProtocolError): void;
}

export interface ClientStats {
  /** Notifications that some handler was given, those of replays and rewinds included. */
  readonly received: number;
  /** Of these, those that came in between and were replayed after a reconnection. */
  readonly recovered: number;
  /** Notifications that came again and were not delivered. */
  readonly repeats: number;
  /** Connections that were opened after the first. */
  readonly reconnects: number;
  /** Publications that the broker has acknowledged, duplicates included. */
  readonly published: number;
}
