import { type Dialect, type ProtocolError, readSubscription, type SubscribedTopic, type Subscription } from '../protocol/index.js';
import type { ClosedError } from './closed-error.js';
import type { Positions } from './positions.js';

interface Waiter {
  resolve(topics: readonly SubscribedTopic[]): void;
  reject(error: Error): void;
}

interface Request {
  readonly subscriptions: readonly Subscription[];
  readonly waiters: readonly Waiter[];
  /** Whether it says what has been seen last. */
  readonly isResumed: boolean;
}

/** What an acknowledgement answers. */
interface Answered {
  /** Whether it is the first set in force on its line: those after it have missed nothing, even if they were sent with positions. */
  readonly isFirst: boolean;
  readonly isResumed: boolean;
}

/** What a set is sent with. */
interface Sending {
  readonly dialect: Dialect;
  /**
   * With `wsn.v1` the first set of a line resumes what is known; the ones after it have missed nothing. Only
   * topics of which nothing is known are rewound.
   */
  readonly positions: Positions;
  send(text: string): void;
}

/** The one set of subscriptions that a client wants, across all its connections. */
export class SubscriptionSet {
  #wanted: readonly Subscription[] | undefined;
  /** The last set that was in force: what stands when a later one is refused. */
  #inForce: readonly Subscription[] | undefined;
  #unsent: Waiter[] = [];
  readonly #asked = new Map<string, Request>();
  #requests = 0;
  /** Whether the broker has a set on this line. */
  #isAcknowledged = false;

  constructor(wanted: readonly Subscription[] | undefined) {
    this.#wanted = wanted;
    this.#inForce = wanted;
  }

  /** The set that is wanted now. */
  get wanted(): readonly Subscription[] {
    return this.#wanted ?? [];
  }

  /**
   * Wants another set; nothing is sent yet.
   * @throws ProtocolError `invalid-subscription` for a `rewind` that no broker takes; all else is the broker's to refuse.
   */
  replace(subscriptions: readonly Subscription[]): Promise<readonly SubscribedTopic[]> {
    subscriptions.forEach(checkRewind);
    this.#wanted = subscriptions;
    return new Promise((resolve, reject) => this.#unsent.push({ resolve, reject }));
  }

  /** Sends the wanted set, if there ever was one, on a line that is open. */
  send({ dialect, positions, send }: Sending): void {
    const subscriptions = this.#wanted;
    if (!subscriptions) return;
    if (dialect === 'base') {
      send(JSON.stringify({ sender: 'client', subscriptions: subscriptions.map(withoutRewind) }));
      const request = { subscriptions, waiters: this.#unsent, isResumed: false };
      this.#unsent = [];
      this.#settle(request, []);
      return;
    }
    const resume = this.#isAcknowledged ? [] : positions.of(subscriptions);
    const isResumed = resume.length > 0;
    const id = `s${++this.#requests}`;
    this.#asked.set(id, { subscriptions, waiters: this.#unsent, isResumed });
    this.#unsent = [];
    const asked = subscriptions.map((subscription) => (positions.isNew(subscription) ? subscription : withoutRewind(subscription)));
    send(JSON.stringify({ sender: 'client', id, subscriptions: asked, ...(isResumed ? { resume } : {}) }));
  }

  /** What the set asked for with `id` was; `undefined` for none of ours. */
  answered(id: string | undefined): Answered | undefined {
    const request = id === undefined ? undefined : this.#asked.get(id);
    return request && { isFirst: !this.#isAcknowledged, isResumed: request.isResumed };
  }

  /** The broker says that the set asked for with `id` is in force. */
  acknowledged(id: string | undefined, topics: readonly SubscribedTopic[]): void {
    const request = this.#take(id);
    if (!request) return;
    this.#isAcknowledged = true;
    this.#settle(request, topics);
  }

  /**
   * The broker refused the set asked for with `id`: the one before it stands.
   * @returns whether somebody was told, and whether the set that stands is to be sent, as the broker of a new line has not had it.
   */
  refused(id: string | undefined, error: ProtocolError): { readonly isTold: boolean; readonly isOwed: boolean } {
    const request = this.#take(id);
    if (!request) return { isTold: false, isOwed: false };
    const isBack = this.#wanted === request.subscriptions && this.#wanted !== this.#inForce;
    if (isBack) this.#wanted = this.#inForce;
    for (const waiter of request.waiters) waiter.reject(error);
    return { isTold: request.waiters.length > 0, isOwed: isBack && !this.#isAcknowledged };
  }

  /** The line is gone: who waits is answered on the next one, where the whole set is sent again. */
  lineEnded(): void {
    this.#unsent = [...this.#asked.values()].flatMap((request) => request.waiters).concat(this.#unsent);
    this.#asked.clear();
    this.#isAcknowledged = false;
  }

  /** The client is closed: nobody will be answered. */
  end(closed: ClosedError): void {
    this.lineEnded();
    for (const waiter of this.#unsent) waiter.reject(closed);
    this.#unsent = [];
  }

  #take(id: string | undefined): Request | undefined {
    const request = id === undefined ? undefined : this.#asked.get(id);
    if (id !== undefined) this.#asked.delete(id);
    return request;
  }

  #settle(request: Request, topics: readonly SubscribedTopic[]): void {
    this.#inForce = request.subscriptions;
    for (const waiter of request.waiters) waiter.resolve(topics);
  }
}

/** A broker would not see one that is left out since its topic is known. */
function checkRewind({ rewind }: Subscription, index: number): void {
  if (rewind !== undefined) readSubscription({ package: 'p', page: 'p', rewind }, `/subscriptions/${index}`);
}

function withoutRewind({ rewind: _, ...subscription }: Subscription): Subscription {
  return subscription;
}
