import type { HttpOutcome } from './publisher.js';

/** Counts answers by their status codes. */
export class HttpTally {
  readonly #statusCodes = new Map<number, number>();
  #answers = 0;
  #errors = 0;
  #firstMs: number | undefined;
  #lastMs = 0;

  /** A request begins. */
  begin(): void {
    this.#firstMs ??= performance.now();
  }

  answered(status: number): void {
    this.#answers++;
    this.#lastMs = performance.now();
    this.#statusCodes.set(status, (this.#statusCodes.get(status) ?? 0) + 1);
  }

  /** A request will never be answered. */
  broken(): void {
    this.#errors++;
  }

  get outcome(): HttpOutcome {
    const seconds = (this.#lastMs - (this.#firstMs ?? 0)) / 1000;
    return {
      statusCodes: Object.fromEntries([...this.#statusCodes].sort(([a], [b]) => a - b)),
      perSecond: this.#answers > 0 && seconds > 0 ? this.#answers / seconds : null,
      errors: this.#errors,
    };
  }
}
