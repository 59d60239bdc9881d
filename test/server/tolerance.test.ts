import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Tolerance } from '../../src/server/tolerance.js';

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => vi.useRealTimers());

/** Which of the next `count` invalid messages of `peer` exhaust the tolerance, numbered from 1. */
function exhausting(tolerance: Tolerance, peer: object, count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1).filter(() => tolerance.isExhaustedBy(peer));
}

test('the 60th invalid message within a minute is the one too many (R-4.4)', () => {
  const tolerance = new Tolerance();
  expect(exhausting(tolerance, {}, 61)).toEqual([60, 61]);
});

test('59 in one minute and 59 in the next are tolerated (R-4.4)', () => {
  const tolerance = new Tolerance();
  const peer = {};
  expect(exhausting(tolerance, peer, 59)).toEqual([]);
  vi.advanceTimersByTime(60_000);
  expect(exhausting(tolerance, peer, 59)).toEqual([]);
  expect(exhausting(tolerance, peer, 1)).toEqual([1]);
});

test('a minute is not over before its end (R-4.4)', () => {
  const tolerance = new Tolerance();
  const peer = {};
  exhausting(tolerance, peer, 59);
  vi.advanceTimersByTime(59_999);
  expect(exhausting(tolerance, peer, 1)).toEqual([1]);
});

test('one peer is not blamed for another (R-4.4)', () => {
  const tolerance = new Tolerance();
  expect(exhausting(tolerance, {}, 59)).toEqual([]);
  expect(exhausting(tolerance, {}, 59)).toEqual([]);
});
