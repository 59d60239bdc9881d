/** Entries of one generation; two are kept at most, so a flood of names fills some tens of megabytes and no more. */
const MOST_OF_A_GENERATION = 50_000;

/**
 * Remembers what was lately touched, by name, and forgets the rest: what has not been touched for `forMs` goes by itself
 * within twice that time, and earlier when there are too many. It has no timer while it is empty.
 */
export class Recent<Value> {
  readonly #forMs: number;
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();
  #timer: NodeJS.Timeout | undefined;

  constructor(forMs: number) {
    this.#forMs = forMs;
  }

  /** How many it remembers. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** What is known by the name, which is touched by that. */
  get(name: string): Value | undefined {
    const young = this.#young.get(name);
    if (young !== undefined) return young;
    const old = this.take(name);
    if (old !== undefined) this.set(name, old);
    return old;
  }

  /** Takes out what is known by the name. */
  take(name: string): Value | undefined {
    const value = this.#young.get(name) ?? this.#old.get(name);
    if (value !== undefined && !this.#young.delete(name)) this.#old.delete(name);
    return value;
  }

  set(name: string, value: Value): void {
    if (this.#young.size >= MOST_OF_A_GENERATION) this.#age();
    this.#young.set(name, value);
    this.#timer ??= setInterval(() => this.#age(), this.#forMs).unref();
  }

  #age(): void {
    this.#old = this.#young;
    this.#young = new Map();
    if (this.#old.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
