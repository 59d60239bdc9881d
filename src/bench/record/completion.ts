/** Places of a `Completion`: how many there are, and at how many somebody wants to be woken. */
const [COUNT, AWAITED] = [0, 1];

/**
 * Counts notifications that have reached all their receivers, or never will, across threads. Whoever waits for more of
 * them is woken when there are as many as it wants, not at each: waking a thread costs more than ten deliveries.
 */
export class Completion {
  /** Shared by all threads that count or wait; given to another thread, it makes a `Completion` there. */
  readonly shared: Int32Array;

  constructor(shared: Int32Array = new Int32Array(new SharedArrayBuffer(8))) {
    this.shared = shared;
  }

  get count(): number {
    return Atomics.load(this.shared, COUNT);
  }

  /** One more is complete. */
  add(): void {
    const count = Atomics.add(this.shared, COUNT, 1) + 1;
    if (count >= Atomics.load(this.shared, AWAITED)) Atomics.notify(this.shared, COUNT);
  }

  /**
   * Resolves when there are `count`, or when none has come for `patienceMs`.
   * @returns whether there are as many.
   */
  async reach(count: number, patienceMs: number): Promise<boolean> {
    Atomics.store(this.shared, AWAITED, count);
    for (let now = this.count; now < count; now = this.count) {
      const waiting = Atomics.waitAsync(this.shared, COUNT, now, patienceMs);
      if (waiting.async && (await waiting.value) === 'timed-out' && this.count === now) return false;
    }
    return true;
  }
}
