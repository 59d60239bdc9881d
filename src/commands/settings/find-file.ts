import { existsSync } from 'node:fs';

const NAMES = ['wsn.yaml', 'wsn.yml', 'wsn.json'];

/** The file that settings are read from. */
export interface FoundFile {
  /** As it is shown and opened; `undefined` where there is none. */
  readonly path: string | undefined;
  /** Others of this folder that might be meant. */
  readonly ignored: readonly string[];
}

/** The file that was named, else the first of `wsn.yaml`, `wsn.yml` and `wsn.json` in the working directory. */
export function findFile(named: string | undefined): FoundFile {
  if (named !== undefined) return { path: named, ignored: [] };
  const [path, ...ignored] = NAMES.filter((name) => existsSync(name));
  return { path, ignored };
}
