import type { Outbox } from './outbox.js';

/** A reader is far behind when more waits for it than this share of what may. */
const LAG_SHARE = 1 / 4;
/** How long publishers wait for a reader that has not been seen to take anything since it fell behind. */
const FIRST_STEP_MS = 200;
/** A reader that has taken so many times its bound before reads for sure: the kernel alone would not take that. */
const PROVEN_BOUNDS = 2;
/** How long they wait for the next step of one that does read: a socket tells of steps of up to 1.4 MB (Linux, loopback). */
const STEP_MS = 1000;
/** How long they wait for one reader in all… */
const BUDGET_MS = 4000;
/** …and the share of any time by which that comes back: so much may a reader that stops and goes slow others down. */
const REFILL_SHARE = 1 / 5;
/** Pause between two looks at who is behind, and how many times as long as a look it is at least. */
const LOOK_MS = 2;
const LOOK_SHARE = 20;

/** What has passed since the look before counts as waited up to this: longer pauses mean that nobody was there to wait. */
const LONGEST_LOOK_MS = 50;

/** What is known of one reader that is far behind; times are milliseconds of the monotonic clock. */
interface Lag {
  /** Until when it may take the next step, and how much it had taken when that was said. */
  patientUntil: number;
  taken: number;
}

/** How long publishers may still wait for a reader, as it was at a moment. */
interface Budget {
  leftMs: number;
  at: number;
}

/**
 * Tells whether publishers should wait for readers: a burst must not push those over their bound who read as fast as
 * they can, and one who takes nothing, or too little for long, must cost nobody anything.
 */
export class Patience {
  readonly #lagBytes: number;
  readonly #provenBytes: number;
  /** Those who are far behind, and nobody else. */
  readonly #lags = new Map<Outbox, Lag>();
  /** Of those who have ever been waited for. */
  readonly #budgets = new WeakMap<Outbox, Budget>();
  #isCalledFor = false;
  #lookedAt = 0;
  #nextLookAt = 0;

  constructor(maxOutboxBytes: number) {
    this.#lagBytes = maxOutboxBytes * LAG_SHARE;
    this.#provenBytes = maxOutboxBytes * PROVEN_BOUNDS;
  }

  /** Considers a reader for which something waits. */
  watch(outbox: Outbox): void {
    if (outbox.pendingBytes <= this.#lagBytes || this.#lags.has(outbox)) return;
    const taken = outbox.takenBytes;
    const patience = taken > this.#provenBytes ? STEP_MS : FIRST_STEP_MS;
    this.#lags.set(outbox, { patientUntil: performance.now() + patience, taken });
  }

  unwatch(outbox: Outbox): void {
    this.#lags.delete(outbox);
  }

  /** Whether a reader that keeps taking is so far behind that a little patience saves it. */
  isCalledFor(): boolean {
    if (this.#lags.size === 0) return false;
    const now = performance.now();
    if (now >= this.#nextLookAt) this.#look(now);
    return this.#isCalledFor;
  }

  #look(now: number): void {
    // What passed since the look before was waited for only if it was called for.
    const waitedMs = this.#isCalledFor ? Math.min(now - this.#lookedAt, LONGEST_LOOK_MS) : 0;
    this.#isCalledFor = false;
    for (const [outbox, lag] of this.#lags) {
      if (outbox.pendingBytes <= this.#lagBytes) this.#lags.delete(outbox);
      else if (this.#isReading(outbox, lag, now) && this.#spend(outbox, waitedMs, now)) this.#isCalledFor = true;
    }
    this.#lookedAt = now;
    const end = performance.now();
    this.#nextLookAt = end + Math.max(LOOK_MS, (end - now) * LOOK_SHARE);
  }

  #isReading(outbox: Outbox, lag: Lag, now: number): boolean {
    const taken = outbox.takenBytes;
    if (taken > lag.taken) {
      lag.taken = taken;
      lag.patientUntil = now + STEP_MS;
    }
    return now <= lag.patientUntil;
  }

  /** @returns whether some of the reader's budget is left behind what it has just used. */
  #spend(outbox: Outbox, waitedMs: number, now: number): boolean {
    const budget = this.#budgets.get(outbox) ?? { leftMs: BUDGET_MS, at: now };
    const refilled = Math.min(BUDGET_MS, budget.leftMs + (now - budget.at) * REFILL_SHARE);
    // It may fall below nothing, for a wait is known only when it is over; that has to come back, too.
    const leftMs = refilled - waitedMs;
    this.#budgets.set(outbox, { leftMs, at: now });
    return leftMs > 0;
  }
}
