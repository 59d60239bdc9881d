import { type EventLoopUtilization, PerformanceObserver, performance } from 'node:perf_hooks';

/** What held up one thread between two looks at it. A plain object: it may be posted to another thread. */
export interface ThreadSample {
  /** How long it is since the last look, in ms. */
  readonly spanMs: number;
  /** Longest time in ms in which the event loop did not come round though it should have. */
  readonly loopDelayMs: number;
  /** Part of the time, 0 to 1, in which the event loop was not waiting for events. */
  readonly busyShare: number;
  /** Longest single pause for garbage collection, in ms. */
  readonly gcLongestMs: number;
}

/** Watches the thread in which it was made; disposal stops it. */
export interface ThreadWatch extends Disposable {
  /** What has been since the last call, or since the beginning. */
  sample(): ThreadSample;
}

/** How often the loop is asked to come round. A block is seen but for what of it fell before the next beat was due. */
const BEAT_MS = 5;

/**
 * Watches the event loop and the garbage collection of this thread, at the cost of a timer of 5 ms and of a callback for
 * each collection. The beats are our own and not those of `monitorEventLoopDelay`, which tells of a block only when the loop
 * has come round after it: here a look right behind a block sees it as well. Keeps no process alive.
 */
export function watchThread(): ThreadWatch {
  return new Watch();
}

class Watch implements ThreadWatch {
  readonly #timer: NodeJS.Timeout;
  readonly #collections: PerformanceObserver;
  #lastBeat: number;
  #lastSample: number;
  #lastUse: EventLoopUtilization;
  #longestGap = 0;
  #gcLongestMs = 0;

  constructor() {
    this.#lastBeat = performance.now();
    this.#lastSample = this.#lastBeat;
    this.#lastUse = performance.eventLoopUtilization();
    this.#timer = setInterval(() => this.#beat(performance.now()), BEAT_MS).unref();
    this.#collections = new PerformanceObserver((list) => this.#collected(list.getEntries()));
    this.#collections.observe({ entryTypes: ['gc'] });
  }

  sample(): ThreadSample {
    const now = performance.now();
    const gap = Math.max(this.#longestGap, now - this.#lastBeat);
    this.#collected(this.#collections.takeRecords());
    const sample: ThreadSample = {
      spanMs: now - this.#lastSample,
      loopDelayMs: Math.max(0, gap - BEAT_MS),
      busyShare: this.#busyShare(),
      gcLongestMs: this.#gcLongestMs,
    };
    // The last beat stays where it is: what is halfway through a block now must be seen whole by the next look.
    this.#lastSample = now;
    this.#longestGap = 0;
    this.#gcLongestMs = 0;
    return sample;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#collections.disconnect();
  }

  #beat(now: number): void {
    const gap = now - this.#lastBeat;
    if (gap > this.#longestGap) this.#longestGap = gap;
    this.#lastBeat = now;
  }

  #busyShare(): number {
    const before = this.#lastUse;
    this.#lastUse = performance.eventLoopUtilization();
    const active = this.#lastUse.active - before.active;
    const whole = active + this.#lastUse.idle - before.idle;
    return whole > 0 ? Math.min(1, Math.max(0, active / whole)) : 0;
  }

  #collected(collections: readonly { readonly duration: number }[]): void {
    for (const { duration } of collections) if (duration > this.#gcLongestMs) this.#gcLongestMs = duration;
  }
}
