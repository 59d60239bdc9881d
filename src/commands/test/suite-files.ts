import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { nearest } from '../../document/index.js';
import { UsageError } from '../exit/usage-error.js';

/** The suite that comes with the program, found through the package's own name, so that it is the same from `src` and from `dist`. */
export function suiteFolder(): string {
  return join(dirname(createRequire(import.meta.url).resolve('wsn/package.json')), 'scenarios');
}

/**
 * The target file of a name, or of a path: that has a slash or a dot.
 * @throws UsageError for a name that there is not.
 */
export function targetPath(target: string): string {
  if (/[/\\.]/.test(target)) return target;
  const folder = join(suiteFolder(), 'targets');
  const path = join(folder, `${target}.yaml`);
  if (existsSync(path)) return path;
  const names = existsSync(folder) ? readdirSync(folder).flatMap((name) => (/\.yaml$/.test(name) ? [name.slice(0, -5)] : [])) : [];
  const near = nearest(target, names);
  const hint = near === undefined ? `the targets are ${names.join(' and ')}` : `did you mean ${near}?`;
  throw new UsageError(
    `there is no target "${target}"; ${names.length === 0 ? 'give a file' : hint} (a file of your own needs a slash or a dot in its path)`,
  );
}
