import { type Notification, type Position, type SubscribedTopic, type Topic, type TopicPosition, topicKey } from '../protocol/index.js';

/** How far each topic has been told. */
export class Positions {
  readonly #byTopic = new Map<string, Position>();

  /** Notes where topics stand, whatever was known before. */
  note(topics: readonly TopicPosition[]): void {
    for (const topic of topics) this.#byTopic.set(topicKey(topic), { epoch: topic.epoch, offset: topic.offset });
  }

  /** A new set of subscriptions is in force: notes where its topics stand, and forgets all others. */
  restart(topics: readonly SubscribedTopic[]): void {
    const kept = new Set(topics.map(topicKey));
    for (const key of this.#byTopic.keys()) if (!kept.has(key)) this.#byTopic.delete(key);
    // Where a topic was recovered, its replay follows and moves the position itself.
    this.note(topics.filter((topic) => topic.recovered !== true));
  }

  /**
   * Notes a delivery.
   * @returns false when it is a repeat: its place in the order is at or before the last one of the same epoch.
   */
  advance(notification: Notification, position: Position): boolean {
    const last = this.last(notification);
    if (last && last.epoch === position.epoch && position.offset <= last.offset) return false;
    this.#byTopic.set(topicKey(notification), position);
    return true;
  }

  /** The last position known of a topic. */
  last(topic: Topic): Position | undefined {
    return this.#byTopic.get(topicKey(topic));
  }
}
