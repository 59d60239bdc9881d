import {
  type BrokerMessage,
  type Dialect,
  type ErrorDetail,
  type Notification,
  type Position,
  ProtocolError,
  type Receipt,
  SUBPROTOCOL,
  type SubscribedTopic,
  type Subscription,
  type TopicPosition,
} from '../protocol/index.js';
import type { BackoffOptions } from './backoff.js';
import type { ClientState } from './client-state.js';
import { ClosedError } from './closed-error.js';
import { Connection } from './connection.js';
import { Positions } from './positions.js';
import { Publications, type Publishable, type PublishOptions } from './publications.js';
import { SubscriptionSet } from './subscription-set.js';
import { platformWebSocket, type WebSocketConstructor } from './web-socket.js';

/** A notification as it came. */
export interface Delivery {
  readonly notification: Notification;
  /** Its place in the order of its topic; with `wsn.v1` only. */
  readonly position?: Position;
  /** The whole message, byte for byte. */
  readonly text: string;
}

export interface ClientOptions {
  /** `ws://` or `wss://`, any path. */
  readonly url: string;
  /** The set to subscribe to on each connection; `subscribe()` replaces it. */
  readonly subscriptions?: readonly Subscription[];
  /** Default: the platform's. In Node before 22 give it the `ws` package's. */
  readonly WebSocket?: WebSocketConstructor;
  onNotification?(delivery: Delivery): void;
  /** Called after each change of state, but not for the first, in which the client is created. */
  onState?(state: ClientState): void;
  /** What came before these positions is uncertain: load it from your API. */
  onReset?(topics: readonly TopicPosition[]): void;
  /**
   * Called after a reconnection, when the broker has answered where to go on: with the topics of which nothing
   * was missed, before their `replayed` notifications come to `onNotification`. Of all others `onReset` is told before.
   */
  onRecovered?(topics: readonly SubscribedTopic[]): void;
  /** A refusal that answers no call of yours, or a message that cannot be understood; the connection stays open. */
  onProblem?(error: ProtocolError): void;
  readonly backoff?: Partial<BackoffOptions>;
  /** From 0 to below 1; spreads reconnections. Default: `Math.random`. */
  readonly random?: () => number;
  /** Aborting closes the client. */
  readonly signal?: AbortSignal;
  /** Subprotocols to offer; none: the base protocol only. Default: `wsn.v1`. */
  readonly protocols?: readonly string[];
}

export interface ClientStats {
  /** Notifications delivered. */
  readonly received: number;
  /** Connections that were opened after the first. */
  readonly reconnects: number;
  /** Publications that the broker has acknowledged. */
  readonly published: number;
}

/** One connection to a broker that heals itself, as long as the broker does not say that it must not. */
export interface Client extends AsyncDisposable {
  readonly state: ClientState;
  readonly stats: ClientStats;
  /**
   * Replaces the whole set of subscriptions, now and on each later connection.
   * @returns the topics at the acknowledgement; with the base protocol, which has none, an empty list when it is sent.
   * @throws ProtocolError when the broker refuses the set: the one before it stands.
   * @throws ClosedError when the client closes before.
   */
  subscribe(subscriptions: readonly Subscription[]): Promise<readonly SubscribedTopic[]>;
  /**
   * Publishes one notification, at the next connection if there is none now.
   * @returns the receipt; with the base protocol `undefined`, when the broker has closed with 1000, which ends this client.
   * @throws ProtocolError when the broker refuses it.
   * @throws ClosedError when the connection ended before the answer: it may or may not have been published.
   */
  publish(notification: Publishable, options?: PublishOptions): Promise<Receipt | undefined>;
  /** Ends the connection with 1000 and makes no other; idempotent. Resolves when it is gone, within about a second. */
  close(): Promise<void>;
}

/**
 * Connects to a broker, and again whenever the line breaks.
 * @throws Error where there is no WebSocket, and what its constructor throws for a bad `url`.
 */
export function createClient(options: ClientOptions): Client {
  return new WsnClient(options);
}

class WsnClient implements Client {
  readonly #options: ClientOptions;
  readonly #connection: Connection;
  readonly #subscriptions: SubscriptionSet;
  readonly #publications = new Publications();
  readonly #positions = new Positions();
  readonly #abort = () => void this.close();
  #received = 0;
  #opened = 0;

