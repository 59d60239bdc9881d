import type { Bucket } from '../result/result.js';
import { BUCKET_COUNT, bucketOf, HIGHEST_VALUE, topOfBucket, topOfCoarseBucket } from './bucket-layout.js';

/** Words of a message before its pairs: min, max, and the sum's upper and lower half. */
const HEAD = 4;

const WORD = 2 ** 32;

/**
 * How often each time was measured: whole µs up to 71 minutes, exact below 256 µs and to 0.8 % above. Count, minimum,
 * maximum and mean are exact, also of what was merged.
 *
 * It is not Node's own histogram, nor that of a library, because receivers record hundreds of thousands of times a second
 * and keep one histogram for each slice of time: recording must cost a few ns and no allocation, a histogram a few KB, and
 * its buckets must be at hand, to be sent to the main thread, resampled and drawn. Node's costs three times as much to
 * record and does not give its buckets away; those written in JavaScript cost seven times as much.
 */
export class Histogram {
  readonly #counts = new Uint32Array(BUCKET_COUNT);
  #count = 0;
  #sum = 0;
  #min = HIGHEST_VALUE;
  #max = 0;

  /** Counts `us`, in µs, rounded to a whole one; what is below 0 as 0, what is above 2^32 - 1 as that. */
  record(us: number): void {
    const value = us <= 0 ? 0 : us >= HIGHEST_VALUE ? HIGHEST_VALUE : (us + 0.5) >>> 0;
    const bucket = bucketOf(value);
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#count++;
    this.#sum += value;
    if (value < this.#min) {
      this.#min = value;
    }
    if (value > this.#max) {
      this.#max = value;
    }
  }

  get count(): number {
    return this.#count;
  }

  /** In µs; `null` when nothing was recorded. */
  get min(): number | null {
    return this.#count === 0 ? null : this.#min;
  }

  /** In µs; `null` when nothing was recorded. */
  get max(): number | null {
    return this.#count === 0 ? null : this.#max;
  }

  /** In µs; `null` when nothing was recorded. */
  get mean(): number | null {
    return this.#count === 0 ? null : this.#sum / this.#count;
  }

  /**
   * What `percent` (above 0, at most 100, three decimals count) of all values do not exceed, in µs: the highest value of the
   * bucket that holds the rank, or the maximum where that is lower. `null` when nothing was recorded.
   */
  percentile(percent: number): number | null {
    if (this.#count === 0) {
      return null;
    }
    const rank = rankOf(percent, this.#count);
    let seen = 0;
    let bucket = bucketOf(this.#min);
    for (; bucket < BUCKET_COUNT; bucket++) {
      seen += this.#counts[bucket] as number;
      if (seen >= rank) {
        break;
      }
    }
    return Math.min(topOfBucket(bucket), this.#max);
  }

  /** Adds all that `other` has counted; `other` keeps it. */
  add(other: Histogram): void {
    other.#eachBucket((bucket, count) => {
      this.#counts[bucket] = (this.#counts[bucket] as number) + count;
    });
    this.#count += other.#count;
    this.#addExact(other.#min, other.#max, other.#sum);
  }

  /** Gives all that was counted as a message for another thread, whose `addSparse` takes it, and forgets it. */
  takeSparse(): Uint32Array<ArrayBuffer> {
    const pairs: number[] = [this.#min, this.#max, Math.floor(this.#sum / WORD), this.#sum % WORD];
    this.#eachBucket((bucket, count) => {
      pairs.push(bucket, count);
      this.#counts[bucket] = 0;
    });
    this.#count = 0;
    this.#sum = 0;
    this.#min = HIGHEST_VALUE;
    this.#max = 0;
    return Uint32Array.from(pairs);
  }

  /** Adds what another histogram's `takeSparse` gave. */
  addSparse(message: Uint32Array): void {
    for (let at = HEAD; at < message.length; at += 2) {
      const bucket = message[at] as number;
      const count = message[at + 1] as number;
      this.#counts[bucket] = (this.#counts[bucket] as number) + count;
      this.#count += count;
    }
    const [min = HIGHEST_VALUE, max = 0, sumUpper = 0, sumLower = 0] = message;
    this.#addExact(min, max, sumUpper * WORD + sumLower);
  }

  /** Ascending, without the empty ones. */
  get buckets(): Bucket[] {
    const buckets: Bucket[] = [];
    this.#eachBucket((bucket, count) => buckets.push([topOfBucket(bucket), count]));
    return buckets;
  }

  /** As `buckets`, but each octave has only `perOctave` of them, a power of two up to 128. */
  coarse(perOctave: number): Bucket[] {
    const coarse: [upToUs: number, count: number][] = [];
    for (const [upToUs, count] of this.buckets) {
      const top = topOfCoarseBucket(upToUs, perOctave);
      const last = coarse.at(-1);
      if (last?.[0] === top) {
        last[1] += count;
      } else {
        coarse.push([top, count]);
      }
    }
    return coarse;
  }

  #addExact(min: number, max: number, sum: number): void {
    this.#min = Math.min(this.#min, min);
    this.#max = Math.max(this.#max, max);
    this.#sum += sum;
  }

  #eachBucket(visit: (bucket: number, count: number) => void): void {
    if (this.#count === 0) {
      return;
    }
    const last = bucketOf(this.#max);
    for (let bucket = bucketOf(this.#min); bucket <= last; bucket++) {
      const count = this.#counts[bucket] as number;
      if (count > 0) {
        visit(bucket, count);
      }
    }
  }
}

/** Whether anything was counted in what `takeSparse` gave. */
export function isAnyIn(message: Uint32Array): boolean {
  return message.length > HEAD;
}

/**
 * Which of `count` ascending values, the first being 1, is the percentile: `percent` of them, rounded up. In whole numbers,
 * for 99.9 % of 1,000 must be 999 and not 999.0000000001.
 */
export function rankOf(percent: number, count: number): number {
  return Math.max(1, Math.ceil((count * Math.round(percent * 1000)) / 100_000));
}
