import { describe, expect, it } from 'vitest';
import { heatMap } from '../../../../src/bench/report/html/heat-map.js';
import type { Bucket, Slice } from '../../../../src/bench/result/result.js';

function slice(atMs: number, buckets: readonly Bucket[]): Slice {
  const delivered = buckets.reduce((sum, [, count]) => sum + count, 0);
  return { atMs, sent: 1, delivered, connected: 1, loopDelayMs: 1, p50Ms: null, p99Ms: null, maxMs: null, buckets };
}

describe('heatMap', () => {
  it('counts deliveries by slice and row, the lowest row first', () => {
    const slices = [
      slice(0, [[1279, 4]]),
      slice(100, []),
      slice(200, [
        [1023, 3],
        [1279, 9],
      ]),
    ];
    expect(heatMap({ sliceMs: 100, slices })).toMatchObject({ sliceS: 0.1, slices: [[1, 4], [], [0, 3, 1, 9]], most: 9 });
  });

  it('has rows touch that are neighbours, and none reach over a gap', () => {
    const slices = [
      slice(0, [
        [1023, 1],
        [1279, 1],
        [81_919, 1],
      ]),
    ];
    const rows = heatMap({ sliceMs: 100, slices })?.rows ?? [];
    expect(rows.map(({ toMs }) => toMs)).toEqual([1.023, 1.279, 81.919]);
    expect(rows.map(({ fromMs }) => fromMs)).toEqual([0.8184, 1.0232, 65.535]);
  });

  it('gives latencies of 0 a row that a logarithmic axis can show', () => {
    const rows =
      heatMap({
        sliceMs: 100,
        slices: [
          slice(0, [
            [0, 1],
            [1, 1],
          ]),
        ],
      })?.rows ?? [];
    for (const { fromMs, toMs } of rows) expect(toMs).toBeGreaterThan(fromMs);
    expect(rows[0]?.fromMs).toBeGreaterThan(0);
  });

  it('is not there when nothing was delivered', () => {
    expect(heatMap({ sliceMs: 100, slices: [slice(0, [])] })).toBeNull();
  });
});
