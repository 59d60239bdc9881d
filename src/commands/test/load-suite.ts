import { formatFileError, type ScenarioFileError } from '../../scenario/file/file-error.js';
import { loadScenarios } from '../../scenario/file/load.js';
import { loadTarget, type Target } from '../../scenario/run/target.js';
import type { Case } from '../../scenario/scenario.js';
import { STEPS } from '../../scenario/steps/index.js';
import { UsageError } from '../exit/usage-error.js';
import { escapeText } from '../terminal/escape-text.js';
import { suiteFolder, targetPath } from './suite-files.js';

/** What can be run, and what is known of the server. */
export interface Suite {
  readonly cases: readonly Case[];
  readonly target: Target | undefined;
}

/**
 * Loads the scenarios and the target file.
 * @param paths files and folders; without any the suite that comes with the program, of which a target file has to name cases that there are.
 * @throws UsageError when anything is wrong with any file; all of it is on stderr then.
 */
export function loadSuite(paths: readonly string[], target: string | undefined): Suite {
  const isWhole = paths.length === 0;
  const scenarios = loadScenarios(isWhole ? [suiteFolder()] : paths, STEPS);
  const loaded = target === undefined ? undefined : loadTarget(targetPath(target));
  const errors = [...scenarios.errors, ...(loaded?.errors ?? [])];
  const unused = isWhole && errors.length === 0 ? (loaded?.target?.unusedPatterns(scenarios.cases.map(({ id }) => id)) ?? []) : [];
  refuse([...errors, ...unused]);
  return { cases: scenarios.cases, target: loaded?.target };
}

/** @throws UsageError when there are errors, after it has written them. */
function refuse(errors: readonly ScenarioFileError[]): void {
  if (errors.length === 0) return;
  for (const error of errors) {
    const lines = formatFileError(error.source, error).split('\n');
    process.stderr.write(`${lines.map(escapeText).join('\n')}\n`);
  }
  const files = new Set(errors.map(({ path }) => path)).size;
  const what = `${errors.length === 1 ? 'an error' : `${errors.length} errors`} in ${files === 1 ? 'a file' : `${files} files`}`;
  throw new UsageError(`${what}: nothing was run`);
}
