import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder, and those that it is in, for its owner alone. (Node's own way to do so never ends in `/proc`.)
 * @returns whether it was not there before.
 * @throws what the system says.
 */
export async function makeFolder(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { mode: 0o700 });
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const parent = dirname(resolve(folder));
    if (code === 'ENOENT' && !(await isFolder(parent))) {
      await makeFolder(parent);
      return makeFolder(folder);
    }
    if (code === 'EEXIST' && (await isFolder(folder))) return false;
    throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
