import type { Bucket } from '../../result/result.js';

/** A percentile with fewer samples beyond it is an anecdote. */
const SAMPLES_BEYOND = 10;
const POINTS_A_DECADE = 40;

/** The farthest point is 99.999 %. */
const MOST = 1e5;

/**
 * Places on an axis of 1 / (1 − p), evenly spread on its logarithm: 1 (the minimum), 2 (the median), 10 (90 %) and so on, as far
 * as `samples` reach.
 */
export function percentileGrid(samples: number): number[] {
  const end = Math.min(MOST, samples / SAMPLES_BEYOND);
  const steps = end < 1 ? -1 : Math.floor(Math.log10(end) * POINTS_A_DECADE);
  const even = Array.from({ length: steps + 1 }, (_, step) => 10 ** (step / POINTS_A_DECADE));
  return [...even, ...(end >= 2 ? [2] : [])].sort((a, b) => a - b);
}

/**
 * The percentiles of a distribution at the places `grid` (1 / (1 − p), ascending).
 * @returns in ms, `null` where fewer than ten samples lie beyond
 */
export function percentileCurve(buckets: readonly Bucket[], grid: readonly number[]): (number | null)[] {
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  let index = 0;
  let upTo = buckets[0]?.[1] ?? 0;
  return grid.map((x) => {
    const rank = Math.max(1, Math.ceil(total - total / x));
    if (total - rank < SAMPLES_BEYOND) return null;
    while (upTo < rank) upTo += buckets[++index]?.[1] ?? total;
    return (buckets[index]?.[0] ?? 0) / 1000;
  });
}
