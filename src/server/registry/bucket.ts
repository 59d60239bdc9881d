import type { Posting } from './posting.js';

/**
 * The postings that wait for one value at one place of the index: one stands there itself, a few in an array, many in a
 * crowd. Most values of a large index are wanted by one, and then a bucket costs nothing.
 */
export type Bucket = Posting | Posting[] | Crowd;

/** So many that they must not be searched: 10,000 of 100,000 may go at once. */
export class Crowd {
  readonly postings: Set<Posting>;
  /** Number of the look-up that went through it last: a notification may name the same value 100,000 times. */
  stamp = 0;

  constructor(postings: readonly Posting[]) {
    this.postings = new Set(postings);
  }
}

/** The longest array: to search one is cheaper than a set, which takes four times as much for each posting. */
const A_FEW = 32;

/** Up to here an array is copied, for one that grows by pushing gets room for sixteen more than it needs. */
const VERY_FEW = 4;

/** @returns the bucket with `posting` in it, which may be another. */
export function putInto(bucket: Bucket | undefined, posting: Posting): Bucket {
  if (bucket === undefined) return posting;
  if (bucket instanceof Crowd) bucket.postings.add(posting);
  else if (!Array.isArray(bucket)) return [bucket, posting];
  else if (bucket.length < VERY_FEW) return [...bucket, posting];
  else if (bucket.push(posting) > A_FEW) return new Crowd(bucket);
  return bucket;
}

/** @returns the bucket without `posting`, or undefined when that was all. */
export function takeFrom(bucket: Bucket | undefined, posting: Posting): Bucket | undefined {
  if (bucket instanceof Crowd) {
    const { postings } = bucket;
    postings.delete(posting);
    // Half of what makes a crowd, so that one who comes and goes does not build it again each time.
    return postings.size > A_FEW / 2 ? bucket : [...postings];
  }
  if (!Array.isArray(bucket)) return bucket === posting ? undefined : bucket;
  const place = bucket.indexOf(posting);
  const last = bucket.pop() as Posting;
  if (place < bucket.length) bucket[place] = last;
  return bucket.length > 1 ? bucket : bucket[0];
}

export function sizeOf(bucket: Bucket | undefined): number {
  if (bucket === undefined) return 0;
  if (bucket instanceof Crowd) return bucket.postings.size;
  return Array.isArray(bucket) ? bucket.length : 1;
}

/** Whether the bucket is a posting that stands there by itself. */
export function isOne(bucket: Bucket): bucket is Posting {
  return !(bucket instanceof Crowd || Array.isArray(bucket));
}
