import type { Measurement } from '../../../src/bench/result/measurement.js';
import type { BenchResult, Counts } from '../../../src/bench/result/result.js';
import { PASSED } from '../report/fixture.js';

/** A measurement in which all is well, but for what a test says. */
export function measured(different: Partial<Measurement> = {}): Measurement {
  const { verdict: _verdict, because: _because, thresholds: _thresholds, regression: _regression, ...figures } = PASSED;
  return { ...figures, isAborted: false, isBrokerGone: false, ...different };
}

export function withDeliveries(counts: Partial<Counts>): Pick<BenchResult, 'deliveries'> {
  return { deliveries: { ...PASSED.deliveries, ...counts } };
}

/** A run with these latencies, in ms, and margins. */
export function withLatency(p50: number | null, p99: number | null, margin: { p50: number | null; p99: number | null }) {
  return { latencyMs: { ...PASSED.latencyMs, p50, p99, margin } };
}
