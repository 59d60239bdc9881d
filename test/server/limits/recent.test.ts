import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Recent } from '../../../src/server/limits/recent.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('keeps what is touched, forgets the rest within twice its time, and has no timer while it is empty', () => {
  const recent = new Recent<number>(1000);
  expect(vi.getTimerCount()).toBe(0);
  recent.set('touched', 1);
  recent.set('left', 2);
  for (let second = 0; second < 5; second++) {
    vi.advanceTimersByTime(1000);
    expect(recent.get('touched')).toBe(1);
  }
  expect([recent.size, recent.get('left')]).toEqual([1, undefined]);
  vi.advanceTimersByTime(3000);
  expect([recent.size, vi.getTimerCount()]).toEqual([0, 0]);
});

it('takes out what is asked for, young or old', () => {
  const recent = new Recent<number>(1000);
  recent.set('old', 1);
  vi.advanceTimersByTime(1000);
  recent.set('young', 2);
  expect([recent.take('old'), recent.take('young'), recent.take('old'), recent.size]).toEqual([1, 2, undefined, 0]);
});

it('holds a bounded number, however many names come', () => {
  const recent = new Recent<number>(1000);
  for (let index = 0; index < 1_000_000; index++) recent.set(`2001:db8:${index >> 16}:${index & 65_535}::/64`, index);
  expect(recent.size).toBeLessThanOrEqual(100_000);
  expect(recent.get('2001:db8:15:16959::/64')).toBe(999_999);
});
