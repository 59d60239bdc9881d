import type { Outbox } from './outbox.js';

/** Publishers wait for a reader that is behind by more than this share of what it may be… */
const LAG_SHARE = 1 / 4;
/** …for so long until it is first seen to take something, so that one that never reads is hardly waited for… */
const FIRST_STEP_MS = 200;
/** …unless it has taken so many times its bound before, more than the kernel alone would… */
const PROVEN_BOUNDS = 2;
/** …then while it has taken something within this time: the kernel tells of it in steps of up to 1.4 MB… */
const STEP_MS = 1000;
/** …and never longer than this in one go: one that is slow for long may get too far behind. */
const LONGEST_WAIT_MS = 2000;
/** Pause between two looks at who is behind: there may be many. */
const LOOK_MS = 2;

/** What is known of one reader; times are milliseconds of the monotonic clock. */
interface Lag {
  /** Until when publishers may wait for it, and how much it had taken when that was said. */
  patientUntil: number;
  taken: number;
  /** Since when they wait for it; undefined while it is not far behind. */
  waitedSince: number | undefined;
}

/**
 * Tells whether publishers should wait for readers: a burst must not push those over their bound who read as fast as
 * they can, and one who takes nothing, or too little for long, must cost nobody anything.
 */
export class Patience {
  readonly #lagBytes: number;
  readonly #provenBytes: number;
  readonly #lags = new Map<Outbox, Lag>();
  #isCalledFor = false;
  #lookedAt = 0;

  constructor(maxOutboxBytes: number) {
    this.#lagBytes = maxOutboxBytes * LAG_SHARE;
    this.#provenBytes = maxOutboxBytes * PROVEN_BOUNDS;
  }

  /** Considers a reader whose socket holds something, until it holds nothing. */
  watch(outbox: Outbox): void {
    if (this.#lags.has(outbox)) return;
    const taken = outbox.takenBytes;
    const patience = taken > this.#provenBytes ? STEP_MS : FIRST_STEP_MS;
    this.#lags.set(outbox, { patientUntil: performance.now() + patience, taken, waitedSince: undefined });
  }

  unwatch(outbox: Outbox): void {
    this.#lags.delete(outbox);
  }

  /** Whether a reader that keeps taking is so far behind that a little patience saves it. */
  isCalledFor(): boolean {
    if (this.#lags.size === 0) return false;
    const now = performance.now();
    if (now - this.#lookedAt < LOOK_MS) return this.#isCalledFor;
    this.#lookedAt = now;
    this.#isCalledFor = false;
    for (const [outbox, lag] of this.#lags) {
      if (outbox.socketBytes === 0) this.#lags.delete(outbox);
      else if (this.#isDeserved(outbox, lag, now)) this.#isCalledFor = true;
    }
    return this.#isCalledFor;
  }

  #isDeserved(outbox: Outbox, lag: Lag, now: number): boolean {
    const taken = outbox.takenBytes;
    if (taken > lag.taken) {
      lag.taken = taken;
      lag.patientUntil = now + STEP_MS;
    }
    if (outbox.pendingBytes <= this.#lagBytes) {
      lag.waitedSince = undefined;
      return false;
    }
    if (now > lag.patientUntil) return false;
    lag.waitedSince ??= now;
    return now - lag.waitedSince < LONGEST_WAIT_MS;
  }
}
