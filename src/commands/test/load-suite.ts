import { loadScenarios } from '../../scenario/file/load.js';
import { loadTarget, type Target } from '../../scenario/run/target.js';
import type { Case } from '../../scenario/scenario.js';
import { refuseFiles } from '../input/refuse-files.js';
import { suiteFolder, targetPath } from './suite-files.js';
import { WORDS } from './words.js';

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
  const scenarios = loadScenarios(isWhole ? [suiteFolder()] : paths, WORDS);
  const loaded = target === undefined ? undefined : loadTarget(targetPath(target));
  const errors = [...scenarios.errors, ...(loaded?.errors ?? [])];
  const unused = isWhole && errors.length === 0 ? (loaded?.target?.unusedPatterns(scenarios.cases.map(({ id }) => id)) ?? []) : [];
  refuseFiles([...errors, ...unused]);
  return { cases: scenarios.cases, target: loaded?.target };
}
