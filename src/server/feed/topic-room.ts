import type { Log } from '../observe.js';
import { type DiskTopic, nameBytesOf } from './disk-topic.js';
import type { DiskTopics } from './disk-topics.js';

/** Names may fill this part of the log: trimming writes them again and again, and has to free more than it writes. */
const SHARE = 0.5;
/** Topics are taken again when so much of that is free, or each that is forgotten would be news. */
const FREE_AGAIN = 0.1;

interface RoomParts {
  readonly topics: DiskTopics;
  /** What the log may take on disk. */
  readonly maxBytes: number;
  readonly folder: string;
  readonly log: Log;
  /** Called when there is no room any more. */
  readonly full: () => void;
}

/** Whether the log has room for another topic: what it names cannot be trimmed while somebody uses it. */
export class TopicRoom {
  readonly #parts: RoomParts;
  #isFull = false;

  constructor(parts: RoomParts) {
    this.#parts = parts;
  }

  /** Why no topic is taken, in a sentence for operators. */
  get trouble(): string | undefined {
    if (!this.#isFull) return undefined;
    return `the log has no room for another topic: the names of ${this.#parts.topics.size} topics fill half of its ${this.#parts.maxBytes} bytes`;
  }

  /** Whether a topic that the log does not know can be published to. */
  takes(topic: DiskTopic['topic']): boolean {
    this.look();
    const { topics, maxBytes, folder, log, full } = this.#parts;
    if (!this.#isFull && topics.nameBytes + nameBytesOf(topic) > maxBytes * SHARE) {
      this.#isFull = true;
      full();
      log.error({ folder, because: this.trouble }, 'the log has no room for another topic: who publishes to a new one is refused');
    }
    return !this.#isFull;
  }

  /** Looks whether there is room again. */
  look(): void {
    const { topics, maxBytes, folder, log } = this.#parts;
    if (!this.#isFull || topics.nameBytes > maxBytes * SHARE * (1 - FREE_AGAIN)) return;
    this.#isFull = false;
    log.warn({ folder }, 'the log has room for other topics again');
  }
}
