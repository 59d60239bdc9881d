import {
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
import { BACKOFF } from './backoff.js';
import type { ClientOptions, ClientStats } from './client-options.js';
import type { ClientState } from './client-state.js';
import { ClosedError, NORMAL } from './closed-error.js';
import { Connection } from './connection.js';
import type { DataOf, RegisteredData } from './data-types.js';
import type { Delivery } from './delivery.js';
import { guarded } from './guarded.js';
import type { Heard } from './heard.js';
import { abortReason, onAbort } from './on-abort.js';
import { Positions } from './positions.js';
import type { Publishable, PublishOptions } from './publication.js';
import { Publications } from './publications.js';
import { publishAlone } from './publish-alone.js';
import { type ClientStore, createStore } from './store.js';
import type { LostTopic, SubscribeOptions, SubscriptionHandle } from './subscription-handle.js';
import { heardBy, ownTopics, Subscriptions, type Wishes } from './subscriptions.js';
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
   * @throws TypeError for subscriptions that cannot be sent as JSON.
   */
  subscribe<const S extends Subscription>(
    subscriptions: S | readonly S[],
    onNotification: (delivery: Delivery<DataOf<S, D>>) => void,
    options?: SubscribeOptions,
  ): SubscriptionHandle;
  /**
   * Publishes one notification, at the next connection if there is none now. All are sent in the order of the calls.
   * @returns the receipt, also of a `duplicate`; with the base protocol `undefined`, when the broker has closed with 1000. There each is sent
   *   on a connection of its own, wait for one before the next where the order matters; but a client that has subscribed to nothing ends with it.
   * @throws ProtocolError when the broker refuses it.
   * @throws ClosedError when the connection ended before the answer: it may or may not have been published. `publishUntilReceipt` tries again.
   */
  publish(notification: Publishable, options?: PublishOptions): Promise<Receipt | undefined>;
  /** Ends the connection with 1000 and makes no other; idempotent. Resolves when it is gone, within about a second. */
  close(): Promise<void>;
}

