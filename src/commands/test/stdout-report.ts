import { jsonReporter, type Reporter, tapReporter, textReporter } from '../../scenario/report/index.js';
import type { Case } from '../../scenario/scenario.js';
import { UsageError } from '../exit/usage-error.js';
import { escapeJson } from '../terminal/escape-json.js';
import { escapeText } from '../terminal/escape-text.js';
import type { TestOptions } from '../test.js';
import type { TestDisplay } from './test-display.js';

/**
 * @throws UsageError when more than one report wants stdout, or `--against` is given with a report that it does not have.
 */
export function checkReports({ json, tap, junit, html, against }: TestOptions): void {
  const owners = [
    ...(json ? ['--json'] : []),
    ...(tap ? ['--tap'] : []),
    ...(junit === '-' ? ['--junit -'] : []),
    ...(html === '-' ? ['--html -'] : []),
  ];
  if (owners.length > 1) throw new UsageError(`${owners.join(' and ')} exclude each other: each wants stdout`);
  const without = [...(tap ? ['--tap'] : []), ...(junit === undefined ? [] : ['--junit']), ...(html === undefined ? [] : ['--html'])];
  if (against !== undefined && without.length > 0) {
    throw new UsageError(`--against prints differences, as text or with --json: it has no ${without.join(' and no ')}`);
  }
}

/** What is printed to stdout while the cases run. */
export function stdoutReport(cases: readonly Case[], given: TestOptions, display: TestDisplay): Reporter {
  if (given.json) return jsonReporter((line) => display.write([escapeJson(line)]));
  if (given.tap) return tapReporter({ safe: escapeText, write: display.write });
  if (given.junit === '-' || given.html === '-') return { caseDone() {}, end() {} };
  return textReporter({ cases, repeat: given.repeat, style: display.style, write: display.write });
}
