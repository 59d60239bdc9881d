import { type Distribution, PERCENTILES } from '../result/result.js';
import { type Histogram, rankOf } from './histogram.js';

/** Samples that must lie beyond a percentile: with fewer it says little but how long the run was. */
const SAMPLES_BEYOND = 10;

const US_A_MS = 1000;

/** What a histogram of µs comes to, in ms. A percentile is `null` where fewer than ten samples lie beyond it. */
export function distributionOf(histogram: Histogram): Distribution {
  const samples = histogram.count;
  const at = (percent: number) => (isKnown(percent, samples) ? inMs(histogram.percentile(percent)) : null);
  return {
    samples,
    min: inMs(histogram.min),
    mean: inMs(histogram.mean),
    p50: at(PERCENTILES.p50),
    p75: at(PERCENTILES.p75),
    p90: at(PERCENTILES.p90),
    p95: at(PERCENTILES.p95),
    p99: at(PERCENTILES.p99),
    p999: at(PERCENTILES.p999),
    p9999: at(PERCENTILES.p9999),
    max: inMs(histogram.max),
  };
}

/** Whether so many samples are enough for a percentile. */
export function isKnown(percent: number, samples: number): boolean {
  return samples - rankOf(percent, samples) >= SAMPLES_BEYOND;
}

function inMs(us: number | null): number | null {
  return us === null ? null : us / US_A_MS;
}
