/** A burst may be as large as what two seconds bring. */
const BURST_SECONDS = 2;
/** And never less than this, however low the rate: the first messages of a page come together. */
const LEAST_BURST = 10;
/** The longest that an empty bucket of any rate (whole numbers from 1) takes to be full again. */
export const LONGEST_FILL_MS = LEAST_BURST * 1000;

/** Less than this is no wait, only the sum of many fractions. */
const ROUNDING_MS = 1e-6;

/** What is asked of a bucket. */
interface Draught {
  /** What the bucket gives in the long run. */
  readonly perSecond: number;
  readonly count: number;
  /** Of the monotonic clock, in ms. */
  readonly now: number;
}

/**
 * A token bucket that is full at first. All that it keeps is when it is full again, so the rate may change at any time,
 * and a bucket whose time has passed may be forgotten.
 *
 * More than it can ever hold is given when it is full, and owed: a large batch waits its turn, but is not impossible.
 */
export class Bucket {
  #fullAt = 0;

  /** Milliseconds until so much can be taken; 0: now. */
  wait({ perSecond, count, now }: Draught): number {
    const burst = Math.max(LEAST_BURST, BURST_SECONDS * perSecond);
    const missing = Math.max(0, this.#fullAt - now);
    const mayBeMissing = ((burst - Math.min(count, burst)) * 1000) / perSecond;
    const waitMs = missing - mayBeMissing;
    return waitMs < ROUNDING_MS ? 0 : waitMs;
  }

  /** Takes it, whether it is there or not. */
  take({ perSecond, count, now }: Draught): void {
    this.#fullAt = Math.max(this.#fullAt, now) + (count * 1000) / perSecond;
  }

  /** Takes it if it is there; returns what `wait` returns. */
  draw(draught: Draught): number {
    const waitMs = this.wait(draught);
    if (waitMs === 0) this.take(draught);
    return waitMs;
  }
}
