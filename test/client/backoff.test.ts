import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BACKOFF, backoffDelay, countFailures } from '../../src/client/backoff.js';

const OPTIONS = { initialMs: 100, maxMs: 1000, stableMs: 5000 };

describe('backoffDelay', () => {
  it.each([
    [1, 0.5, 50],
    [2, 0.5, 100],
    [3, 0.5, 200],
    [4, 0.5, 400],
    [5, 0.5, 500],
    [50, 0.5, 500],
    [5000, 0.999, 999],
    [3, 0, 0],
  ])('waits after %i failures for the random part %f of a bound that doubles: %i ms', (failures, random, expected) => {
    expect(backoffDelay(failures, OPTIONS, random)).toBe(expected);
  });

  it('never waits longer than the cap, nor less than nothing', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 }), random, (failures, part) => {
        const delay = backoffDelay(failures, BACKOFF, part);
        return Number.isInteger(delay) && delay >= 0 && delay < BACKOFF.maxMs;
      }),
    );
  });
});

describe('countFailures', () => {
  it.each([
    ['an attempt that never opened', 3, undefined, 4],
    ['a connection that was refused soon after it opened', 3, 4999, 4],
    ['a stable connection', 3, 5000, 1],
    ['the first failure of all', 0, undefined, 1],
  ])('counts after %s', (_, before, openForMs, expected) => {
    expect(countFailures(before, openForMs, OPTIONS)).toBe(expected);
  });

  it('takes every connection that opened for a good one when stableMs is 0', () => {
    expect(countFailures(3, 0, { ...OPTIONS, stableMs: 0 })).toBe(1);
  });
});
