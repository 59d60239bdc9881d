import type { FileHandle } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CommitFile } from '../../../src/server/log/commit-file.js';
import { DiskSync, SyncFailure } from '../../../src/server/log/disk-sync.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

test('does not try again when a sync in the background has failed, and says so to whoever waits for the end', async () => {
  const file = { datasync: vi.fn().mockRejectedValue(new Error('EIO')), close: vi.fn() };
  const failed = vi.fn();
  const sync = new DiskSync({ folder: '.', durability: 'batched', commits: {} as CommitFile, failed });
  await sync.written(file as unknown as FileHandle);
  await vi.advanceTimersByTimeAsync(10_000);
  await sync.written(file as unknown as FileHandle);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(failed).toHaveBeenCalledTimes(1);
  expect(file.datasync).toHaveBeenCalledTimes(1);
  await expect(sync.finish()).rejects.toThrow(SyncFailure);
});
