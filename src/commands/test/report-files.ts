import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { htmlDocument, junitDocument } from '../../scenario/report/index.js';
import type { CaseResult, Summary } from '../../scenario/result.js';
import { UsageError } from '../exit/usage-error.js';
import type { TestOptions } from '../test.js';

/**
 * Has the folders of the reports there, so that a report that cannot be written is known before the run.
 * @throws UsageError when one cannot be made, or a report would be a folder.
 */
export async function prepareReportFiles(given: Pick<TestOptions, 'junit' | 'html'>): Promise<void> {
  for (const path of [given.junit, given.html]) {
    if (path === undefined || path === '-') continue;
    await writable(path, async () => {
      await mkdir(dirname(path), { recursive: true });
      const known = await stat(path).catch(() => undefined);
      if (known?.isDirectory()) throw new Error('it is a folder; name a file in it');
    });
  }
}

/**
 * Writes what `--junit` and `--html` ask for.
 * @throws UsageError when a file cannot be written.
 */
export async function writeReportFiles(
  results: readonly CaseResult[],
  summary: Summary,
  given: Pick<TestOptions, 'junit' | 'html'>,
): Promise<void> {
  const documents = [
    [given.junit, junitDocument],
    [given.html, htmlDocument],
  ] as const;
  for (const [path, document] of documents) {
    if (path === undefined) continue;
    const text = document(results, summary);
    if (path === '-') process.stdout.write(text);
    else await writable(path, () => writeFile(path, text));
  }
}

async function writable(path: string, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    throw new UsageError(`cannot write ${path}: ${(error as Error).message}`);
  }
}
