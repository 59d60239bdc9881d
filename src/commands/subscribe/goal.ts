import type { Notification } from '../../protocol/index.js';
import { type Expectation, foundText, holds } from './expectation.js';

/** What `wsn subscribe` waits for, if for anything: so many notifications that hold all that is expected. */
export class Goal {
  readonly #expectations: readonly Expectation[];
  readonly #count: number | undefined;
  #met = 0;
  #others = 0;
  #nearest: string | undefined;

  /** @param count how many are waited for; `undefined`: it never ends by itself. */
  constructor(expectations: readonly Expectation[], count: number | undefined) {
    this.#expectations = expectations;
    this.#count = count;
  }

  /** Whether there is something to wait for, and it has not come yet. */
  get isPending(): boolean {
    return this.#count !== undefined && this.#met < this.#count;
  }

  /** Whether all that was waited for has come. */
  get isReached(): boolean {
    return this.#count !== undefined && this.#met >= this.#count;
  }

  /** Counts one notification; returns whether it is one of those that are waited for. */
  take(notification: Notification): boolean {
    const unmet = this.#expectations.find((expectation) => !holds(expectation, notification));
    if (unmet === undefined) {
      this.#met++;
      return true;
    }
    this.#others++;
    const found = foundText(unmet, notification);
    this.#nearest = `the last had ${found === undefined ? `no ${unmet.where}` : `${unmet.where}=${found}`}`;
    return false;
  }

  /** How far it got: `0 of 1 notifications with data.messageId=5 came (3 others did, the last had data.messageId=4)`. */
  describe(): string {
    const noun = this.#count === 1 ? 'notification' : 'notifications';
    const what = this.#expectations.map(({ text }) => text).join(' and ');
    const others = this.#others === 0 ? '' : ` (${this.#others} ${this.#others === 1 ? 'other' : 'others'} did, ${this.#nearest})`;
    return `${this.#met} of ${this.#count ?? 'any'} ${noun}${what === '' ? '' : ` with ${what}`} came${others}`;
  }
}
