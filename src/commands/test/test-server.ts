import { ServerError } from '../../scenario/net/server-error.js';
import type { CaseResult, Summary } from '../../scenario/result.js';
import { runSuite, type SuiteOptions } from '../../scenario/run/run-suite.js';
import type { Case } from '../../scenario/scenario.js';
import { EXIT } from '../exit/exit-codes.js';
import { interruptible } from '../exit/interruption.js';
import { CommandFailure } from '../exit/usage-error.js';
import { coloursFor } from '../terminal/colours.js';
import { escapeJson } from '../terminal/escape-json.js';
import type { TestOptions } from '../test.js';
import { chooseCases } from './choose-cases.js';
import { listJson, listLines } from './list-cases.js';
import { loadSuite } from './load-suite.js';
import { reportDifferences } from './report-differences.js';
import { prepareReportFiles, writeReportFiles } from './report-files.js';
import { connecting, serverUnderTest } from './server-under-test.js';
import { checkReports, stdoutReport } from './stdout-report.js';
import { openDisplay } from './test-display.js';

/**
 * Runs `wsn test`.
 * @param paths scenario files and folders; none means the suite that comes with the program.
 * @returns `EXIT.ok`, `EXIT.failed` when a case failed, or the code of the signal that ended the run.
 * @throws CommandFailure for bad options and files, and when the server cannot be reached.
 */
export async function testServer(paths: readonly string[], given: TestOptions): Promise<number> {
  checkReports(given);
  const server = serverUnderTest(given);
  const { cases: all, target } = loadSuite(paths, given.target);
  const cases = chooseCases(all, given);
  if (given.list) return list(cases, given);
  const options = { ...suiteOptions(cases, given), ...(await connecting(given)), server, target };
  await prepareReportFiles(given);
  using interruption = interruptible();
  try {
    const run = given.against === undefined ? runAndReport : reportDifferences;
    const exitCode = await run({ ...options, signal: interruption.signal }, given);
    return interruption.exitCode ?? exitCode;
  } catch (error) {
    if (interruption.exitCode !== undefined) {
      process.stderr.write('interrupted before the first case\n');
      return interruption.exitCode;
    }
    if (error instanceof ServerError)
      throw new CommandFailure(inOneLine(error.message), error.kind === 'usage' ? EXIT.usage : EXIT.unreachable);
    throw error;
  }
}

function suiteOptions(cases: readonly Case[], given: TestOptions): Omit<SuiteOptions, 'server' | 'headers' | 'onResult'> {
  const { jobs, repeat, timeout } = given;
  const seed = given.seed ?? Math.floor(Math.random() * 1_000_000);
  return { cases, jobs, repeat, bail: given.bail === true, shuffle: given.shuffle === true, seed, stepTimeoutMs: timeout };
}

async function runAndReport(options: Omit<SuiteOptions, 'onResult'>, given: TestOptions): Promise<number> {
  const display = await openDisplay(options.cases.length * options.repeat, given.color);
  const report = stdoutReport(options.cases, given, display);
  const isKept = given.junit !== undefined || given.html !== undefined;
  const results: CaseResult[] = [];
  let summary: Summary;
  try {
    const onResult = (result: CaseResult) => {
      if (isKept) results.push(result);
      display.advance(result);
      report.caseDone(result);
    };
    summary = await runSuite({ ...options, onResult });
  } finally {
    display.end();
  }
  report.end(summary);
  await writeReportFiles(inOrder(results, options.cases), summary, given);
  return summary.failed > 0 ? EXIT.failed : EXIT.ok;
}

/** Results as the suite is ordered, not as they ended: a report of two runs reads the same. */
function inOrder(results: readonly CaseResult[], cases: readonly Case[]): readonly CaseResult[] {
  const places = new Map(cases.map(({ id }, index) => [id, index]));
  return results.toSorted((a, b) => a.round - b.round || (places.get(a.case.id) ?? 0) - (places.get(b.case.id) ?? 0));
}

async function list(cases: readonly Case[], { json, color }: TestOptions): Promise<number> {
  const lines = json ? listJson(cases).map(escapeJson) : listLines(cases, await coloursFor(process.stdout, color));
  process.stdout.write(`${lines.join('\n')}\n`);
  return EXIT.ok;
}

/** What a server wrote before it ended stands in lines of its own. */
function inOneLine(message: string): string {
  return message
    .split('\n')
    .map((line) => line.trim())
    .join(' · ');
}
