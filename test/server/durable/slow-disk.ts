import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { vi } from 'vitest';

/** How all files of this process are written from now on. */
export interface SlowDisk extends Disposable {
  /** How long each write takes, in ms. */
  delayMs: number;
  /** Whether it fails then, as on a full disk. */
  isFull: boolean;
}

/** A disk that is as slow, or as full, as the test says: no real one is on demand. Its disposal makes it a real one again. */
export async function slowDisk(delayMs: number): Promise<SlowDisk> {
  await using folder = await open(tmpdir());
  const prototype = Object.getPrototypeOf(folder) as FileHandle;
  const write = prototype.write as (...args: unknown[]) => Promise<unknown>;
  const spy = vi.spyOn(prototype, 'write');
  const disk: SlowDisk = { delayMs, isFull: false, [Symbol.dispose]: () => spy.mockRestore() };
  spy.mockImplementation(async function (this: FileHandle, ...args: unknown[]) {
    await sleep(disk.delayMs);
    if (disk.isFull) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
    return write.apply(this, args);
  } as never);
  return disk;
}
