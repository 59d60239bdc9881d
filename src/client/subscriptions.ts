import {
  type Dialect,
  matches,
  type Notification,
  type ProtocolError,
  type SubscribedTopic,
  type Subscription,
  type Topic,
  topicKey,
} from '../protocol/index.js';
import type { Delivery } from './delivery.js';
import type { Positions } from './positions.js';
import type { SubscribeOptions } from './subscription-handle.js';

/** What a handle wants at one time; another time it is another array, even of the same. */
type WishSet = readonly Subscription[];

/** What is behind a handle. */
export interface Wishes {
  /** Who is told. */
  readonly listener: SubscribeOptions;
  onNotification(delivery: Delivery): void;
  wanted: WishSet;
  /** What stands when a later set is refused (R-5.9). */
  inForce?: WishSet;
  /** Who waits for which set, in the order of the calls. */
  waiters: readonly Waiter[];
}

interface Waiter {
  readonly set: WishSet;
  resolve(topics: readonly SubscribedTopic[]): void;
  reject(error: Error): void;
}

/** A union that was sent. */
interface Request {
  readonly sets: ReadonlyMap<Wishes, WishSet>;
  /** Who wants each subscription, in the order in which they were sent. */
  readonly owners: readonly (readonly Wishes[])[];
  /** Whether it says what has been seen last. */
  readonly isResumed: boolean;
}

/** All that is subscribed to with a client: the union is the one set that the broker knows of, across all connections (R-2.2). */
export class Subscriptions {
  /** Whoever has changed last comes last. */
  readonly #handles = new Set<Wishes>();
  readonly #requests = new Map<string, Request>();
  #count = 0;
  /** Whether the broker has been sent a set on this line, and whether it has one in force. */
  #line: 'new' | 'sent' | 'acknowledged' = 'new';

