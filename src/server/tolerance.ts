/** Invalid messages within a minute that end a peer with 1008 in tolerant mode. */
const MOST_A_MINUTE = 60;
const MINUTE_MS = 60_000;

/** Counts the invalid messages of each base peer in tolerant mode; peers that send none cost nothing. */
export class Tolerance {
  readonly #windows = new WeakMap<object, { since: number; count: number }>();

  /** Counts one invalid message; true when it is the one too many within a minute. */
  isExhaustedBy(peer: object): boolean {
    const now = performance.now();
    let window = this.#windows.get(peer);
    if (!window || now - window.since >= MINUTE_MS) {
      window = { since: now, count: 0 };
      this.#windows.set(peer, window);
    }
    window.count++;
    return window.count >= MOST_A_MINUTE;
  }
}
