import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ExpiringCache } from '../../../src/server/identity/expiring-cache.js';

describe('ExpiringCache', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 1000 }));
  afterEach(() => void vi.useRealTimers());

  test('gives what was set until its end', () => {
    const cache = new ExpiringCache<string>(2);
    cache.set('a', 'A', 2000);
    vi.setSystemTime(1999);
    expect(cache.get('a')).toBe('A');
    vi.setSystemTime(2000);
    expect(cache.get('a')).toBeUndefined();
    expect(cache.size).toBe(0);
  });

  test('keeps nothing that has ended, and forgets what it replaces', () => {
    const cache = new ExpiringCache<string>(2);
    cache.set('a', 'A', 2000);
    cache.set('a', 'B', 1000);
    expect(cache.get('a')).toBeUndefined();
    expect(cache.size).toBe(0);
  });

  test('makes room by what was used least recently', () => {
    const cache = new ExpiringCache<string>(2);
    cache.set('a', 'A', 2000);
    cache.set('b', 'B', 2000);
    cache.get('a');
    cache.set('c', 'C', 2000);
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual(['A', undefined, 'C']);
    for (let i = 0; i < 1000; i++) cache.set(`k${i}`, 'K', 2000);
    expect(cache.size).toBe(2);
  });
});
