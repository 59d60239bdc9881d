import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { COMMIT_FILE } from './commit-file.js';
import { makeFolder } from './make-folder.js';
import { firstSequenceOf } from './segment-header.js';
import { syncFolder } from './sync-folder.js';

/** Moves all files of a log into a folder beside them, so that another one can begin. @returns the folder's path. */
export async function setAside(folder: string): Promise<string> {
  const target = await newFolder(folder, `damaged-${new Date().toISOString().replaceAll(':', '')}`);
  for (const name of await readdir(folder)) {
    if (name === COMMIT_FILE || firstSequenceOf(name) !== undefined) await rename(join(folder, name), join(target, name));
  }
  await syncFolder(target);
  await syncFolder(folder);
  return target;
}

/** @returns the path of a folder that was not there before. */
async function newFolder(parent: string, name: string): Promise<string> {
  for (let count = 1; ; count += 1) {
    const path = join(parent, count === 1 ? name : `${name}-${count}`);
    if (await makeFolder(path)) return path;
  }
}
