import { type Comparison, differenceJson, differenceLines, isComparable } from '../../scenario/report/index.js';
import { compareServers } from '../../scenario/run/compare.js';
import { type SuiteOptions, serverName } from '../../scenario/run/run-suite.js';
import { EXIT } from '../exit/exit-codes.js';
import { escapeJson } from '../terminal/escape-json.js';
import type { TestOptions } from '../test.js';
import { openDisplay } from './test-display.js';

/**
 * Runs the suite on the server under test and on the one of `--against`, and prints what they did differently.
 * @returns `EXIT.ok` when they did the same, `EXIT.failed` when not.
 */
export async function reportDifferences(options: Omit<SuiteOptions, 'onResult'>, given: TestOptions): Promise<number> {
  const { against = '' } = given;
  const startedAt = performance.now();
  const display = await openDisplay(options.cases.length * 2, given.color);
  let differences: Comparison['differences'];
  try {
    differences = await compareServers(options, { url: against }, (result) => display.advance(result));
  } finally {
    display.end();
  }
  const isComplete = options.signal?.aborted !== true;
  const servers = [serverName(options.server), serverName({ url: against })] as const;
  const comparison = { differences, cases: options.cases.length, servers, durationMs: performance.now() - startedAt, isComplete };
  display.write(given.json ? differenceJson(comparison).map(escapeJson) : differenceLines(comparison, display.style));
  return differences.some(isComparable) ? EXIT.failed : EXIT.ok;
}
