import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { Pacer } from './pacer.js';

const NS_A_MS = 1e6;

/** Records the run's times, all from one clock and in ms from its start. Those of the warm-up are left out. */
export class Metrics {
  /** From the planned moment of a notification to its receipt by one subscriber, in ns. */
  readonly latency: RecordableHistogram = createHistogram();
  /** From the planned moment to when the generator began to send, in ns: how far it was behind its own plan. */
  readonly lateness: RecordableHistogram = createHistogram();
  /** Index of the first notification that is measured. */
  readonly firstMeasured: number;

  readonly #pacer: Pacer;
  #warmedUp = 0;
  #sent = 0;
  #delivered = 0;
  #firstSentMs = 0;
  #lastSentMs = 0;
  #lastDeliveryMs = 0;

  constructor(pacer: Pacer, firstMeasured: number) {
    this.#pacer = pacer;
    this.firstMeasured = firstMeasured;
  }

  get totals() {
    return {
      warmedUp: this.#warmedUp,
      sent: this.#sent,
      delivered: this.#delivered,
      firstSentMs: this.#firstSentMs,
      lastSentMs: this.#lastSentMs,
      lastDeliveryMs: this.#lastDeliveryMs,
    };
  }

  sent(index: number, atMs: number): void {
    if (index < this.firstMeasured) {
      this.#warmedUp++;
      return;
    }
    if (this.#sent++ === 0) this.#firstSentMs = atMs;
    this.#lastSentMs = atMs;
    record(this.lateness, atMs - this.#pacer.plannedAt(index));
  }

  delivered(index: number, atMs: number): void {
    if (index < this.firstMeasured) return;
    this.#delivered++;
    this.#lastDeliveryMs = atMs;
    record(this.latency, atMs - this.#pacer.plannedAt(index));
  }
}

/** The histogram counts from 1 ns. */
function record(histogram: RecordableHistogram, ms: number): void {
  histogram.record(Math.max(1, Math.round(ms * NS_A_MS)));
}
