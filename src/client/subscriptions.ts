import {
  type Dialect,
  matches,
  type Notification,
  ProtocolError,
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
  readonly listener: SubscribeOptions & { onNotification(delivery: Delivery): void };
  wanted: WishSet;
  /** What stands when a later set is refused. */
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

/** What an acknowledgement answers. */
interface Answered {
  /** Whether it is the first set in force on its line: those after it have missed nothing, even if they were sent with positions. */
  readonly isFirst: boolean;
  readonly isResumed: boolean;
  /** Puts the set in force, and tells who waits for it. */
  settle(): void;
}

/** All that is subscribed to with a client: the union is the one set that the broker knows of, across all connections. */
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

  /** The subscriptions that were in force on an earlier line. */
  get inForce(): readonly Subscription[] {
    return this.handles.flatMap(({ inForce = [] }) => inForce);
  }

  /** A handle wants these; nothing is sent yet. Rejects as `SubscriptionHandle.ready` does, and nobody has to listen. */
  want(handle: Wishes, subscriptions: Subscription | readonly Subscription[]): Promise<readonly SubscribedTopic[]> {
    const set = [subscriptions].flat();
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
   * Sends the union on a line that is open. With `wsn.v1` the first set of a line resumes what is known, and only topics of which
   * nothing is known are rewound.
   * @param isProbe whether to send it even if nothing is wanted, for the sake of the answer.
   */
  send(dialect: Dialect, positions: Positions, send: (text: string) => void, isProbe: boolean): void {
    const sets = new Map(this.handles.map((handle) => [handle, handle.wanted]));
    const owners = new Map<string, Wishes[]>();
    for (const [handle, set] of sets) {
      for (const subscription of set) {
        const { rewind, ...plain } = subscription;
        const text = JSON.stringify(dialect === 'v1' && positions.isNew(plain) ? subscription : plain);
        owners.set(text, [...(owners.get(text) ?? []), handle]);
      }
    }
    const isNothing = sets.size === 0 && this.#line === 'new' && !isProbe;
    const resume = dialect === 'base' || this.#line === 'acknowledged' ? [] : positions.of([...sets.values()].flat());
    // What is told without positions cannot be rewound without a repeat.
    if (dialect === 'base') positions.forget([...sets.values()].flat());
    const request = { sets, owners: [...owners.values()], isResumed: resume.length > 0 };
    if (!isNothing) {
      if (this.#line === 'new') this.#line = 'sent';
      const id = `s${++this.#count}`;
      const head = dialect === 'base' ? '' : `"id":"${id}",`;
      const tail = request.isResumed ? `,"resume":${JSON.stringify(resume)}` : '';
      if (dialect === 'v1') this.#requests.set(id, request);
      send(`{"sender":"client",${head}"subscriptions":[${[...owners.keys()].join()}]${tail}}`);
    }
    if (dialect === 'base' || isNothing) settle(request, []);
  }

  /** What the set asked for with `id` was; `undefined` for none of ours. */
  answered(id: string | undefined, topics: readonly SubscribedTopic[]): Answered | undefined {
    const request = this.#take(id);
    if (!request) return undefined;
    const isFirst = this.#line !== 'acknowledged';
    this.#line = 'acknowledged';
    return { isFirst, isResumed: request.isResumed, settle: () => settle(request, topics) };
  }

  /**
   * The broker refused the set asked for with `id`: whose subscription it points at is taken out, or put back to what stood
   * before; if it points at none, whoever has changed last.
   * @param mayGetBetter nobody is at fault: the same is sent again on the next line.
   * @returns who was at fault, with the error as it is for each; `undefined` for none of ours.
   */
  refused(id: string | undefined, error: ProtocolError, mayGetBetter: boolean): readonly (readonly [Wishes, ProtocolError])[] | undefined {
    const request = this.#take(id);
    if (!request || mayGetBetter) return request && [];
    const index = /^\/subscriptions\/(\d+)/.exec(error.path)?.[1];
    const faulty = request.owners[Number(index)] ?? [...request.sets.keys()].slice(-1);
    return faulty
      .filter((handle) => this.#handles.has(handle))
      .map((handle) => {
        const set = request.sets.get(handle) ?? [];
        const own = request.owners.slice(0, Number(index)).filter((owners) => owners.includes(handle)).length;
        const told = new ProtocolError(error.code, error.message, { path: error.path.replace(/\d+/, String(own)) });
        for (const waiter of takeWaiters(handle, set)) waiter.reject(told);
        if (handle.wanted === set) {
          if (handle.inForce && handle.inForce !== set) handle.wanted = handle.inForce;
          else this.#handles.delete(handle);
        }
        return [handle, told] as const;
      });
  }

  /** The line is gone: who waits is answered on the next one, where the whole set is sent again. */
  lineEnded(): void {
    this.#requests.clear();
    this.#line = 'new';
  }

  /** Who is to have a notification. */
  matching(notification: Notification): readonly Wishes[] {
    return this.handles.filter(({ wanted }) => wanted.some((subscription) => matches(subscription, notification)));
  }

  #take(id = ''): Request | undefined {
    const request = this.#requests.get(id);
    this.#requests.delete(id);
    return request;
  }
}

/** Those of the topics that a handle wants. */
export function ownTopics<T extends Topic>(set: WishSet, topics: readonly T[]): readonly T[] {
  const keys = new Set(set.map(topicKey));
  return topics.filter((topic) => keys.has(topicKey(topic)));
}

function settle({ sets }: Request, topics: readonly SubscribedTopic[]): void {
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