  constructor(options: ClientOptions) {
    options.signal?.throwIfAborted();
    this.#options = options;
    this.#subscriptions = new SubscriptionSet(options.subscriptions);
    this.#connection = new Connection({
      url: options.url,
      protocols: options.protocols ?? [SUBPROTOCOL],
      WebSocket: options.WebSocket ?? platformWebSocket(),
      backoff: options.backoff ?? {},
      random: options.random ?? Math.random,
      onMessage: (message, text) => this.#receive(message, text),
      onProblem: (error) => options.onProblem?.(error),
      onState: (state) => this.#follow(state),
      onLineEnd: (dialect, closed) => {
        this.#subscriptions.lineEnded();
        this.#publications.lineEnded(dialect, closed);
      },
    });
    options.signal?.addEventListener('abort', this.#abort, { once: true });
  }

  get state(): ClientState {
    return this.#connection.state;
  }

  get stats(): ClientStats {
    return { received: this.#received, reconnects: Math.max(0, this.#opened - 1), published: this.#publications.served };
  }

  async subscribe(subscriptions: readonly Subscription[]): Promise<readonly SubscribedTopic[]> {
    this.#refuseWhenClosed();
    const answer = this.#subscriptions.replace(subscriptions);
    const { state } = this;
    if (state.kind === 'open') this.#sendSubscriptions(state.dialect);
    return answer;
  }

  async publish(notification: Publishable, options: PublishOptions = {}): Promise<Receipt | undefined> {
    this.#refuseWhenClosed();
    const answer = this.#publications.add(notification, options);
    const { state } = this;
    if (state.kind === 'open') this.#publications.send(state.dialect, (text) => this.#connection.send(text));
    return answer;
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #refuseWhenClosed(): void {
    const { state } = this;
    if (state.kind === 'closed') throw new ClosedError(state.code, state.reason);
  }

  /** The set goes before the publications: a client that publishes to itself hears its own. */
  #follow(state: ClientState): void {
    if (state.kind === 'open') {
      this.#opened++;
      this.#sendSubscriptions(state.dialect);
      this.#publications.send(state.dialect, (text) => this.#connection.send(text));
    }
    if (state.kind === 'closed') {
      this.#options.signal?.removeEventListener('abort', this.#abort);
      const closed = new ClosedError(state.code, state.reason);
      this.#subscriptions.end(closed);
      this.#publications.end(closed);
    }
    this.#options.onState?.(state);
  }

  #sendSubscriptions(dialect: Dialect): void {
    // The base protocol cannot resume, and what it delivers has no position.
    const lost = dialect === 'base' ? this.#positions.forget() : [];
    this.#subscriptions.send({ dialect, positions: this.#positions, send: (text) => this.#connection.send(text) });
    if (lost.length > 0) this.#options.onReset?.(lost);
  }

  #subscribed(id: string | undefined, topics: readonly SubscribedTopic[]): void {
    const isResumed = this.#subscriptions.isResumed(id);
    const { recovered, lost } = this.#positions.restart(topics, isResumed);
    if (lost.length > 0) this.#options.onReset?.(lost);
    if (isResumed) this.#options.onRecovered?.(recovered);
    this.#subscriptions.acknowledged(id, topics);
  }

  #receive(message: BrokerMessage, text: string): void {
    switch (message.kind) {
      case 'notification':
        this.#deliver(message.notification, message.position, text);
        break;
      case 'subscribed':
        this.#subscribed(message.id, message.topics);
        break;
      case 'mark':
        this.#positions.note(message.topics);
        break;
      case 'reset':
        this.#positions.note(message.topics);
        this.#options.onReset?.(message.topics);
        break;
      case 'receipt':
        this.#publications.acknowledged(message.id, message.receipt);
        break;
      case 'error':
        this.#refused(message.id, message.error);
        break;
      default: // hello is the connection's; authenticated answers what this client does not ask
    }
  }

  #refused(id: string | undefined, { code, message, path }: ErrorDetail): void {
    const error = new ProtocolError(code, message, { id, ...(path === undefined ? {} : { path }) });
    const { isTold, isOwed } = this.#subscriptions.refused(id, error);
    if (isOwed) this.#sendSubscriptions('v1');
    if (!isTold && !this.#publications.refused(id, error)) this.#options.onProblem?.(error);
  }

  #deliver(notification: Notification, position: Position | undefined, text: string): void {
    if (position && !this.#positions.advance(notification, position)) return;
    this.#received++;
    this.#options.onNotification?.({ notification, text, ...(position ? { position } : {}) });
  }
}
