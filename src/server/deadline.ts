/** The longest that a timer of Node waits; beyond it, it would fire at once. */
const MOST_MS = 2 ** 31 - 1;

/** One moment that may be put off: the end of a token, or of the time to bring one. */
export class Deadline {
  #timer: NodeJS.Timeout | undefined;

  /** Has `act` called at `at`, in ms since 1970, instead of what was to come before; never, when that is undefined. */
  set(at: number | undefined, act: () => void): void {
    clearTimeout(this.#timer);
    if (at === undefined) return;
    const leftMs = Math.max(0, at - Date.now());
    this.#timer = setTimeout(() => (leftMs > MOST_MS ? this.set(at, act) : act()), Math.min(leftMs, MOST_MS)).unref();
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
