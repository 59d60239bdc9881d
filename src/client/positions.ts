import {
  type Notification,
  type Position,
  type SubscribedTopic,
  type Subscription,
  type Topic,
  type TopicPosition,
  topicKey,
} from '../protocol/index.js';

/** What an acknowledged set says about the time before it. */
export interface Restart {
  /** Topics of which nothing was missed: what came in between follows. */
  readonly recovered: readonly SubscribedTopic[];
  /** Topics that were known before and in which something may have been missed, with where they stand now. */
  readonly lost: readonly TopicPosition[];
}

/**
 * What a delivery is: `live`, of a `replay` after a reconnection, of a `rewind`, or a `repeat`, whose place in the order is at or before
 * the last one of the same epoch; `broken` is live, too, but of another epoch than all before.
 */
export type Arrival = 'live' | 'replay' | 'rewind' | 'repeat' | 'broken';

/** Notifications from before an acknowledgement that follow it. */
interface Follow {
  readonly kind: 'replay' | 'rewind';
  /** Where the topic stood at the acknowledgement. */
  readonly head: TopicPosition;
  /** How many have not come yet. */
  left: number;
}

/** How far each topic has been told. */
export class Positions {
  readonly #byTopic = new Map<string, TopicPosition>();
  readonly #follows = new Map<string, Follow>();
  /** Topics of which something has been told without a position: their past is not asked for any more. */
  readonly #begun = new Set<string>();

  /** Notes where topics stand, whatever was known before (R-5.6: a reset). */
  reset(topics: readonly TopicPosition[]): void {
    for (const topic of topics) this.#set(topic, topic);
  }

  /**
   * Notes how far topics have been told without a delivery (R-5.6: a mark).
   * @returns those that have another epoch than before: what came before is uncertain.
   */
  mark(topics: readonly TopicPosition[]): readonly TopicPosition[] {
    const lost: TopicPosition[] = [];
    for (const topic of topics) {
      const last = this.last(topic);
      if (last?.epoch === topic.epoch && topic.offset < last.offset) continue; // what was told stays told
      if (last && last.epoch !== topic.epoch) lost.push(positionOf(topic, topic));
      this.#set(topic, topic);
    }
    return lost;
  }

  /**
   * A set of subscriptions is in force: notes where its topics stand, and forgets all others.
   * @param isFirst whether it is the first set of its line; those after it have missed nothing.
   */
  restart(topics: readonly SubscribedTopic[], isFirst: boolean): Restart {
    const kept = new Set(topics.map(topicKey));
    for (const key of this.#byTopic.keys()) if (!kept.has(key)) this.#byTopic.delete(key);
    const unfinished = new Map(this.#follows);
    this.#follows.clear();
    this.#begun.clear();
    const recovered: SubscribedTopic[] = [];
    const lost: TopicPosition[] = [];
    for (const topic of topics) {
      const key = topicKey(topic);
      const last = this.last(topic);
      const isRecovered = isFirst && topic.recovered === true && last?.epoch === topic.epoch;
      if (isRecovered) recovered.push(topic);
      else if (isFirst && (last || isBroken(unfinished.get(key), topic))) lost.push(positionOf(topic, topic));
      this.#begin(key, topic, isRecovered ? 'replay' : 'rewind');
    }
    return { recovered, lost };
  }

  /** Notes a delivery. */
  advance(notification: Notification, position: Position): Arrival {
    const key = topicKey(notification);
    const last = this.#byTopic.get(key);
    const follow = this.#followOf(key, position);
    const isLast = follow !== undefined && --follow.left === 0;
    const isRepeat = last?.epoch === position.epoch && position.offset <= last.offset;
    if (isLast) this.#set(notification, follow.head);
    else if (!isRepeat) this.#byTopic.set(key, positionOf(notification, position));
    if (isRepeat) return 'repeat';
    if (follow) return follow.kind;
    return last === undefined || last.epoch === position.epoch ? 'live' : 'broken';
  }

  /** The last position known of a topic. */
  last(topic: Topic): Position | undefined {
    const found = this.#byTopic.get(topicKey(topic));
    return found && { epoch: found.epoch, offset: found.offset };
  }

  /** The last positions known of the topics of a set, each once. */
  of(subscriptions: readonly Subscription[]): readonly TopicPosition[] {
    const keys = new Set(subscriptions.map(topicKey));
    return [...keys].flatMap((key) => this.#byTopic.get(key) ?? []);
  }

  /** Whether nothing of a topic has been told yet, so that its past may be asked for without a repeat. */
  isNew(topic: Topic): boolean {
    const key = topicKey(topic);
    return !this.#byTopic.has(key) && !this.#begun.has(key);
  }

  /**
   * Forgets every position, and begins with topics that will be told without.
   * @returns where those stood that were known.
   */
  forget(subscriptions: readonly Subscription[]): readonly TopicPosition[] {
    const known = [...this.#byTopic.values()];
    for (const key of [...this.#byTopic.keys(), ...subscriptions.map(topicKey)]) this.#begun.add(key);
    this.#byTopic.clear();
    this.#follows.clear();
    return known;
  }

  /**
   * The acknowledged position lies behind what follows: it counts when all of that has come, or else a line that breaks
   * in the middle would lose the rest.
   */
  #begin(key: string, topic: SubscribedTopic, kind: Follow['kind']): void {
    const left = (kind === 'replay' ? topic.replayed : topic.rewound) ?? 0;
    if (left === 0) {
      this.#set(topic, topic);
      return;
    }
    this.#follows.set(key, { kind, head: positionOf(topic, topic), left });
  }

  /** What a delivery belongs to. One of another epoch, or from behind the acknowledgement, ends what has not followed by then. */
  #followOf(key: string, { epoch, offset }: Position): Follow | undefined {
    const follow = this.#follows.get(key);
    if (!follow || (epoch === follow.head.epoch && offset <= follow.head.offset)) return follow;
    this.#follows.delete(key);
    return undefined;
  }

  #set(topic: Topic, position: Position): void {
    const key = topicKey(topic);
    this.#follows.delete(key);
    this.#byTopic.set(key, positionOf(topic, position));
  }
}

/**
 * Whether a rewind of which nothing had come when its line ended, and that was asked for again, does not reach back to what was live by then.
 * A rewind of which something had come is resumed from there.
 */
function isBroken(unfinished: Follow | undefined, topic: SubscribedTopic): boolean {
  if (unfinished?.kind !== 'rewind') return false;
  const isSame = unfinished.head.epoch === topic.epoch && unfinished.head.offset === topic.offset;
  return !isSame && topic.complete !== true;
}

function positionOf(topic: Topic, { epoch, offset }: Position): TopicPosition {
  return { package: topic.package, page: topic.page, epoch, offset };
}
