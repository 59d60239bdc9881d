import { open } from 'node:fs/promises';

/** Not possible here, rather than failed: Windows, and file systems that sync no folders. */
const IMPOSSIBLE = new Set(['EACCES', 'EBADF', 'EINVAL', 'EISDIR', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EPERM']);

/** Puts the names of a folder's files on the disk, where the platform can. @throws when the disk fails. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && IMPOSSIBLE.has(String(error.code)))) throw error;
  }
}
