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
import type { Publishable, PublishOptions } from './publication.js';
import { Publications } from './publications.js';
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
  /** The set to subscribe to on each connection, as for `subscribe()`, which replaces it. */
  readonly subscriptions?: readonly Subscription[];
  /** Default: the platform's. In Node before 22 give it the `ws` package's. */
  readonly WebSocket?: WebSocketConstructor;
  onNotification?(delivery: Delivery): void;
  /** Called after each change of state, but not for the first, in which the client is created. */
  onState?(state: ClientState): void;
  /** These topics are lost: what came before these positions is uncertain, load it from your API. */
  onReset?(topics: readonly TopicPosition[]): void;
  /**
   * Called after a reconnection, when the broker has answered where to go on: with the topics of which nothing
   * was missed, before their `replayed` notifications come to `onNotification`. Of all others `onReset` is told before.
   */
  onRecovered?(topics: readonly SubscribedTopic[]): void;
  /**
   * A refusal that answers no call of yours, a message that cannot be understood, or why publications with `retry` are refused for
   * now, which is told once for each wait; the connection stays open.
   */
  onProblem?(error: ProtocolError): void;
  /** Between attempts to connect, and between tries of publications with `retry`. */
  readonly backoff?: Partial<BackoffOptions>;
  /** From 0 to below 1; spreads reconnections. Default: `Math.random`. */
  readonly random?: () => number;
  /** Aborting closes the client. */
  readonly signal?: AbortSignal;
  /** Subprotocols to offer; none: the base protocol only. Default: `wsn.v1`. */
  readonly protocols?: readonly string[];
}

export interface ClientStats {
  /** Notifications delivered, those of replays and rewinds included. */
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

/** One connection to a broker that heals itself, as long as the broker does not say that it must not. */
export interface Client extends AsyncDisposable {
  readonly state: ClientState;
  readonly stats: ClientStats;
  /**
   * Replaces the whole set of subscriptions, now and on each later connection. A `rewind` counts for topics of which
   * nothing is known yet; with those that were in the set before it is not asked for again, and after a reconnection
   * they are resumed, or told to `onReset`.
   * @returns the topics at the acknowledgement, with what follows of a rewind (`rewound`, `complete`); with the base protocol,
   *   which has no acknowledgement and no rewind, an empty list when it is sent.
   * @throws ProtocolError when the broker refuses the set: the one before it stands.
   * @throws ClosedError when the client closes before.
   */
  subscribe(subscriptions: readonly Subscription[]): Promise<readonly SubscribedTopic[]>;
  /**
   * Publishes one notification, at the next connection if there is none now. All are sent in the order of the calls.
   * @returns the receipt, also of a `duplicate`; with the base protocol `undefined`, when the broker has closed with 1000, which ends this client.
   * @throws ProtocolError when the broker refuses it; with `retry`, for good.
   * @throws ClosedError when the connection ended before the answer: it may or may not have been published. With `retry` only when
   *   the client has closed, or when keys are kept no longer and it might be published twice.
   * @throws Error with `retry` when the connection speaks the base protocol: it is not sent there.
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
  readonly #publications: Publications;
  readonly #positions = new Positions();
  readonly #abort = () => void this.close();
  #received = 0;
  #recovered = 0;
  #repeats = 0;
  #opened = 0;

  constructor(options: ClientOptions) {
    options.signal?.throwIfAborted();
    this.#options = options;
    this.#subscriptions = new SubscriptionSet(options.subscriptions);
    const pace = { backoff: options.backoff ?? {}, random: options.random ?? Math.random };
    this.#publications = new Publications({ ...pace, onDue: () => this.#sendPublications() });
    this.#connection = new Connection({
      ...pace,
      url: options.url,
      protocols: options.protocols ?? [SUBPROTOCOL],
      WebSocket: options.WebSocket ?? platformWebSocket(),
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
    return {
      received: this.#received,
      recovered: this.#recovered,
      repeats: this.#repeats,
      reconnects: Math.max(0, this.#opened - 1),
      published: this.#publications.served,
    };
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
    this.#sendPublications();
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
      this.#sendPublications();
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
    const lost = dialect === 'base' ? this.#positions.forget(this.#subscriptions.wanted) : [];
    this.#subscriptions.send({ dialect, positions: this.#positions, send: (text) => this.#connection.send(text) });
    this.#tellLost(lost);
  }

  #sendPublications(): void {
    const { state } = this;
    if (state.kind === 'open') this.#publications.send(state.dialect, (text) => this.#connection.send(text));
  }

  #subscribed(id: string | undefined, topics: readonly SubscribedTopic[]): void {
    const answered = this.#subscriptions.answered(id);
    if (!answered) return;
    const { recovered, lost } = this.#positions.restart(topics, answered.isFirst);
    this.#tellLost(lost);
    if (answered.isFirst && answered.isResumed) this.#options.onRecovered?.(recovered);
    this.#subscriptions.acknowledged(id, topics);
  }

  #tellLost(topics: readonly TopicPosition[]): void {
    if (topics.length > 0) this.#options.onReset?.(topics);
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
        this.#tellLost(this.#positions.mark(message.topics));
        break;
      case 'reset':
        this.#positions.reset(message.topics);
        this.#tellLost(message.topics);
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

  #refused(id: string | undefined, { code, message, path, retry }: ErrorDetail): void {
    const error = new ProtocolError(code, message, { id, ...(path === undefined ? {} : { path }) });
    const { isTold, isOwed } = this.#subscriptions.refused(id, error);
    if (isOwed) this.#sendSubscriptions('v1');
    if (isTold) return;
    const told = this.#publications.refused(id, error, retry);
    if (told === 'nobody' || told === 'retried first') this.#options.onProblem?.(error);
  }

  #deliver(notification: Notification, position: Position | undefined, text: string): void {
    const arrival = position ? this.#positions.advance(notification, position) : 'live';
    if (arrival === 'repeat') {
      this.#repeats++;
      return;
    }
    // Nothing told of the change of epoch.
    if (arrival === 'broken' && position) this.#tellLost([before(notification, position)]);
    if (arrival === 'replay') this.#recovered++;
    this.#received++;
    this.#options.onNotification?.({ notification, text, ...(position ? { position } : {}) });
  }
}

function before({ package: name, page }: Notification, { epoch, offset }: Position): TopicPosition {
  return { package: name, page, epoch, offset: offset - 1 };
}
