import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Whether this process may have a disk of its own. */
export const MAY_MOUNT = process.getuid?.() === 0;

/** A disk of 8 MiB, in memory. */
export async function smallDisk(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'wsn-disk-'));
  await run('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'none', path]);
  return {
    path,
    async [Symbol.asyncDispose](): Promise<void> {
      await run('umount', ['--lazy', path]);
      await rm(path, { recursive: true, force: true });
    },
  };
}
