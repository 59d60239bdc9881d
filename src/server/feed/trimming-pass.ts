import type { History } from '../history.js';
import type { OldestSegment } from '../log/log-writer.js';
import type { DiskTopic } from './disk-topic.js';
import type { DiskTopics } from './disk-topics.js';

/** So many topics are looked at, and written down, in one turn of the event loop: a millisecond or two. */
const LOOKED_AT = 5000;
const CARRIED = 1000;

/** What a pass goes by and changes. */
export interface PassParts {
  readonly history: History;
  /** Those that nobody uses any more are forgotten. */
  readonly topics: DiskTopics;
  /** Writes down where a topic stands. */
  readonly carry: (topic: DiskTopic) => void;
  /** Writes down the generation, a new one when topics have been forgotten; returns the sequence of that. */
  readonly generation: (hasForgotten: boolean) => number;
}

/** Prepares the oldest segment to be deleted: what stands nowhere else of topics that are in use is written again. */
export class TrimmingPass {
  readonly oldest: OldestSegment;
  readonly #parts: PassParts;
  readonly #unseen: Iterator<DiskTopic>;
  /** Those whose last record is in the segment. */
  readonly #inSegment: DiskTopic[] = [];
  #carried = 0;
  #isComplete = false;
  #usedBytes = 0;
  #carriedBytes = 0;

  constructor(oldest: OldestSegment, parts: PassParts) {
    this.oldest = oldest;
    this.#parts = parts;
    this.#unseen = parts.topics.values();
  }

  /** What it takes to name each topic that is in use, as far as they were looked at. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** What has to be written again of the segment. */
  get carriedBytes(): number {
    return this.#carriedBytes;
  }

  /** Looks at some more topics. @returns whether all have been seen. */
  look(): boolean {
    const { history } = this.#parts;
    for (let count = 0; count < LOOKED_AT; count++) {
      const next = this.#unseen.next();
      if (next.done) return true;
      const topic = next.value;
      const isInSegment = topic.lastSequence <= this.oldest.lastSequence;
      if (isInSegment) this.#inSegment.push(topic);
      if (!history.standing(topic.topic)) continue;
      this.#usedBytes += topic.nameBytes;
      if (isInSegment) this.#carriedBytes += topic.nameBytes;
    }
    return false;
  }

  /**
   * Carries over some more topics, and forgets those that are not in use: they come back in another generation, which is
   * there in the same turn.
   * @returns what has to be committed before the next call; undefined when nothing in the segment is needed any more.
   */
  carry(): number | undefined {
    if (this.#isComplete) return undefined;
    const { topics, history, carry, generation } = this.#parts;
    let hasForgotten = false;
    const end = Math.min(this.#carried + CARRIED, this.#inSegment.length);
    for (; this.#carried < end; this.#carried++) {
      const topic = this.#inSegment[this.#carried] as DiskTopic;
      if (topic.lastSequence > this.oldest.lastSequence) continue;
      if (history.standing(topic.topic)) carry(topic);
      else {
        topics.forget(topic.topic);
        hasForgotten = true;
      }
    }
    this.#isComplete = end === this.#inSegment.length;
    return generation(hasForgotten);
  }
}
