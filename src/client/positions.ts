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

/** A replay under way. */
interface Replay {
  readonly head: TopicPosition;
  /** Notifications that have not come yet. */
  left: number;
}

/** How far each topic has been told. */
export class Positions {
  readonly #byTopic = new Map<string, TopicPosition>();
  readonly #replays = new Map<string, Replay>();

  /** Notes where topics stand, whatever was known before. */
  note(topics: readonly TopicPosition[]): void {
    for (const topic of topics) this.#set(topic, topic);
  }

  /**
   * A set of subscriptions is in force: notes where its topics stand, and forgets all others.
   * @param isResumed whether the set was asked for with the positions that are known.
   */
  restart(topics: readonly SubscribedTopic[], isResumed: boolean): Restart {
    const kept = new Set(topics.map(topicKey));
    for (const key of this.#byTopic.keys()) if (!kept.has(key)) this.#byTopic.delete(key);
    this.#replays.clear();
    const recovered: SubscribedTopic[] = [];
    const lost: TopicPosition[] = [];
    for (const topic of topics) {
      const last = this.last(topic);
      const isRecovered = topic.recovered === true && last?.epoch === topic.epoch;
      if (isRecovered) recovered.push(topic);
      else if (isResumed && last) lost.push(positionOf(topic, topic));
      // The acknowledged position lies behind the replay: it counts when all of that has come, or else a line that
      // breaks in the middle would lose the rest.
      const left = isRecovered ? (topic.replayed ?? 0) : 0;
      if (left === 0) this.#set(topic, topic);
      else this.#replays.set(topicKey(topic), { head: positionOf(topic, topic), left });
    }
    return { recovered, lost };
  }

  /**
   * Notes a delivery.
   * @returns false when it is a repeat: its place in the order is at or before the last one of the same epoch.
   */
  advance(notification: Notification, position: Position): boolean {
    const last = this.last(notification);
    const isRepeat = last?.epoch === position.epoch && position.offset <= last.offset;
    const replay = this.#replays.get(topicKey(notification));
    const isReplayed = replay !== undefined && --replay.left === 0;
    if (isReplayed) this.#set(notification, replay.head);
    else if (!isRepeat) this.#byTopic.set(topicKey(notification), positionOf(notification, position));
    return !isRepeat;
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

  /** Forgets every topic; returns where each stood. */
  forget(): readonly TopicPosition[] {
    const known = [...this.#byTopic.values()];
    this.#byTopic.clear();
    this.#replays.clear();
    return known;
  }

  #set(topic: Topic, position: Position): void {
    const key = topicKey(topic);
    this.#replays.delete(key);
    this.#byTopic.set(key, positionOf(topic, position));
  }
}

function positionOf(topic: Topic, { epoch, offset }: Position): TopicPosition {
  return { package: topic.package, page: topic.page, epoch, offset };
}
