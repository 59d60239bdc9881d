import { integer, milliseconds } from '../numbers.js';
import type { BenchResult, Verdict } from '../result/result.js';
import { wrap } from './columns.js';
import { settingsLines } from './settings-text.js';
import type { ReportStyle } from './style.js';
import { describeVerdict } from './wording.js';

/** The broker, what was run, and what came of it with the reasons. */
export function headLines(result: BenchResult, style: ReportStyle): string[] {
  const { pen, safe, columns } = style;
  return [
    `${pen.bold('wsn bench')} ${pen.cyan(safe(result.url))}`,
    ...settingsLines(result).flatMap((line) => wrap(safe(line), columns - 2, 2).map((part) => `  ${pen.dim(part)}`)),
    '',
    ...wrap(`${MARKS[result.verdict]} ${describeVerdict(result)}`, columns, 2).map((line) =>
      pen.bold(verdictColour(result.verdict, style)(line)),
    ),
    ...result.because.flatMap((reason) => wrap(`• ${safe(reason)}`, columns - 2, 2).map((line) => `  ${line}`)),
  ];
}

/** One line that says it all, for the end of a long report. */
export function lastLine({ verdict, deliveries, latencyMs }: BenchResult, style: ReportStyle): string {
  const figures = (['p50', 'p99'] as const).flatMap((name) => {
    const value = latencyMs[name];
    const margin = latencyMs.margin[name];
    if (value === null) return [];
    const around = margin === null ? '' : ` ±${milliseconds(margin)}`;
    return [`${name} ${milliseconds(value)}${around}`];
  });
  const pieces = [
    `${MARKS[verdict]} ${verdict}`,
    `${integer(deliveries.delivered)} of ${integer(deliveries.expected)} delivered`,
    ...(figures.length === 0 ? [] : [`${figures.join(', ')} ms`]),
  ];
  const lines = wrap(pieces.join(' · '), style.columns, 2);
  return lines.map((line) => style.pen.bold(verdictColour(verdict, style)(line))).join('\n');
}

const MARKS: Readonly<Record<Verdict, string>> = { passed: '✓', failed: '✗', regressed: '✗', invalid: '!', aborted: '!' };

function verdictColour(verdict: Verdict, { pen }: ReportStyle): (text: string) => string {
  if (verdict === 'passed') return pen.green;
  return verdict === 'failed' || verdict === 'regressed' ? pen.red : pen.yellow;
}
