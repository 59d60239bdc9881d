import type { Place, Source } from './place.js';

/** What is wrong with a file. */
export interface FileError {
  readonly path: string;
  readonly place: Place;
  readonly message: string;
  /** `undefined` where the file cannot be read; then the place says nothing. */
  readonly source: Source | undefined;
}

/** Longest piece of a line that is shown, in characters. */
const SHOWN = 120;

/**
 * `path:line:column: message`, the line of the file, and a caret line below it that marks the place.
 * Nothing is escaped: the file's text may hold control characters.
 * @param source the file, if it can be read; without it there is the message alone.
 */
export function formatFileError(source: Source | undefined, error: Pick<FileError, 'path' | 'place' | 'message'>): string {
  if (source === undefined) return `${error.path}: ${error.message}`;
  const { line, column, length } = error.place;
  const text = source.text.split('\n', line)[line - 1]?.replace(/\r$/, '') ?? '';
  const from = column > SHOWN ? column - 1 - SHOWN / 2 : 0;
  const shown = text.slice(from, from + SHOWN);
  const number = String(line);
  const indent = shown.slice(0, column - 1 - from).replace(/[^\t]/g, ' ');
  const carets = '^'.repeat(Math.max(1, Math.min(length, shown.length - indent.length)));
  return [
    `${error.path}:${line}:${column}: ${error.message}`,
    `  ${number} | ${shown}`,
    `  ${' '.repeat(number.length)} | ${indent}${carets}`,
  ].join('\n');
}
