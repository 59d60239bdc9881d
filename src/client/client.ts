import {
  type BrokerMessage,
  CLOSE_CODES,
  type Dialect,
  type ErrorDetail,
  type Notification,
  type Position,
  ProtocolError,
  type Receipt,
  SUBPROTOCOL,
  type SubscribedTopic,
  type Subscription,
  type Topic,
  topicKey,
} from '../protocol/index.js';
import type { ClientOptions, ClientStats } from './client-options.js';
import type { ClientState } from './client-state.js';
import { ClosedError } from './closed-error.js';
import { Connection } from './connection.js';
import type { DataOf, RegisteredData } from './data-types.js';
import type { Delivery } from './delivery.js';
import { Positions } from './positions.js';
import type { Publishable, PublishOptions } from './publication.js';
import { Publications } from './publications.js';
import { publishAlone } from './publish-alone.js';
import { type ClientStore, createStore } from './store.js';
import type { LostTopic, SubscribeOptions, SubscriptionHandle } from './subscription-handle.js';
import { ownTopics, Subscriptions, type Wishes } from './subscriptions.js';
import { browserWake } from './wake.js';
import { platformWebSocket, type WebSocketConstructor } from './web-socket.js';

/** One connection to a broker that heals itself, as long as the broker does not say that it must not. */
export interface Client<D = RegisteredData> extends AsyncDisposable {
  readonly state: ClientState;
  readonly stats: ClientStats;
  /** Both of them, for what is drawn anew when they change. */
  readonly store: ClientStore;
  /**
   * Wants notifications, now and on each later connection, beside all others that are wanted already: the broker is told the
   * union, once for all calls of a turn. A notification comes to each handle once, if one of its subscriptions matches.
   * @param onNotification what it throws is an unhandled rejection; others are told all the same.
   */
  subscribe<const S extends Subscription>(
    subscriptions: S | readonly S[],
    onNotification: (delivery: Delivery<DataOf<S, D>>) => void,
    options?: SubscribeOptions,
  ): SubscriptionHandle;
  /**
   * Publishes one notification, at the next connection if there is none now. All are sent in the order of the calls.
   * @returns the receipt, also of a `duplicate`; with the base protocol `undefined`, when the broker has closed with 1000. There it is sent
   *   on a connection of its own, but by a client that has subscribed to nothing, which it ends.
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
 * @throws Error where there is no WebSocket, and, unless `token` is a function, what its constructor throws for a bad `url`.
 */
export function createClient<D = RegisteredData>(options: ClientOptions): Client<D> {
  return new WsnClient(options) as unknown as Client<D>;
}

class WsnClient implements Omit<Client, 'subscribe'> {
  readonly store: ClientStore;
  readonly #changed: () => void;
  readonly #options: ClientOptions;
  readonly #WebSocket: WebSocketConstructor;
  readonly #connection: Connection;
  readonly #subscriptions = new Subscriptions();
  readonly #publications: Publications;
  readonly #positions = new Positions();
  /** What ends with the client. */
  readonly #ends = new Set<(closed: ClosedError) => void>();
  #closed: ClosedError | undefined;
  #isSendDue = false;
  #received = 0;
  #recovered = 0;
  #repeats = 0;
  #opened = 0;

  constructor(options: ClientOptions) {
    const { url, token, signal, backoff = {}, random = Math.random, protocols = [SUBPROTOCOL] } = options;
    if (signal?.aborted) throw signal.reason ?? new Error('the signal is aborted already');
    this.#options = options;
    this.#WebSocket = options.WebSocket ?? platformWebSocket();
    const { changed, ...store } = createStore(() => ({ state: this.state, stats: this.stats }));
    this.store = store;
    this.#changed = changed;
    this.#publications = new Publications({ backoff, random, onDue: () => this.#sendPublications() });
    this.#connection = new Connection({
      backoff,
      random,
      url,
      token,
      protocols,
      WebSocket: this.#WebSocket,
      onMessage: (message, text) => this.#receive(message, text),
      onProblem: (error) => options.onProblem?.(error),
      onState: (state) => this.#follow(state),
      onDoubt: () => this.#sendSubscriptions(true),
      onLineEnd: (dialect, closed) => this.#lineEnded(dialect, closed),
    });
    const wake = () => this.#connection.wake();
    for (const source of options.wake ?? [browserWake()]) this.#ends.add(source(wake));
    const abort = () => void this.close();
    signal?.addEventListener('abort', abort);
    this.#ends.add(() => signal?.removeEventListener('abort', abort));
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

