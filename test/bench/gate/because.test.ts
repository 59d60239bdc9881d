import { describe, expect, it } from 'vitest';
import { describeRegression } from '../../../src/bench/gate/because.js';

describe('a regression', () => {
  it.each([
    [{ before: 100, now: 133.1, changePercent: 33.1 }, '(+33.1 %)'],
    [{ before: 100, now: 95, changePercent: -5 }, '(−5 %)'],
    [{ before: 2505.999, now: 2506, changePercent: 0.00004 }, '(< +0.01 %)'],
  ])('is told with the sign of the change: %j', (figures, change) => {
    const outcome = { rule: 'throughput>+0%', unit: '/s' as const, margin: null, isRegression: true, ...figures };
    expect(describeRegression(outcome).endsWith(` in the baseline ${change}`)).toBe(true);
  });

  it.each([
    ['p50>+10%', null, ', which may be chance: a longer run has a margin to tell'],
    ['p50>+10%', 0.02, ', and chance explains only 0.02 ms'],
    ['p90>+10%', null, ''],
  ])('is told with what chance may do: %s, %j', (rule, margin, chance) => {
    const outcome = { rule, unit: 'ms' as const, margin, isRegression: true, before: 1, now: 2, changePercent: 100 };
    expect(describeRegression(outcome)).toBe(`${rule}: it is 2.00 ms, and was 1.00 ms in the baseline (+100 %)${chance}`);
  });
});
