import { attributeText, markupText } from '../../document/index.js';
import type { CaseResult, Summary } from '../result.js';
import { failureDetails } from './failure.js';
import { NO_COLOURS, type ReportStyle } from './report-style.js';
import { chapterOf, isFailure, nameOf, rulesText } from './wording.js';

/** Lines of files are kept as they are; `markupText` makes them safe afterwards. */
const STYLE: ReportStyle = {
  pen: NO_COLOURS,
  safe: (text) => text.replace(/[\r\n]/g, (end) => (end === '\n' ? '\\n' : '\\r')),
  columns: 1000,
};

/**
 * A run as JUnit XML, as CI systems read it: a test suite for each chapter, a test case for each case.
 * There a failure makes a build fail, so one that is expected or of level `info` is `skipped`, with its text in `system-out`.
 */
export function junitDocument(results: readonly CaseResult[], summary: Summary): string {
  const chapters = new Map<string, CaseResult[]>();
  for (const result of results) {
    const chapter = chapterOf(result);
    chapters.set(chapter, [...(chapters.get(chapter) ?? []), result]);
  }
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: `wsn test ${summary.server}`, ...totals(results), time: seconds(summary.durationMs) })}>`,
    ...[...chapters].flatMap(([name, those]) => suiteLines(name, those)),
    '</testsuites>',
    '',
  ].join('\n');
}

function suiteLines(name: string, results: readonly CaseResult[]): string[] {
  const time = seconds(results.reduce((sum, { durationMs }) => sum + durationMs, 0));
  return [
    `  <testsuite${attributes({ name, ...totals(results), time })}>`,
    ...results.flatMap((result) => caseLines(result)),
    '  </testsuite>',
  ];
}

function caseLines(result: CaseResult): string[] {
  const { case: of, durationMs } = result;
  const name = `${nameOf(result)}: ${of.title}`;
  const line = String(of.place.line);
  const open = `<testcase${attributes({ classname: chapterOf(result), name, file: of.source.path, line, time: seconds(durationMs) })}`;
  const inside = insideLines(result);
  return inside.length === 0 ? [`    ${open}/>`] : [`    ${open}>`, ...inside, '    </testcase>'];
}

function insideLines(result: CaseResult): string[] {
  const { case: of, outcome } = result;
  if (outcome.kind === 'passed') return [];
  if (outcome.kind === 'skipped') return [`      <skipped${attributes({ message: outcome.because })}/>`];
  if (outcome.kind === 'unexpected-pass') {
    return [`      <system-out>${markupText(`passed, and was expected to fail: ${outcome.because}`)}</system-out>`];
  }
  const { failure } = outcome;
  const text = markupText([rulesText(of.rules), ...failureDetails(result, failure, STYLE)].join('\n'));
  if (isFailure(result)) {
    return [`      <failure${attributes({ message: failure.message, type: failure.rule ?? of.rules[0] ?? '' })}>${text}</failure>`];
  }
  const because = outcome.kind === 'expected-failure' ? `failed as expected: ${outcome.because}` : 'failed; level info is no failure';
  return [`      <skipped${attributes({ message: because })}/>`, `      <system-out>${text}</system-out>`];
}

function totals(results: readonly CaseResult[]): Readonly<Record<string, string>> {
  const failures = results.filter(isFailure).length;
  const quiet = results.filter(({ outcome }) => outcome.kind === 'passed' || outcome.kind === 'unexpected-pass').length;
  const skipped = String(results.length - failures - quiet);
  return { tests: String(results.length), failures: String(failures), errors: '0', skipped };
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${attributeText(value)}"`)
    .join('');
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
