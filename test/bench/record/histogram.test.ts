import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Histogram, rankOf } from '../../../src/bench/record/histogram.js';

const HIGHEST = 2 ** 32 - 1;

/** Of all magnitudes, not only of those that are next to the highest. */
const micros = fc
  .tuple(fc.integer({ min: 0, max: 31 }), fc.double({ min: 1, max: 2, noNaN: true, maxExcluded: true }))
  .map(([octave, part]) => Math.floor(2 ** octave * part) - 1);

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) {
    histogram.record(value);
  }
  return histogram;
}

function shownBy(histogram: Histogram): unknown {
  const { count, min, max, mean, buckets } = histogram;
  return { count, min, max, mean, buckets };
}

describe('Histogram', () => {
  it('keeps each value below 256 µs in a bucket of its own', () => {
    const values = Array.from({ length: 256 }, (_, value) => value);
    expect(histogramOf(values).buckets).toEqual(values.map((value) => [value, 1]));
  });

  it('puts a value into a bucket that is at most 1/128 of it wide, and whose top is the value or above it', () => {
    fc.assert(
      fc.property(micros, (value) => {
        const [[upToUs, count] = [-1, 0], ...others] = histogramOf([value]).buckets;
        expect({ count, others }).toEqual({ count: 1, others: [] });
        expect(upToUs).toBeGreaterThanOrEqual(value);
        expect(upToUs - value).toBeLessThanOrEqual(value < 256 ? 0 : value / 128);
      }),
      { examples: [[0], [255], [256], [257], [511], [512], [2 ** 31 - 1], [2 ** 31], [HIGHEST]] },
    );
  });

  it('keeps buckets in the order of their values', () => {
    fc.assert(
      fc.property(fc.array(micros), (values) => {
        const tops = histogramOf(values).buckets.map(([upToUs]) => upToUs);
        expect(tops).toEqual([...new Set(tops)].sort((a, b) => a - b));
      }),
    );
  });

  it.each([
    [-3, 0],
    [0.4, 0],
    [0.5, 1],
    [1.49, 1],
    [HIGHEST + 10, HIGHEST],
    [Number.POSITIVE_INFINITY, HIGHEST],
  ])('counts %d µs as %d', (us, counted) => {
    expect(histogramOf([us]).max).toBe(counted);
  });

  it('knows count, minimum, maximum and mean exactly, however high the values are', () => {
    fc.assert(
      fc.property(fc.array(micros, { minLength: 1 }), (values) => {
        const { count, min, max, mean } = histogramOf(values);
        const sum = values.reduce((total, value) => total + value, 0);
        expect({ count, min, max, mean }).toEqual({
          count: values.length,
          min: Math.min(...values),
          max: Math.max(...values),
          mean: sum / values.length,
        });
      }),
    );
  });

  it('knows nothing of what was never recorded', () => {
    const { count, min, max, mean, buckets } = new Histogram();
    expect({ count, min, max, mean, buckets, p50: new Histogram().percentile(50) }).toEqual({
      count: 0,
      min: null,
      max: null,
      mean: null,
      buckets: [],
      p50: null,
    });
  });

  it('gives the percentile that a sorted list gives, to 1/128, never below it and never above the maximum', () => {
    const percent = fc.constantFrom(0.001, 1, 50, 75, 90, 99, 99.9, 99.99, 100);
    fc.assert(
      fc.property(fc.array(micros, { minLength: 1, maxLength: 300 }), percent, (values, p) => {
        const exact = values.sort((a, b) => a - b)[rankOf(p, values.length) - 1] as number;
        const found = histogramOf(values).percentile(p) as number;
        expect(found).toBeGreaterThanOrEqual(exact);
        expect(found).toBeLessThanOrEqual(Math.min(exact + exact / 128, values.at(-1) as number));
      }),
    );
  });

  it('is after merging what it would be had one histogram recorded all', () => {
    fc.assert(
      fc.property(fc.array(micros), fc.array(micros), (first, second) => {
        const merged = histogramOf(first);
        const other = histogramOf(second);
        merged.add(other);
        expect(shownBy(merged)).toEqual(shownBy(histogramOf([...first, ...second])));
        expect(shownBy(other)).toEqual(shownBy(histogramOf(second)));
      }),
    );
  });

  it('crosses threads as a message, and begins anew behind it', () => {
    fc.assert(
      fc.property(fc.array(micros), fc.array(micros), (first, second) => {
        const there = new Histogram();
        const here = histogramOf(first);
        there.addSparse(structuredClone(here.takeSparse()));
        expect(shownBy(here)).toEqual(shownBy(new Histogram()));
        for (const value of second) {
          here.record(value);
        }
        there.addSparse(here.takeSparse());
        expect(shownBy(there)).toEqual(shownBy(histogramOf([...first, ...second])));
      }),
    );
  });

  it('sums beyond 32 bits in a message', () => {
    const there = new Histogram();
    there.addSparse(histogramOf([HIGHEST, HIGHEST, HIGHEST, 7]).takeSparse());
    expect(there.mean).toBe((3 * HIGHEST + 7) / 4);
  });

  it('joins neighbours where fewer buckets an octave are wanted', () => {
    expect(histogramOf([0, 3, 4, 5, 8, 9, 10, 1000, 1023, 1024]).coarse(4)).toEqual([
      [0, 1],
      [3, 1],
      [4, 1],
      [5, 1],
      [9, 2],
      [11, 1],
      [1023, 2],
      [1279, 1],
    ]);
  });

  it('loses nothing in coarser buckets, which hold what they say', () => {
    fc.assert(
      fc.property(fc.array(micros), fc.constantFrom(1, 2, 4, 128), (values, perOctave) => {
        const coarse = histogramOf(values).coarse(perOctave);
        let below = -1;
        for (const [upToUs, count] of coarse) {
          expect(values.filter((value) => value > below && value <= upToUs)).toHaveLength(count);
          below = upToUs;
        }
        expect(coarse.reduce((total, [, count]) => total + count, 0)).toBe(values.length);
      }),
    );
  });
});

describe('rankOf', () => {
  it.each([
    [50, 1, 1],
    [50, 2, 1],
    [50, 3, 2],
    [99, 1000, 990],
    [99.9, 1000, 999],
    [99.9, 10_000, 9990],
    [99.99, 1_000_000_000, 999_900_000],
    [100, 7, 7],
    [0.001, 5, 1],
  ])('takes as %d %% of %d values the one of rank %d', (percent, count, rank) => {
    expect(rankOf(percent, count)).toBe(rank);
  });
});
