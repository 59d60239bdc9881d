import type { RecordableHistogram } from 'node:perf_hooks';
import type { Metrics } from './metrics.js';
import type { BenchOptions } from './options.js';
import type { Counts } from './tally.js';

/** What a run came to; `--json` prints it. Times in ms. */
export interface BenchResult {
  /** Whether every delivery came once, whole, in order and where it belongs, and nothing was refused or cut short. */
  readonly ok: boolean;
  /** Whether the user stopped it before all was sent; then the figures are of what was sent until then. */
  readonly interrupted: boolean;
  /** Whether it ended before all was sent because no connection was left to go on with. */
  readonly brokerGone: boolean;
  readonly options: Omit<BenchOptions, 'publishers'> & { readonly publishers: PublisherKind };
  /** Notifications; `planned` is how many were to be measured. `ratePerSecond` is what was achieved; the planned one is in `options`. */
  readonly sent: { readonly warmUp: number; readonly measured: number; readonly planned: number; readonly ratePerSecond: number | null };
  /** Deliveries of the whole run, the warm-up too; `perSecond` without it. */
  readonly deliveries: Counts & { readonly perSecond: number | null };
  /** Notifications that the broker did not take, and why it did not take the first. */
  readonly refused: Mishap;
  /** Notifications that may have been taken or not: their connection broke before the answer. */
  readonly unknown: Mishap;
  /** Notifications of which the broker never said whether it took them, on connections that stood. */
  readonly unanswered: number;
  /** Subscribers whose connection ended before the run. */
  readonly disconnected: Mishap;
  /** From the planned moment to the receipt. */
  readonly latencyMs: Distribution;
  /** From the planned moment to the sending: what of the latency is the generator's own. */
  readonly latenessMs: Distribution;
  readonly warnings: readonly string[];
}

export type PublisherKind = 'persistent' | 'ephemeral';

export interface Mishap {
  readonly count: number;
  /** The first one's reason. */
  readonly first?: string;
}

/** A percentile is `null` where fewer than ten samples lie beyond it: it would say little but how long the run was. */
export interface Distribution {
  readonly samples: number;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly max: number | null;
}

/** All that was recorded. */
export interface Recorded {
  readonly options: BenchResult['options'];
  /** Notifications that were to be measured. */
  readonly planned: number;
  readonly interrupted: boolean;
  readonly brokerGone: boolean;
  readonly counts: Counts;
  readonly metrics: Metrics;
  readonly refused: Mishap;
  readonly unknown: Mishap;
  readonly unanswered: number;
  readonly disconnected: Mishap;
}

/** Samples that must lie beyond a percentile. */
export const SAMPLES_BEYOND = 10;

/** Above this the figures tell as much about the generator as about the broker. */
const LATE_MS = 10;

export function summarise(recorded: Recorded): BenchResult {
  const { options, planned, interrupted, brokerGone, counts, metrics, refused, unknown, unanswered, disconnected } = recorded;
  const { warmedUp, sent, delivered, firstSentMs, lastSentMs, lastDeliveryMs } = metrics.totals;
  const latenessMs = distribution(metrics.lateness);
  // The first notification opens the interval, so the others are what the time was spent on.
  const ratePerSecond = perSecond(sent - 1, lastSentMs - firstSentMs);
  const isRight = counts.lost + counts.duplicated + counts.misdelivered + counts.reordered + counts.corrupt === 0;
  return {
    ok: !interrupted && !brokerGone && isRight && refused.count + unknown.count + unanswered + disconnected.count === 0,
    interrupted,
    brokerGone,
    options,
    sent: { warmUp: warmedUp, measured: sent, planned, ratePerSecond },
    deliveries: { ...counts, perSecond: perSecond(delivered, lastDeliveryMs - firstSentMs) },
    refused,
    unknown,
    unanswered,
    disconnected,
    latencyMs: distribution(metrics.latency),
    latenessMs,
    warnings: warnings(latenessMs),
  };
}

function warnings(latenessMs: Distribution): string[] {
  const [late, name] = latenessMs.p99 === null ? [latenessMs.max ?? 0, 'at most'] : [latenessMs.p99, 'p99'];
  if (late <= LATE_MS) return [];
  return [`the generator itself was late (${name} ${late.toFixed(1)} ms): these latencies measure it too`];
}

function perSecond(count: number, ms: number): number | null {
  return count > 0 && ms > 0 ? (count * 1000) / ms : null;
}

function distribution(histogram: RecordableHistogram): Distribution {
  const samples = histogram.count;
  const max = histogram.max / 1e6;
  const at = (percentile: number) =>
    // Multiplied out in thousandths, so that no rounding takes the tenth sample away.
    samples * Math.round((100 - percentile) * 10) >= SAMPLES_BEYOND * 1000 ? Math.min(histogram.percentile(percentile) / 1e6, max) : null;
  return { samples, p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: samples === 0 ? null : max };
}
