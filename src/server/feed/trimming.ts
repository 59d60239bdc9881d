import type { History } from '../history.js';
import { KEY_TTL_MS } from '../keys.js';
import type { LogWriter, OldestSegment } from '../log/log-writer.js';
import type { DiskTopic } from './disk-topic.js';

/** What trimming goes by and changes. */
interface TrimmingParts {
  /** What the log may take on disk. */
  readonly maxBytes: number;
  readonly history: History;
  /** By `topicKey`; those that are forgotten are taken out. */
  readonly topics: Map<string, DiskTopic>;
  /** Whether the log held keys that are remembered when it was opened. */
  readonly hasKeys: boolean;
  /** The sequence of the first notification that is not committed, or has not been fanned out yet; undefined: there is none. */
  readonly firstPending: () => number | undefined;
  /** Writes down where a topic stands. */
  readonly carry: (topic: DiskTopic) => void;
  /** Writes down the generation, a new one when topics have been forgotten; returns the sequence of that. */
  readonly generation: (hasForgotten: boolean) => number;
}

/**
 * Deletes segments of the log that nobody needs any more: of which the history keeps nothing and no key is remembered, or
 * for which there is no room. Where a topic stands is carried over first, unless nobody uses it: then it is forgotten,
 * and comes back in another epoch.
 */
export class Trimming {
  readonly #writer: LogWriter;
  readonly #parts: TrimmingParts;
  /** When a segment got its last key, by the number of the segment. */
  readonly #keyedAt = new Map<number, number>();
  /** Until when the segments that were there at the start are kept for their keys, and which these are. */
  readonly #inherited: { readonly until: number; readonly before: number };
  /** The oldest segment goes when this has been committed. */
  #waitsFor: number | undefined;

  constructor(writer: LogWriter, parts: TrimmingParts) {
    this.#writer = writer;
    this.#parts = parts;
    this.#inherited = { until: parts.hasKeys ? performance.now() + KEY_TTL_MS : 0, before: writer.segment() };
  }

  /** The segment has got a notification with a key. */
  keyed(segment: number): void {
    this.#keyedAt.set(segment, performance.now());
  }

  /** Deletes what can be deleted, one segment at a time. */
  sweep(): void {
    const { oldest } = this.#writer;
    if (this.#waitsFor !== undefined || !oldest || !this.#writer.isWritable) return;
    // The history has not got it yet, and its topic may have nothing else.
    const pending = this.#parts.firstPending();
    if (pending !== undefined && pending <= oldest.lastSequence) return;
    if (this.#isNeeded(oldest) && this.#writer.bytes <= this.#parts.maxBytes) return;
    this.#parts.history.dropThrough(oldest.lastSequence);
    this.#waitsFor = this.#carryOver(oldest.lastSequence);
  }

  committed(sequence: number): void {
    if (this.#waitsFor !== undefined && sequence >= this.#waitsFor) {
      this.#waitsFor = undefined;
      const { oldest } = this.#writer;
      if (oldest) this.#keyedAt.delete(oldest.number);
      this.#writer.deleteOldest();
      this.sweep();
    } else if (this.#writer.bytes > this.#parts.maxBytes) this.sweep();
  }

  /** What was not committed will not be. */
  failed(): void {
    this.#waitsFor = undefined;
  }

  #isNeeded({ number, lastSequence }: OldestSegment): boolean {
    const { oldest } = this.#parts.history;
    if (oldest && oldest.sequence <= lastSequence) return true;
    const now = performance.now();
    if (number < this.#inherited.before && this.#inherited.until > now) return true;
    return (this.#keyedAt.get(number) ?? Number.NEGATIVE_INFINITY) + KEY_TTL_MS > now;
  }

  /** @returns what has to be committed first. */
  #carryOver(lastSequence: number): number {
    const { topics, history, carry, generation } = this.#parts;
    let hasForgotten = false;
    for (const [key, topic] of topics) {
      if (topic.lastSequence > lastSequence) continue;
      if (history.standing(topic.topic)) carry(topic);
      else {
        topics.delete(key);
        hasForgotten = true;
      }
    }
    return generation(hasForgotten);
  }
}