  subscribe(
    subscriptions: Subscription | readonly Subscription[],
    onNotification: (delivery: Delivery) => void,
    options: SubscribeOptions = {},
  ): SubscriptionHandle {
    const wishes: Wishes = { listener: { ...options, onNotification }, wanted: [], waiters: [] };
    const { signal } = options;
    let ended: ClosedError | undefined;
    const end = (error: ClosedError) => {
      ended ??= error;
      this.#ends.delete(end);
      signal?.removeEventListener('abort', unsubscribe);
      this.#subscriptions.remove(wishes, ended);
    };
    const unsubscribe = () => {
      end(new ClosedError(CLOSE_CODES.normal.code, 'unsubscribed'));
      this.#sendSoon();
    };
    const replace: SubscriptionHandle['replace'] = (wanted) => {
      const answer = this.#subscriptions.want(wishes, wanted);
      if (ended) this.#subscriptions.remove(wishes, ended);
      else this.#sendSoon();
      return answer;
    };
    this.#ends.add(end);
    signal?.addEventListener('abort', unsubscribe);
    const ready = replace(subscriptions);
    if (this.#closed) end(this.#closed);
    if (signal?.aborted) unsubscribe();
    return { ready, replace, unsubscribe, [Symbol.dispose]: unsubscribe };
  }

  async publish(notification: Publishable, options: PublishOptions = {}): Promise<Receipt | undefined> {
    if (this.#closed) throw this.#closed;
    const answer = this.#publications.add(notification, options);
    // A client that publishes to itself hears its own: what it has subscribed to before is sent before.
    if (this.#isSendDue) this.#sendSubscriptions();
    this.#sendPublications();
    return answer;
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #follow(state: ClientState): void {
    if (state.kind === 'open') {
      this.#opened++;
      if (state.dialect === 'base') this.#loseAll();
      this.#sendSubscriptions();
      this.#sendPublications();
    }
    if (state.kind === 'closed') {
      this.#closed = new ClosedError(state.code, state.reason);
      for (const end of this.#ends) end(this.#closed);
      this.#publications.end(this.#closed);
    }
    this.#options.onState?.(state);
    this.#changed();
  }

  /** The base protocol cannot resume, and what it delivers has no position: what was subscribed to before is uncertain. */
  #loseAll(): void {
    const wanted = this.#subscriptions.inForce;
    const lost = new Map(wanted.map(({ package: name, page }) => [topicKey({ package: name, page }), { package: name, page }]));
    const last = [...lost.values()].map((topic) => ({ ...topic, ...this.#positions.last(topic) }));
    this.#tellLost(last);
  }

  #lineEnded(dialect: Dialect, closed: ClosedError): void {
    this.#subscriptions.lineEnded();
    this.#publications.lineEnded(dialect, closed);
  }

  #sendSoon(): void {
    if (this.#isSendDue) return;
    this.#isSendDue = true;
    queueMicrotask(() => {
      if (this.#isSendDue) this.#sendSubscriptions();
    });
  }

  #sendSubscriptions(isProbe = false): void {
    const { state } = this;
    this.#isSendDue = false;
    if (state.kind !== 'open') return;
    const send = (text: string) => this.#connection.send(text);
    this.#subscriptions.send(state.dialect, this.#positions, send, isProbe);
  }

  #sendPublications(): void {
    const { state } = this;
    if (state.kind !== 'open') return;
    const alone = (text: string) => publishAlone(this.#options.url, this.#WebSocket, text);
    const send = (text: string) => this.#connection.send(text);
    this.#publications.send(state.dialect, send, this.#subscriptions.handles.length > 0 ? alone : undefined);
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
        this.#changed();
        break;
      case 'error':
        this.#refused(message.id, message.error);
        break;
      default: // hello is the connection's; authenticated answers what this client does not ask
    }
  }

  #subscribed(id: string | undefined, topics: readonly SubscribedTopic[]): void {
    const answered = this.#subscriptions.answered(id, topics);
    if (!answered) return;
    const { recovered, lost } = this.#positions.restart(topics, answered.isFirst);
    this.#tellLost(lost);
    if (answered.isFirst && answered.isResumed) {
      this.#options.onRecovered?.(recovered);
      this.#tellHandles(recovered, (listener, own) => listener.onRecovered?.(own));
    }
    answered.settle();
  }

  #refused(id: string | undefined, { code, message, path, retry }: ErrorDetail): void {
    const error = new ProtocolError(code, message, { id, ...(path === undefined ? {} : { path }) });
    const faulty = this.#subscriptions.refused(id, error, retry);
    if (faulty) {
      for (const [{ listener }, own] of faulty) guarded(() => (listener.onRefused ?? this.#options.onProblem)?.(own));
      if (retry) this.#connection.drop(`the broker cannot take the subscriptions now: ${error.described}`);
      else if (faulty.length > 0) this.#sendSoon();
      return;
    }
    const told = this.#publications.refused(id, error, retry);
    if (told === 'nobody' || told === 'retried first') this.#options.onProblem?.(error);
  }

  #deliver(notification: Notification, position: Position | undefined, text: string): void {
    const arrival = position ? this.#positions.advance(notification, position) : 'live';
    // Nothing told of the change of epoch.
    if (arrival === 'broken' && position) {
      this.#tellLost([{ package: notification.package, page: notification.page, ...position, offset: position.offset - 1 }]);
    }
    const takers = arrival === 'repeat' ? [] : this.#subscriptions.matching(notification);
    if (arrival === 'repeat') this.#repeats++;
    else if (takers.length > 0) {
      this.#received++;
      if (arrival === 'replay') this.#recovered++;
    }
    const delivery = { notification, text, ...(position ? { position } : {}) };
    for (const { listener } of takers) guarded(() => listener.onNotification(delivery));
    this.#changed();
  }

  #tellLost(topics: readonly LostTopic[]): void {
    if (topics.length > 0) this.#options.onReset?.(topics);
    this.#tellHandles(topics, (listener, own) => listener.onReset?.(own));
  }

  /** Each is told of its own, unless it has only just come. */
  #tellHandles<T extends Topic>(topics: readonly T[], tell: (listener: Wishes['listener'], own: readonly T[]) => void): void {
    for (const handle of this.#subscriptions.handles) {
      const own = handle.inForce ? ownTopics(handle.wanted, topics) : [];
      if (own.length > 0) guarded(() => tell(handle.listener, own));
    }
  }
}

/** What one listener throws is nothing to the others: it becomes an unhandled rejection. */
function guarded(call: () => void): void {
  try {
    call();
  } catch (error) {
    void Promise.reject(error);
  }
}
