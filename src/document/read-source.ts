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
    return { path, source: undefined, place: NOWHERE, message: whyNotRead(error) };
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a folder; name a file in it',
};

function whyNotRead(error: unknown): string {
  if (error instanceof TypeError) return 'is not UTF-8';
  const { code = '', message } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? `cannot be read: ${message}`;
}
