import type { CaseResult, Outcome } from '../result.js';
import { NO_COLOURS, type ReportStyle } from './report-style.js';
import type { Reporter } from './reporter.js';
import { wireLines } from './wire-lines.js';
import { nameOf, summaryText } from './wording.js';

export interface TapOptions {
  /** As in `ReportStyle`. */
  readonly safe: (text: string) => string;
  /** Takes lines without their line breaks. */
  readonly write: (lines: readonly string[]) => void;
}

/** A wire log in a diagnostic is not cut to a terminal. */
const COLUMNS = 1000;

/**
 * Reports a run as TAP 14. A failure that is no failure of the run (an expected one, or one of level `info`) is a
 * `# TODO`, which consumers do not count; a pass that was not expected is one, too. The plan comes last, or `Bail out!`.
 */
export function tapReporter({ safe, write }: TapOptions): Reporter {
  const style: ReportStyle = { pen: NO_COLOURS, safe, columns: COLUMNS };
  let count = 0;
  const begin = () => (count === 0 ? ['TAP version 14'] : []);
  return {
    caseDone(result) {
      const lines = begin();
      count++;
      write([...lines, ...pointLines(result, count, style)]);
    },
    end(summary) {
      const end = summary.isComplete ? `1..${count}` : 'Bail out! The run was ended before all cases had been run.';
      write([...begin(), `# ${safe(summaryText(summary))}`, end]);
    },
  };
}

function pointLines(result: CaseResult, number: number, style: ReportStyle): string[] {
  const { outcome } = result;
  const isOk = outcome.kind !== 'failed' && outcome.kind !== 'expected-failure';
  const description = escapeTap(style.safe(`${nameOf(result)} ${result.case.title}`));
  const line = `${isOk ? 'ok' : 'not ok'} ${number} - ${description}${directive(result, style)}`;
  return 'failure' in outcome ? [line, ...diagnostic(result, outcome.failure, style)] : [line];
}

function directive({ case: { level }, outcome }: CaseResult, { safe }: ReportStyle): string {
  if (outcome.kind === 'skipped') return ` # SKIP ${escapeTap(safe(outcome.because))}`;
  if (outcome.kind === 'expected-failure' || outcome.kind === 'unexpected-pass') return ` # TODO ${escapeTap(safe(outcome.because))}`;
  return outcome.kind === 'failed' && level === 'info' ? ' # TODO level info is no failure of the run' : '';
}

/** `#` would begin a directive. */
function escapeTap(text: string): string {
  return text.replace(/[\\#]/g, '\\$&');
}

/** The YAML block below a test point. Quoted texts are JSON, which YAML reads. */
function diagnostic(
  { case: of, wire }: CaseResult,
  failure: Extract<Outcome, { kind: 'failed' }>['failure'],
  style: ReportStyle,
): string[] {
  const { path } = of.source;
  const { line, column } = failure.place;
  const rules = failure.rule === undefined ? of.rules : [...of.rules, failure.rule];
  const lines = [
    '---',
    `message: ${quoted(failure.message, style)}`,
    `at: { file: ${quoted(path, style)}, line: ${line}, column: ${column} }`,
    `rules: [${rules.join(', ')}]`,
    `level: ${of.level}`,
    ...literal('expected', failure.expected, style),
    ...literal('actual', failure.actual, style),
    ...literal('wire', wireLines(wire, style).join('\n'), { ...style, safe: (text) => text }),
    '...',
  ];
  return lines.map((text) => (text === '' ? '' : `  ${text}`));
}

function quoted(text: string, { safe }: ReportStyle): string {
  return safe(JSON.stringify(text));
}

/** A text of several lines as a block; nothing at all for an empty one. */
function literal(name: string, text: string, style: ReportStyle): string[] {
  if (text === '') return [];
  if (!text.includes('\n')) return [`${name}: ${quoted(text, style)}`];
  return [`${name}: |2-`, ...text.split('\n').map((line) => (line === '' ? '' : `  ${style.safe(line)}`))];
}
