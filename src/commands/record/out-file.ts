import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { UsageError } from '../exit/usage-error.js';
import { suiteFolder } from '../test/suite-files.js';

/** `--out` for stdout. */
const STDOUT = '-';

/**
 * Looks whether the file can be written, before there is anything to write.
 * @throws UsageError with the reason.
 */
export function assertWritable(path: string): void {
  if (path === STDOUT) return;
  try {
    if (existsSync(path) && statSync(path).isDirectory()) throw new Error('it is a folder; name a file in it');
    if (!existsSync(dirname(path))) throw new Error(`there is no folder ${dirname(path)}`);
    accessSync(existsSync(path) ? path : dirname(path), constants.W_OK);
  } catch (error) {
    throw new UsageError(`cannot write --out ${path}: ${(error as Error).message}`);
  }
}

/**
 * Writes the scenario.
 * @throws UsageError when that cannot be done after all.
 */
export async function writeOut(path: string, text: string): Promise<void> {
  if (path === STDOUT) {
    process.stdout.write(text);
    return;
  }
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new UsageError(`cannot write --out ${path}: ${(error as Error).message}`);
  }
}

/** The id of a scenario in this file: `recorded/` and its name, in small letters, digits and hyphens. */
export function idFor(path: string): string {
  const name = path === STDOUT ? '' : basename(path).replace(/\.ya?ml$/i, '');
  const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? ['session'];
  return `recorded/${words.join('-')}`;
}

/** The schema of scenarios as it is found from the folder of the file. */
export function schemaFor(path: string): string {
  const folder = path === STDOUT ? process.cwd() : dirname(path);
  return relative(folder, join(suiteFolder(), 'scenario.schema.json')).split(sep).join('/');
}