  get handles(): readonly Wishes[] {
    return [...this.#handles];
  }

  has(handle: Wishes): boolean {
    return this.#handles.has(handle);
  }

  /** The subscriptions that were in force on an earlier line. */
  get inForce(): readonly Subscription[] {
    return this.handles.flatMap(({ inForce = [] }) => inForce);
  }

  /**
   * A handle wants these; nothing is sent yet. Rejects as `SubscriptionHandle.ready` does, and nobody has to listen.
   * @throws TypeError for what cannot be sent as JSON.
   */
  want(handle: Wishes, subscriptions: Subscription | readonly Subscription[]): Promise<readonly SubscribedTopic[]> {
    // A copy, so that what a caller changes later is not half of what is known here.
    const set: Subscription[] = JSON.parse(JSON.stringify([subscriptions].flat()));
    if (!set.every(Boolean)) throw new TypeError('expected subscriptions, found null');
    handle.wanted = set;
    this.#handles.delete(handle);
    this.#handles.add(handle);
    const answer = new Promise<readonly SubscribedTopic[]>((resolve, reject) => {
      handle.waiters = [...handle.waiters, { set, resolve, reject }];
    });
    answer.catch(() => {});
    return answer;
  }

  /** A handle wants nothing any more. */
  remove(handle: Wishes, error: Error): void {
    this.#handles.delete(handle);
    for (const waiter of takeWaiters(handle, handle.wanted)) waiter.reject(error);
  }

  /**
   * Sends the union on a line that is open. With `wsn.v1` the first set of a line resumes what is known (R-5.4), and only topics of which
   * nothing is known are rewound.
   * @param isProbe whether to send it even if nothing is wanted, for the sake of the answer.
   */
  send(dialect: Dialect, positions: Positions, send: (text: string) => void, isProbe: boolean): void {
    if (this.#handles.size === 0 && this.#line === 'new' && !isProbe) return;
    const isFirst = this.#line !== 'acknowledged';
    if (isFirst) this.#line = 'sent';
    const sets = new Map(this.handles.map((handle) => [handle, handle.wanted]));
    const owners = new Map<string, Wishes[]>();
    for (const [handle, set] of sets) {
      for (const subscription of set) {
        const { rewind, ...plain } = subscription;
        const text = JSON.stringify(dialect === 'v1' && positions.isNew(plain) ? subscription : plain);
        owners.set(text, [...(owners.get(text) ?? []), handle]);
      }
    }
    const wanted = [...sets.values()].flat();
    const subscriptions = `"subscriptions":[${[...owners.keys()].join()}]`;
    if (dialect === 'base') {
      // What is told without positions cannot be rewound without a repeat.
      positions.forget(wanted);
      send(`{"sender":"client",${subscriptions}}`);
      settle(sets, []);
      return;
    }
    const id = `s${++this.#count}`;
    const resume = isFirst ? positions.of(wanted) : [];
    const isResumed = resume.length > 0;
    this.#requests.set(id, { sets, owners: [...owners.values()], isResumed });
    send(`{"sender":"client","id":"${id}",${subscriptions}${isResumed ? `,"resume":${JSON.stringify(resume)}` : ''}}`);
  }

  /**
   * The set asked for with `id` is in force (R-5.4); one that is none of ours is passed over.
   * @param before called before whoever waits for it is told: whether it is the first of its line, for those after it have missed nothing,
   *   even if they were sent with positions; and whether it answers them.
   */
  acknowledged(id: string | undefined, topics: readonly SubscribedTopic[], before: (isFirst: boolean, isResumed: boolean) => void): void {
    const request = this.#take(id);
    if (!request) return;
    const isFirst = this.#line !== 'acknowledged';
    this.#line = 'acknowledged';
    before(isFirst, isFirst && request.isResumed);
    settle(request.sets, topics);
  }

  /**
   * The broker refused the set asked for with `id` (R-5.9): whose subscription it points at is taken out, or put back to what stood
   * before; if it points at none, whoever has changed last.
   * @param mayGetBetter nobody is at fault: the same is sent again on the next line.
   * @returns who was at fault; `undefined` for none of ours.
   */
  refused(id: string | undefined, error: ProtocolError, mayGetBetter: boolean): readonly Wishes[] | undefined {
    const request = this.#take(id);
    if (!request || mayGetBetter) return request && [];
    const index = /^\/subscriptions\/(\d+)/.exec(error.path)?.[1] ?? -1;
    const last = [...request.sets].filter(([, set]) => set.length > 0).slice(-1);
    const faulty = request.owners[Number(index)] ?? last.map(([handle]) => handle);
    return faulty.filter((handle) => {
      const set = request.sets.get(handle) ?? [];
      for (const waiter of takeWaiters(handle, set)) waiter.reject(error);
      const isStanding = this.#handles.has(handle);
      if (handle.wanted === set) {
        if (handle.inForce && handle.inForce !== set) handle.wanted = handle.inForce;
        else {
          this.#handles.delete(handle);
          delete handle.inForce;
        }
      }
      return isStanding;
    });
  }

  /** The line is gone: who waits is answered on the next one, where the whole set is sent again. */
  lineEnded(): void {
    this.#requests.clear();
    this.#line = 'new';
  }

  /** Who is to have a notification (R-3.1). What is in force goes on until what is wanted instead is. */
  matching(notification: Notification): readonly Wishes[] {
    return this.handles.filter((handle) => heardBy(handle).some((subscription) => matches(subscription, notification)));
  }

  #take(id = ''): Request | undefined {
    const request = this.#requests.get(id);
    this.#requests.delete(id);
    return request;
  }
}

/** What a handle wants, and until that is in force what is. */
export function heardBy({ wanted, inForce = [], waiters }: Wishes): WishSet {
  return waiters.length > 0 ? [...wanted, ...inForce] : wanted;
}

/** Those of the topics that stand in a set. */
export function ownTopics<T extends Topic>(set: WishSet, topics: readonly T[]): readonly T[] {
  const keys = new Set(set.map(topicKey));
  return topics.filter((topic) => keys.has(topicKey(topic)));
}

function settle(sets: Request['sets'], topics: readonly SubscribedTopic[]): void {
  for (const [handle, set] of sets) {
    handle.inForce = set;
    for (const waiter of takeWaiters(handle, set)) waiter.resolve(ownTopics(set, topics));
  }
}

/** Who waits for a set, or for one before it. */
function takeWaiters(handle: Wishes, set: WishSet): readonly Waiter[] {
  const count = handle.waiters.map((waiter) => waiter.set).lastIndexOf(set) + 1;
  const taken = handle.waiters.slice(0, count);
  handle.waiters = handle.waiters.slice(count);
  return taken;
}
