import type { CaseResult, Summary } from '../result.js';
import type { Case } from '../scenario.js';
import { ChapterCounts } from './chapter-counts.js';
import { failureLines } from './failure.js';
import { groupByReason, type OutcomeGroup } from './outcome-groups.js';
import type { ReportStyle } from './report-style.js';
import type { Reporter } from './reporter.js';
import { countsOf, summaryText } from './wording.js';

/** What a report in text needs to know before the run. */
export interface TextReportOptions {
  /** What will be run, each `repeat` times: so that a chapter is reported when its last case has ended. */
  readonly cases: readonly Case[];
  readonly repeat: number;
  readonly style: ReportStyle;
  /** Takes lines without their line breaks. */
  readonly write: (lines: readonly string[]) => void;
}

/** Reports a run as text: failures at once, a line for each chapter at its end, then what else is to be known, and the summary. */
export function textReporter({ cases, repeat, style, write }: TextReportOptions): Reporter {
  const chapters = new ChapterCounts(cases, repeat);
  /** Those that are told at the end: a long run has any number of others. */
  const results: CaseResult[] = [];
  return {
    caseDone(result) {
      if ('because' in result.outcome) results.push(result);
      if (result.outcome.kind === 'failed') write([...failureLines(result, result.outcome.failure, style), '']);
      const ended = chapters.add(result);
      if (ended !== undefined) write([ended.line(style)]);
    },
    end(summary) {
      write([...chapters.unfinished().map((chapter) => chapter.line(style)), ...endLines(results, summary, style)]);
    },
  };
}

function endLines(results: readonly CaseResult[], summary: Summary, style: ReportStyle): string[] {
  const { pen } = style;
  const skipped = groupByReason(results, 'skipped');
  return [
    ...groups('Expected failures', groupByReason(results, 'expected-failure'), style),
    ...groups('Unexpected passes: take them out of the target file', groupByReason(results, 'unexpected-pass'), style),
    ...(skipped.length === 0 ? [] : ['', pen.bold('Skipped'), ...skipped.map((group) => skippedLine(group, style))]),
    '',
    ...(summary.isComplete ? [] : [pen.yellow('The run was ended before all cases had been run.')]),
    lastLine(summary, style),
  ];
}

function groups(heading: string, all: readonly OutcomeGroup[], { pen, safe }: ReportStyle): string[] {
  if (all.length === 0) return [];
  const lines = all.flatMap(({ because, cases }) => [
    `  ${pen.yellow(safe(because))}`,
    ...cases.map(({ id, times, message }) => {
      const often = times === 1 ? '' : ` (${times} times)`;
      return `    ${safe(id)}${often}${message === '' ? '' : `  ${pen.dim(safe(message))}`}`;
    }),
  ]);
  return ['', pen.bold(heading), ...lines];
}

function skippedLine({ because, cases }: OutcomeGroup, { pen, safe }: ReportStyle): string {
  return `  ${safe(because)}: ${pen.dim(cases.map(({ id }) => safe(id)).join(', '))}`;
}

/** The verdict, in its colour. */
function lastLine(summary: Summary, { pen, safe }: ReportStyle): string {
  const text = safe(summaryText(summary));
  if (summary.failed > 0) return pen.bold(pen.red(text));
  const isQuiet = countsOf(summary).every(([kind, count]) => kind === 'passed' || count === 0);
  return pen.bold(isQuiet && summary.isComplete ? pen.green(text) : pen.yellow(text));
}
