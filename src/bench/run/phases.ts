import type { Phase } from '../result/result.js';
import { monotonicMs } from '../traffic/clock.js';

/** Which phase a run is in, since when, and how long those before it took. */
export class Phases {
  /** How long each has taken, in ms; of the running one, until it was entered again. */
  readonly lengthsMs: Record<Phase, number> = { ramp: 0, 'warm-up': 0, hold: 0, drain: 0 };
  readonly #holdAt: () => number;
  #phase: Phase = 'ramp';
  #since = monotonicMs();

  /** @param holdAt moment of `monotonicMs` at which the hold begins: the warm-up ends by itself, the publisher goes straight on. */
  constructor(holdAt: () => number) {
    this.#holdAt = holdAt;
  }

  get current(): Phase {
    this.#toHold(monotonicMs());
    return this.#phase;
  }

  /** Since the phase began, in ms. */
  get elapsedMs(): number {
    const now = monotonicMs();
    this.#toHold(now);
    return now - this.#since;
  }

  enter(phase: Phase): void {
    const now = monotonicMs();
    this.#toHold(now);
    this.#leave(phase, now);
  }

  /** The run is over: the last phase is as long as it is now. */
  end(): void {
    this.enter(this.#phase);
  }

  #toHold(now: number): void {
    const holdAt = this.#holdAt();
    if (this.#phase === 'warm-up' && now >= holdAt) this.#leave('hold', holdAt);
  }

  #leave(next: Phase, now: number): void {
    this.lengthsMs[this.#phase] += now - this.#since;
    this.#phase = next;
    this.#since = now;
  }
}
