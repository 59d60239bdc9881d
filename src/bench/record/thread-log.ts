import { summariseThread, type ThreadSummary } from '../health/judge-health.js';
import type { ThreadSample } from '../health/thread-watch.js';

/** What the publishing thread is called; all others receive. */
export const PUBLISHER = 'publisher';

/** What the threads of a run said of themselves over some time. */
export class ThreadLog {
  readonly #samples = new Map<string, ThreadSample[]>();

  add(thread: string, sample: ThreadSample): void {
    const samples = this.#samples.get(thread);
    if (samples) samples.push(sample);
    else this.#samples.set(thread, [sample]);
  }

  /** Each thread's time in one line. */
  get summaries(): readonly ThreadSummary[] {
    return [...this.#samples].map(([thread, samples]) => summariseThread(thread === PUBLISHER ? 'publisher' : 'receiver', samples));
  }
}
