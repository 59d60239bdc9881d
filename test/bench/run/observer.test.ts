import { afterEach, expect, it, vi } from 'vitest';
import { DEFAULT_LIMITS, DEFAULT_LOAD } from '../../../src/bench/load/load.js';
import { Observer } from '../../../src/bench/run/observer.js';
import { planRun } from '../../../src/bench/run/plan-run.js';

afterEach(() => void vi.useRealTimers());

it('looks no more when a run that has begun fails on its way', () => {
  vi.useFakeTimers();
  const settings = { load: DEFAULT_LOAD, limits: DEFAULT_LIMITS, thresholds: [], workers: 1, url: 'ws://127.0.0.1:1' };
  {
    using observer = new Observer(settings, planRun(DEFAULT_LOAD, 1));
    observer.begin();
    expect(vi.getTimerCount()).toBe(1);
  }
  expect(vi.getTimerCount()).toBe(0);
});
