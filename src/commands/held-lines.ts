/** Lines that wait while the output is paused: the latest ones, up to a bound. */
export class HeldLines {
  readonly #limit: number;
  #lines: string[] = [];
  #dropped = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many came, with those that were dropped. */
  get count(): number {
    return this.#lines.length + this.#dropped;
  }

  add(line: string): void {
    this.#lines.push(line);
    // In large steps, as taking away the first of a long array is not free.
    if (this.#lines.length < this.#limit * 2) return;
    this.#lines = this.#lines.slice(-this.#limit);
    this.#dropped += this.#limit;
  }

  /** Takes all that wait, oldest first, and how many older ones were dropped. */
  takeAll(): { readonly lines: readonly string[]; readonly dropped: number } {
    const taken = { lines: this.#lines, dropped: this.#dropped };
    this.#lines = [];
    this.#dropped = 0;
    return taken;
  }
}
