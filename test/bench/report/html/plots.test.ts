import { describe, expect, it } from 'vitest';
import { plotsOf } from '../../../../src/bench/report/html/plots.js';
import { ABORTED, PASSED, REGRESSED } from '../fixture.js';

describe('plotsOf', () => {
  it('has one figure a place for each line', () => {
    const { percentiles, fanOut, timeline, heat } = plotsOf(REGRESSED);
    expect(percentiles?.baseline).toHaveLength(percentiles?.x.length ?? -1);
    expect(percentiles?.now).toHaveLength(percentiles?.x.length ?? -1);
    expect(Object.values(fanOut?.lines ?? {}).map((line) => line.length)).toEqual(Array(4).fill(fanOut?.x.length));
    expect(timeline?.p99).toHaveLength(REGRESSED.timeline.slices.length);
    expect(heat?.slices).toHaveLength(REGRESSED.timeline.slices.length);
  });

  it('draws a percentile where the table has it, with its interval', () => {
    const { percentiles } = plotsOf(PASSED);
    const { p50, p99, margin } = PASSED.latencyMs;
    expect(percentiles?.margins.map(({ x }) => x)).toEqual([2, 100]);
    for (const [at, value, half] of [
      [0, p50, margin.p50],
      [1, p99, margin.p99],
    ] as const) {
      const { x = 0, from = 0, to = 0 } = percentiles?.margins[at] ?? {};
      expect((from + to) / 2).toBeCloseTo(value ?? 0, 3);
      expect((to - from) / 2).toBeCloseTo(half ?? 0, 3);
      const drawn = percentiles?.now[percentiles.x.indexOf(x)] ?? 0;
      expect(drawn / (value ?? 1)).toBeCloseTo(1, 1);
    }
  });

  it('draws no baseline without one', () => {
    expect(plotsOf(PASSED).percentiles?.baseline).toBeNull();
  });

  it('says how many deliveries a notification makes, so that both can lie upon each other', () => {
    expect(plotsOf(PASSED).timeline).toMatchObject({ perNotification: 19, holdS: 10, endS: 10.1 });
    expect(plotsOf(PASSED).timeline?.sentPerSecond[0]).toBe(1000);
  });

  it('has nothing to draw when nothing was measured', () => {
    expect(plotsOf(ABORTED)).toEqual({ percentiles: null, fanOut: null, timeline: null, heat: null });
  });
});
