import { NO_MISHAP, oneMore } from '../result/mishap.js';
import type { Mishap } from '../result/result.js';

/** One that is under way. */
interface Canary {
  readonly round: number;
  readonly channel: number;
}

/**
 * Notifications that are sent to find out who listens. They are published like all others, under indices behind those
 * of the load.
 */
export class Canaries {
  readonly #first: number;
  readonly #underWay = new Map<number, Canary>();
  #next: number;
  #refused: Mishap = NO_MISHAP;
  #onAllSettled: () => void = () => {};

  /** @param first index that is none of the load's. */
  constructor(first: number) {
    this.#first = first;
    this.#next = first;
  }

  of(index: number): Canary | undefined {
    return index < this.#first ? undefined : this.#underWay.get(index);
  }

  /** Sends one to each channel; resolves when each is answered. */
  send(round: number, channels: readonly number[], publish: (index: number) => void): Promise<void> {
    return new Promise((resolve) => {
      this.#onAllSettled = resolve;
      const indices = channels.map((channel) => {
        this.#underWay.set(this.#next, { round, channel });
        return this.#next++;
      });
      for (const index of indices) publish(index);
      if (indices.length === 0) resolve();
    });
  }

  /** What became of a notification. @returns whether it was a canary. */
  settle(index: number, refusal?: string): boolean {
    if (index < this.#first) return false;
    if (!this.#underWay.delete(index)) return true;
    if (refusal !== undefined) this.#refused = oneMore(this.#refused, refusal);
    if (this.#underWay.size === 0) this.#onAllSettled();
    return true;
  }

  /** Those that the broker did not take since the last call. */
  takeRefused(): Mishap {
    const refused = this.#refused;
    this.#refused = NO_MISHAP;
    return refused;
  }
}