/**
 * Connects to a broker, and again whenever the line breaks.
 * @throws what the signal has aborted with, Error where there is no WebSocket, and, unless `token` is a function, what its constructor throws for a bad `url`.
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
  readonly #publications = new Publications(() => this.#changed());
  readonly #positions = new Positions();
  /** What ends with the client. */
  readonly #ends = new Set<(closed: ClosedError) => void>();
  #closed: ClosedError | undefined;
  readonly #send = (text: string) => this.#connection.send(text);
  #isSendDue = false;
  readonly #counts = { received: 0, recovered: 0, repeats: 0 };
  #opened = 0;

  constructor(options: ClientOptions) {
    const { signal } = options;
    if (signal?.aborted) throw abortReason(signal);
    this.#options = options;
    this.#WebSocket = options.WebSocket ?? platformWebSocket();
    [this.store, this.#changed] = createStore(() => ({ state: this.state, stats: this.stats }));
    this.#connection = new Connection({
      url: options.url,
      token: options.token,
      random: options.random ?? Math.random,
      protocols: options.protocols ?? [SUBPROTOCOL],
      backoff: { ...BACKOFF, ...options.backoff },
      WebSocket: this.#WebSocket,
      onMessage: (message, text) => this.#receive(message, text),
      onProblem: (error) => guarded(() => options.onProblem?.(error)),
      onState: (state) => this.#follow(state),
      onDoubt: () => this.#sendSubscriptions(true),
      onLineEnd: (dialect, closed) => this.#lineEnded(dialect, closed),
    });
    const wake = () => this.#connection.wake();
    for (const source of options.wake ?? [browserWake()]) this.#ends.add(source(wake));
    this.#ends.add(onAbort(signal, () => void this.close()));
  }

  get state(): ClientState {
    return this.#connection.state;
  }

  get stats(): ClientStats {
    return {
      ...this.#counts,
      reconnects: this.#opened && this.#opened - 1,
      published: this.#publications.served,
    };
  }

  subscribe(
    subscriptions: Subscription | readonly Subscription[],
    onNotification: (delivery: Delivery) => void,
    options: SubscribeOptions = {},
  ): SubscriptionHandle {
    const wishes: Wishes = { listener: options, onNotification, wanted: [], waiters: [] };
    const { signal } = options;
    let ended: ClosedError | undefined;
    const end = (error: ClosedError) => {
      ended ??= error;
      this.#ends.delete(end);
      forget();
      this.#subscriptions.remove(wishes, ended);
    };
    const unsubscribe = () => {
      if (ended) return;
      end(new ClosedError(NORMAL, 'unsubscribed'));
      this.#sendSoon();
    };
    const replace: SubscriptionHandle['replace'] = (wanted) => {
      const answer = this.#subscriptions.want(wishes, wanted);
      if (ended) this.#subscriptions.remove(wishes, ended);
      else this.#sendSoon();
      return answer;
    };
    const ready = replace(subscriptions);
    const forget = onAbort(signal, unsubscribe);
    this.#ends.add(end);
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
    if (this.state !== state) return; // somebody who was told has closed
    guarded(() => this.#options.onState?.(state));
    this.#changed();
  }

  /** The base protocol cannot resume, and what it delivers has no position: what was subscribed to before is uncertain. */
  #loseAll(): void {
    const topics = new Map(this.#subscriptions.inForce.map((topic) => [topicKey(topic), topic]));
    const lost = [...topics.values()].map((topic) => this.#positions.last(topic) ?? { package: topic.package, page: topic.page });
    this.#positions.forget([]);
    this.#tellLost(lost);
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
    if (state.kind === 'open') this.#subscriptions.send(state.dialect, this.#positions, this.#send, isProbe);
  }

  #sendPublications(): void {
    const { state } = this;
    const { url } = this.#options;
    const alone = (text: string) => publishAlone({ url, WebSocket: this.#WebSocket, text, ends: this.#ends });
    const isAlone = this.#subscriptions.handles.length > 0;
    if (state.kind === 'open') this.#publications.send(state.dialect, this.#send, isAlone ? alone : undefined);
  }

  #receive({ id, notification, position, subscribed, mark, reset, receipt, error }: Heard, text: string): void {
    if (notification) this.#deliver(notification, position, text);
    if (subscribed) this.#subscribed(id, subscribed.topics);
    if (mark) this.#tellLost(this.#positions.mark(mark));
    if (reset) {
      this.#positions.reset(reset);
      this.#tellLost(reset);
    }
    if (receipt) this.#publications.answered(id, receipt);
    if (error) this.#refused(id, error);
  }

  #subscribed(id: string | undefined, topics: readonly SubscribedTopic[]): void {
    this.#subscriptions.acknowledged(id, topics, (isFirst, isResumed) => {
      const { recovered, lost } = this.#positions.restart(topics, isFirst);
      this.#tellLost(lost);
      if (!isResumed) return;
      guarded(() => this.#options.onRecovered?.(recovered));
      this.#tellHandles(recovered, (listener, own) => listener.onRecovered?.(own));
    });
  }

  #refused(id: string | undefined, { code, message, path, retry }: ErrorDetail): void {
    const error = new ProtocolError(code, message, { id, retry, ...(path === undefined ? {} : { path }) });
    const tell = (told: ClientOptions['onProblem']) => guarded(() => told?.(error));
    const faulty = this.#subscriptions.refused(id, error, retry);
    if (!faulty) {
      if (!this.#publications.answered(id, error)) tell(this.#options.onProblem);
    } else if (retry) this.#connection.drop(`subscriptions refused for now: ${error.described}`);
    else if (faulty.length > 0) {
      for (const { listener } of faulty) tell(listener.onRefused ?? this.#options.onProblem);
      this.#sendSoon();
    }
  }

  #deliver(notification: Notification, position: Position | undefined, text: string): void {
    const arrival = position ? this.#positions.advance(notification, position) : 'live';
    // Nothing told of the change of epoch.
    if (arrival === 'broken' && position) {
      this.#tellLost([{ package: notification.package, page: notification.page, ...position, offset: position.offset - 1 }]);
    }
    const takers = arrival === 'repeat' ? [] : this.#subscriptions.matching(notification);
    if (arrival === 'repeat') this.#counts.repeats++;
    else if (takers.length > 0) {
      this.#counts.received++;
      if (arrival === 'replay') this.#counts.recovered++;
    }
    const delivery = { notification, text, ...(position ? { position } : {}) };
    for (const taker of takers) this.#tell(taker, () => taker.onNotification(delivery));
    this.#changed();
  }

  #tellLost(topics: readonly LostTopic[]): void {
    if (topics.length > 0) guarded(() => this.#options.onReset?.(topics));
    this.#tellHandles(topics, (listener, own) => listener.onReset?.(own));
  }

  /** Each is told of its own, unless it has only just come. */
  #tellHandles<T extends Topic>(topics: readonly T[], tell: (listener: Wishes['listener'], own: readonly T[]) => void): void {
    for (const handle of this.#subscriptions.handles) {
      const own = handle.inForce ? ownTopics(heardBy(handle), topics) : [];
      if (own.length > 0) this.#tell(handle, (listener) => tell(listener, own));
    }
  }

  /** Whoever was told before may have taken this one back. */
  #tell(handle: Wishes, call: (listener: Wishes['listener']) => void): void {
    if (this.#subscriptions.has(handle)) guarded(() => call(handle.listener));
  }
}
