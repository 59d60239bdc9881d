import { type Notification, type Position, type SubscribedTopic, type Topic, type TopicPosition, topicKey } from '../protocol/index.js';

/** What an acknowledged set says about the time before it. */
export interface Restart {
  /** Topics of which nothing was missed: what came in between follows. */
  readonly recovered: readonly SubscribedTopic[];
  /** Topics of which something was told before and in which something may have been missed, with where they stand now. */
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
    for (const topic of topics) this.#stand(topic, topic);
  }

  /**
   * Notes how far topics have been told without a delivery (R-5.6: a mark).
   * @returns those that have another epoch than before: what came before is uncertain.
   */
  mark(topics: readonly TopicPosition[]): readonly TopicPosition[] {
    const lost = topics.filter((topic) => (this.last(topic)?.epoch ?? topic.epoch) !== topic.epoch);
    this.reset(topics.filter((topic) => !isAtOrBefore(topic, this.last(topic)))); // what was told stays told
    return lost.map((topic) => positionOf(topic, topic));
  }

  /**
   * A set of subscriptions is in force: notes where its topics stand, and forgets all others.
   * @param isFirst whether it is the first set of its line; those after it have missed nothing.
   */
  restart(topics: readonly SubscribedTopic[], isFirst: boolean): Restart {
    const known = new Map(this.#byTopic);
    const unfinished = new Map(this.#follows);
    this.forget([]);
    const recovered: SubscribedTopic[] = [];
    const lost: TopicPosition[] = [];
    for (const topic of topics) {
      const key = topicKey(topic);
      const last = known.get(key);
      const isRecovered = isFirst && topic.recovered === true && last?.epoch === topic.epoch;
      if (isRecovered) recovered.push(topic);
      else if (isFirst && (last || this.#begun.has(key) || isBroken(unfinished.get(key), topic))) lost.push(positionOf(topic, topic));
      const left = isRecovered ? topic.replayed : topic.rewound;
      if (last) this.#byTopic.set(key, last);
      // The acknowledged position lies behind what follows: it counts when all of that has come, or else a line that breaks in the
      // middle would lose the rest.
      if (left) this.#follows.set(key, { kind: isRecovered ? 'replay' : 'rewind', head: positionOf(topic, topic), left });
      else this.#stand(topic, topic);
    }
    this.#begun.clear();
    return { recovered, lost };
  }

  /** Notes a delivery. */
  advance(notification: Notification, position: Position): Arrival {
    const key = topicKey(notification);
    const last = this.#byTopic.get(key);
    const found = this.#follows.get(key);
    // One of another epoch, or from behind the acknowledgement, ends what has not followed by then.
    const follow = isAtOrBefore(position, found?.head) ? found : undefined;
    if (!follow) this.#follows.delete(key);
    const isRepeat = isAtOrBefore(position, last);
    if (follow && --follow.left === 0) this.#stand(notification, follow.head);
    else if (!isRepeat) this.#byTopic.set(key, positionOf(notification, position));
    if (isRepeat) return 'repeat';
    if (follow) return follow.kind;
    return last === undefined || last.epoch === position.epoch ? 'live' : 'broken';
  }

  /** The last position known of a topic. */
  last(topic: Topic): TopicPosition | undefined {
    return this.#byTopic.get(topicKey(topic));
  }

  /** The last positions known of the topics of a set, each once. */
  of(topics: readonly Topic[]): readonly TopicPosition[] {
    return [...new Set(topics.flatMap((topic) => this.last(topic) ?? []))];
  }

  /** Whether nothing of a topic has been told yet, so that its past may be asked for without a repeat. */
  isNew(topic: Topic): boolean {
    return !this.last(topic) && !this.#begun.has(topicKey(topic));
  }

  /** Forgets every position, and begins with topics that will be told without. */
  forget(begun: readonly Topic[]): void {
    for (const topic of begun) this.#begun.add(topicKey(topic));
    this.#byTopic.clear();
    this.#follows.clear();
  }

  #stand(topic: Topic, position: Position): void {
    const key = topicKey(topic);
    this.#follows.delete(key);
    this.#byTopic.set(key, positionOf(topic, position));
  }
}

/** Whether one place of a topic is another one or comes before it, in the same epoch. */
function isAtOrBefore(one: Position, other: Position | undefined): boolean {
  return one.epoch === other?.epoch && one.offset <= other.offset;
}

/**
 * Whether a rewind of which nothing had come when its line ended, and that was asked for again, does not reach back to what was live by then.
 * A rewind of which something had come is resumed from there.
 */
function isBroken(unfinished: Follow | undefined, topic: SubscribedTopic): boolean {
  const isSame = unfinished?.head.epoch === topic.epoch && unfinished.head.offset === topic.offset;
  return unfinished?.kind === 'rewind' && !isSame && topic.complete !== true;
}

function positionOf({ package: name, page }: Topic, { epoch, offset }: Position): TopicPosition {
  return { package: name, page, epoch, offset };
}
