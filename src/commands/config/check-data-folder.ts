import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { describeTrouble } from '../../server/log/trouble.js';
import { OptionError } from '../../server/option-error.js';

/** File systems of Linux that say to root that it may write, and then hold no file of ours: those of /proc and /sys. */
const HOLD_NO_FILES: readonly number[] = [0x9fa0, 0x62656572];

/**
 * Tells whether a broker could have its log in a folder, which is there or can be made. Writes nothing.
 * @param folder as `data` of the broker's options; without one there is nothing to check.
 * @throws OptionError of `data` when it could not.
 */
export async function checkDataFolder(folder: string | undefined): Promise<void> {
  if (folder === undefined) return;
  const found = await nearest(resolve(folder));
  const trouble = await troubleOf(found);
  if (trouble === undefined) return;
  const place = found === resolve(folder) ? '' : `, at ${found}`;
  throw new OptionError('data', `is ${folder}, which cannot hold the log: ${trouble}${place}; expected a folder that may be written`);
}

/** The path itself, or what is there of those above it. */
async function nearest(path: string): Promise<string> {
  try {
    await stat(path);
    return path;
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return isMissing && dirname(path) !== path ? nearest(dirname(path)) : path;
  }
}

/** Why nothing can be written into it; `undefined` where it can. */
async function troubleOf(path: string): Promise<string | undefined> {
  try {
    if (!(await stat(path)).isDirectory()) return 'it is not a folder';
    await access(path, constants.W_OK | constants.X_OK);
    return HOLD_NO_FILES.includes((await statfs(path)).type) ? 'no files can be made' : undefined;
  } catch (error) {
    return describeTrouble(error);
  }
}
