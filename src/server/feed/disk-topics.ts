import { type Topic, topicKey } from '../../protocol/index.js';
import type { DiskTopic } from './disk-topic.js';

/** The topics that stand in the log. */
export class DiskTopics {
  readonly #topics = new Map<string, DiskTopic>();
  #lastId = 0;
  #nameBytes = 0;

  get size(): number {
    return this.#topics.size;
  }

  /** What it takes in the log to name each once. */
  get nameBytes(): number {
    return this.#nameBytes;
  }

  /** An id that no topic has had. */
  newId(): number {
    return ++this.#lastId;
  }

  get(topic: Topic): DiskTopic | undefined {
    return this.#topics.get(topicKey(topic));
  }

  /** Adds one, in the place of what had its name. */
  add(added: DiskTopic): void {
    this.forget(added.topic);
    this.#topics.set(topicKey(added.topic), added);
    this.#nameBytes += added.nameBytes;
    this.#lastId = Math.max(this.#lastId, added.id);
  }

  forget(topic: Topic): void {
    this.#nameBytes -= this.get(topic)?.nameBytes ?? 0;
    this.#topics.delete(topicKey(topic));
  }

  /** All; those that are added meanwhile come, too. */
  values(): IterableIterator<DiskTopic> {
    return this.#topics.values();
  }
}
