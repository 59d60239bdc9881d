import { readFileSync } from 'node:fs';
import type { FileError } from './file-error.js';
import type { Source } from './place.js';

/** Stands in an error of what cannot be read. */
export const NOWHERE = { line: 1, column: 1, length: 1 } as const;

/** What is read from stdin instead of a file. */
export const STDIN = '-';

/** Reads a file, or stdin for `-`; one that cannot be read, or is not UTF-8, is an error. */
export function readSource(path: string): Source | FileError {
  try {
    return { path, text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path === STDIN ? 0 : path)) };
  } catch (error) {
    const message = error instanceof TypeError ? 'is not UTF-8' : `cannot be read: ${(error as Error).message}`;
    return { path, source: undefined, place: NOWHERE, message };
  }
}
