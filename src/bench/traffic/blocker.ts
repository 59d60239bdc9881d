import { performance } from 'node:perf_hooks';

const cell = new Int32Array(new SharedArrayBuffer(4));

/** Blocks threads on purpose, for moments that timers are too coarse for, and remembers how long. */
export class Blocker {
  #blockedMs = 0;

  /** Stops this thread for `ms`, to some 50 µs exactly, at no cost. */
  readonly block = (ms: number): void => {
    const before = performance.now();
    Atomics.wait(cell, 0, 0, ms);
    this.#blockedMs += performance.now() - before;
  };

  /** How long the thread was blocked since the last call, in ms. */
  takeBlockedMs(): number {
    const blocked = this.#blockedMs;
    this.#blockedMs = 0;
    return blocked;
  }
}
