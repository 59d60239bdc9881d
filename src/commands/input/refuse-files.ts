import { type FileError, formatFileError } from '../../document/index.js';
import { UsageError } from '../exit/usage-error.js';
import { escapeText } from '../terminal/escape-text.js';

/**
 * Writes everything that is wrong with files to stderr.
 * @throws UsageError when there is anything.
 */
export function refuseFiles(errors: readonly FileError[]): void {
  if (errors.length === 0) return;
  for (const error of errors) {
    const lines = formatFileError(error.source, error).split('\n');
    process.stderr.write(`${lines.map(escapeText).join('\n')}\n`);
  }
  const files = new Set(errors.map(({ path }) => path)).size;
  const what = `${errors.length === 1 ? 'an error' : `${errors.length} errors`} in ${files === 1 ? 'a file' : `${files} files`}`;
  throw new UsageError(`${what}: nothing was run`);
}
