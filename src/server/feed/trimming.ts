import { KEY_TTL_MS } from '../keys.js';
import type { LogWriter, OldestSegment } from '../log/log-writer.js';
import { type PassParts, TrimmingPass } from './trimming-pass.js';

/** What trimming goes by and changes. */
interface TrimmingParts extends PassParts {
  /** What the log may take on disk. */
  readonly maxBytes: number;
  /** Whether the log held keys that are remembered when it was opened. */
  readonly hasKeys: boolean;
  /** The sequence of the first notification that is not committed, or has not been fanned out yet; undefined: there is none. */
  readonly firstPending: () => number | undefined;
}

/**
 * Deletes segments of the log that nobody needs any more: of which the history keeps nothing and no key is remembered, or
 * for which there is no room. Where a topic stands is carried over first, unless nobody uses it: then it is forgotten,
 * and comes back in another epoch.
 *
 * What is carried over will have to be carried again. So it is done only while that is less than half of the log, which
 * passes over all segments then make smaller: else they would go round for ever.
 */
export class Trimming {
  readonly #writer: LogWriter;
  readonly #parts: TrimmingParts;
  /** When a segment got its last key, by the number of the segment. */
  readonly #keyedAt = new Map<number, number>();
  /** Until when the segments that were there at the start are kept for their keys, and which these are. */
  readonly #inherited: { readonly until: number; readonly before: number };
  #pass: TrimmingPass | undefined;
  /** The pass goes on when this has been committed; undefined while it looks at topics. */
  #waitsFor: number | undefined;
  /** What the log takes at least, as it was found last: it is not tried again with every commit. */
  #leastBytes = 0;

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
    if (this.#pass !== undefined || !oldest) return;
    if (!this.#writer.isWritable) {
      // If it is for want of room, there would be some.
      if (!this.#isNeeded(oldest)) this.#writer.useReserve();
      return;
    }
    // The history has not got it yet, and its topic may have nothing else.
    const pending = this.#parts.firstPending();
    if (pending !== undefined && pending <= oldest.lastSequence) return;
    if (this.#isNeeded(oldest) && this.#writer.bytes <= this.#parts.maxBytes) return;
    this.#pass = new TrimmingPass(oldest, this.#parts);
    this.#look(this.#pass);
  }

  committed(sequence: number): void {
    if (this.#pass !== undefined) {
      if (this.#waitsFor !== undefined && sequence >= this.#waitsFor) this.#goOn(this.#pass);
    } else if (this.#writer.bytes > Math.max(this.#parts.maxBytes, this.#leastBytes)) this.sweep();
  }

  /** What was not committed will not be. */
  failed(): void {
    this.#pass = undefined;
    this.#waitsFor = undefined;
  }

  #look(pass: TrimmingPass): void {
    if (this.#pass !== pass) return;
    if (!pass.look()) setImmediate(() => this.#look(pass)).unref();
    else if (this.#writer.isWritable && this.#isWorthwhile(pass)) {
      this.#parts.history.dropThrough(pass.oldest.lastSequence);
      this.#waitsFor = pass.carry();
    } else this.#pass = undefined;
  }

  #goOn(pass: TrimmingPass): void {
    // While the log is closed nothing more can be carried over.
    this.#waitsFor = this.#writer.isWritable ? pass.carry() : Number.POSITIVE_INFINITY;
    if (this.#waitsFor !== undefined) return;
    this.#pass = undefined;
    this.#keyedAt.delete(pass.oldest.number);
    this.#writer.deleteOldest();
    this.sweep();
  }

  #isNeeded({ number, lastSequence }: OldestSegment): boolean {
    const { oldest } = this.#parts.history;
    if (oldest && oldest.sequence <= lastSequence) return true;
    const now = performance.now();
    if (number < this.#inherited.before && this.#inherited.until > now) return true;
    return (this.#keyedAt.get(number) ?? Number.NEGATIVE_INFINITY) + KEY_TTL_MS > now;
  }

  #isWorthwhile({ oldest, usedBytes, carriedBytes }: TrimmingPass): boolean {
    const { bytes } = this.#writer;
    this.#leastBytes = 2 * usedBytes;
    if (this.#isNeeded(oldest)) return bytes > Math.max(this.#parts.maxBytes, this.#leastBytes);
    return bytes > this.#leastBytes || 2 * carriedBytes < oldest.bytes;
  }
}
