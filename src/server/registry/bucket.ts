import type { Posting } from './filter-index.js';

/**
 * The postings that wait for one value at one place of the index. A posting knows its place in each of its buckets,
 * and the last one moves into the hole that a removal leaves: removing 10,000 from a bucket of 100,000 costs 10,000
 * steps and not 10,000 searches.
 */
export class Bucket {
  readonly postings: Posting[];
  /** Which of the posting's slots this is, beside each posting. */
  readonly #slots: number[];

  constructor() {
    this.postings = [];
    this.#slots = [];
  }

  get size(): number {
    return this.postings.length;
  }

  /** Adds `posting`, whose slot number `slot` stands for this bucket; returns its place. */
  add(posting: Posting, slot: number): number {
    this.#slots.push(slot);
    return this.postings.push(posting) - 1;
  }

  /** Takes out what stands at `place`. */
  removeAt(place: number): void {
    const last = this.postings.pop() as Posting;
    const slot = this.#slots.pop() as number;
    if (place === this.postings.length) return;
    this.postings[place] = last;
    this.#slots[place] = slot;
    last.moved(slot, place);
  }
}
