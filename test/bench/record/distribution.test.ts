import { describe, expect, it } from 'vitest';
import { distributionOf, isKnown } from '../../../src/bench/record/distribution.js';
import { Histogram } from '../../../src/bench/record/histogram.js';

function histogramOf(values: Iterable<number>): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

describe('distributionOf', () => {
  it('tells all figures in ms', () => {
    const values = Array.from({ length: 200_000 }, (_, index) => index % 200);
    expect(distributionOf(histogramOf(values))).toEqual({
      samples: 200_000,
      min: 0,
      mean: 0.0995,
      p50: 0.099,
      p75: 0.149,
      p90: 0.179,
      p95: 0.189,
      p99: 0.197,
      p999: 0.199,
      p9999: 0.199,
      max: 0.199,
    });
  });

  it('leaves out percentiles that have fewer than ten samples beyond them', () => {
    const { p50, p75, p90, p95, p99, p999, p9999, max } = distributionOf(histogramOf(Array.from({ length: 199 }, (_, index) => index)));
    expect({ p50, p75, p90, p95, p99, p999, p9999, max }).toEqual({
      p50: 0.099,
      p75: 0.149,
      p90: 0.179,
      p95: null,
      p99: null,
      p999: null,
      p9999: null,
      max: 0.198,
    });
  });

  it('knows nothing of no samples', () => {
    const { samples, ...figures } = distributionOf(new Histogram());
    expect(samples).toBe(0);
    expect(new Set(Object.values(figures))).toEqual(new Set([null]));
  });
});

describe('isKnown', () => {
  it.each([
    [50, 19, false],
    [50, 20, true],
    [99, 999, false],
    [99, 1000, true],
    [99.9, 9999, false],
    [99.9, 10_000, true],
    [99.99, 99_999, false],
    [99.99, 100_000, true],
  ])('says of the percentile %d of %d samples: %s', (percent, samples, answer) => {
    expect(isKnown(percent, samples)).toBe(answer);
  });
});
