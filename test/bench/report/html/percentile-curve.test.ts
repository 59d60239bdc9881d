import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentileCurve, percentileGrid } from '../../../../src/bench/report/html/percentile-curve.js';
import type { Bucket } from '../../../../src/bench/result/result.js';

/** So many deliveries of 1 ms, 2 ms, 3 ms, … */
const THOUSAND: Bucket[] = Array.from({ length: 1000 }, (_, index) => [(index + 1) * 1000, 1]);

describe('percentileGrid', () => {
  it.each([
    { samples: 0, last: undefined },
    { samples: 9, last: undefined },
    { samples: 10, last: 1 },
    { samples: 20, last: 2 },
    { samples: 1000, last: 100 },
    { samples: 1e9, last: 1e5 },
  ])('ends where ten of $samples samples lie beyond, or at 99.999 %', ({ samples, last }) => {
    const grid = percentileGrid(samples);
    expect(grid.at(-1)).toBe(last);
    expect(grid).toEqual([...grid].sort((a, b) => a - b));
  });

  it('holds the places of the ticks exactly', () => {
    expect(percentileGrid(100_000)).toEqual(expect.arrayContaining([1, 2, 10, 100, 1000, 10_000]));
  });
});

describe('percentileCurve', () => {
  it('begins with the minimum and gives each percentile in ms', () => {
    expect(percentileCurve(THOUSAND, [1, 2, 10, 100])).toEqual([1, 500, 900, 990]);
  });

  it('gives no percentile with fewer than ten samples beyond it', () => {
    expect(percentileCurve(THOUSAND, [100, 101, 1000])).toEqual([990, null, null]);
    expect(percentileCurve([], [1, 2])).toEqual([null, null]);
  });

  it('is the value at the rank, and never falls', () => {
    const samples = fc.array(fc.nat(5000), { minLength: 20, maxLength: 300 });
    fc.assert(
      fc.property(samples, (us) => {
        const sorted = [...us].sort((a, b) => a - b);
        const counts = new Map<number, number>();
        for (const value of sorted) counts.set(value, (counts.get(value) ?? 0) + 1);
        const grid = percentileGrid(sorted.length);
        const curve = percentileCurve([...counts], grid);
        const ranks = grid.map((x) => Math.max(1, Math.ceil(sorted.length - sorted.length / x)));
        expect(curve).toEqual(ranks.map((rank) => (sorted.length - rank < 10 ? null : (sorted[rank - 1] ?? 0) / 1000)));
      }),
    );
  });
});
