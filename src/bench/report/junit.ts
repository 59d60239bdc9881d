import { attributeText, markupText } from '../../document/index.js';
import { quantity } from '../numbers.js';
import type { BenchResult, HealthCheck, RegressionOutcome, ThresholdOutcome } from '../result/result.js';
import { changeText, checkFigures, checkName, describeVerdict } from './wording.js';

interface TestCase {
  /** What it belongs to. */
  readonly group: 'run' | 'threshold' | 'regression' | 'generator';
  readonly name: string;
  readonly outcome: 'passed' | 'failure' | 'error' | 'skipped';
  /** One line. */
  readonly message: string;
}

/**
 * The result as JUnit XML, as CI systems read it: a test case for the run, each threshold, each regression rule and each limit of
 * the generator. A run that is invalid or was interrupted is an error; in an invalid run thresholds and rules are skipped.
 */
export function renderJunit(result: BenchResult): string {
  const { verdict, regression, generator, thresholds, startedAt, url, phasesMs } = result;
  const judged = [...thresholds.map(thresholdCase), ...(regression?.rules ?? []).map(regressionCase)];
  const cases = [runCase(result), ...(verdict === 'invalid' ? judged.map(skipped) : judged), ...generator.checks.map(healthCase)];
  const count = (wanted: TestCase['outcome']) => String(cases.filter(({ outcome }) => outcome === wanted).length);
  const seconds = (Object.values(phasesMs).reduce((sum, ms) => sum + ms, 0) / 1000).toFixed(3);
  const totals = {
    tests: String(cases.length),
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    time: seconds,
  };
  const name = `wsn bench ${url}`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name, ...totals })}>`,
    `  <testsuite${attributes({ name, ...totals, timestamp: startedAt })}>`,
    ...cases.flatMap(caseLines),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

/** Fails whenever the verdict is not `passed`, whatever the reason. */
function runCase(result: BenchResult): TestCase {
  const { verdict, because } = result;
  const outcome = verdict === 'passed' ? 'passed' : verdict === 'invalid' || verdict === 'aborted' ? 'error' : 'failure';
  return { group: 'run', name: 'verdict', outcome, message: [describeVerdict(result), ...because].join('; ') };
}

function thresholdCase({ threshold, measured, unit, isPassed }: ThresholdOutcome): TestCase {
  return {
    group: 'threshold',
    name: threshold,
    outcome: isPassed ? 'passed' : 'failure',
    message: `measured: ${quantity(measured, unit)}`,
  };
}

function regressionCase(regression: RegressionOutcome): TestCase {
  const { rule, before, now, unit, isRegression } = regression;
  const message = `${quantity(before, unit)} before, ${quantity(now, unit)} now: ${changeText(regression)}`;
  return { group: 'regression', name: rule, outcome: isRegression ? 'failure' : 'passed', message };
}

function healthCase(check: HealthCheck): TestCase {
  const { measured, bound } = checkFigures(check);
  const outcome = check.isPast ? 'error' : check.measured === null ? 'skipped' : 'passed';
  const message = check.measured === null ? 'not known on this system, or not measured' : `${measured}, the limit is ${bound}`;
  return { group: 'generator', name: checkName(check), outcome, message: check.isPast ? `${message}: ${check.advice}` : message };
}

function skipped(testCase: TestCase): TestCase {
  return { ...testCase, outcome: 'skipped', message: `${testCase.message}; the run is invalid` };
}

function caseLines({ group, name, outcome, message }: TestCase): string[] {
  const open = `    <testcase${attributes({ classname: `wsn bench ${group}`, name })}`;
  const inside =
    outcome === 'passed' ? `      <system-out>${markupText(message)}</system-out>` : `      <${outcome}${attributes({ message })}/>`;
  return [`${open}>`, inside, '    </testcase>'];
}

/** A parser makes a space of a line break in an attribute that is not written as an entity. */
function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${attributeText(value)}"`)
    .join('');
}
