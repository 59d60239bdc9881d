import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DiskWatch } from '../../../src/server/feed/disk-watch.js';
import { recordingLog } from '../../support/log.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched() {
  const log = recordingLog();
  const pending = { first: undefined as number | undefined };
  return { log, pending, watch: new DiskWatch({ firstPending: () => pending.first, folder: '/data', log }) };
}

test('finds a disk hanging only when the same notification is the next one for more than five seconds', () => {
  const { log, pending, watch } = watched();
  for (let second = 0; second < 30; second++) {
    pending.first = Math.floor(second / 4);
    watch.begin();
    vi.advanceTimersByTime(1000);
  }
  expect(watch.trouble).toBeUndefined();
  pending.first = 100;
  vi.advanceTimersByTime(7000);
  expect(watch.trouble).toBe('the disk does not answer: what was written to /data more than 5 s ago has not been taken');
  watch.moved();
  expect(watch.trouble).toBeUndefined();
  expect(log.records.map(({ level }) => level)).toEqual(['error', 'warn']);
});

test('looks at nothing while nothing is pending', () => {
  const { pending, watch } = watched();
  pending.first = 1;
  watch.begin();
  pending.first = undefined;
  vi.advanceTimersByTime(1000);
  expect(vi.getTimerCount()).toBe(0);
});
