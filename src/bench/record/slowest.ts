/** A delivery, and how long it took in µs. */
export interface SlowOne {
  readonly us: number;
  readonly index: number;
  readonly subscriber: number;
}

const KEPT = 5;

/** The five slowest deliveries. */
export class Slowest {
  #kept: SlowOne[] = [];
  /** In µs: who is not slower is not among them, so that hardly any delivery has to be offered. */
  bound = 0;

  /** Slowest first. */
  get all(): readonly SlowOne[] {
    return this.#kept;
  }

  add(one: SlowOne): void {
    this.#kept = [...this.#kept, one].sort((a, b) => b.us - a.us).slice(0, KEPT);
    this.bound = this.#kept.length < KEPT ? 0 : (this.#kept.at(-1) as SlowOne).us;
  }
}
