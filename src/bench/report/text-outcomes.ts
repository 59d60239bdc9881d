import { quantity } from '../numbers.js';
import type { BenchResult, Regression } from '../result/result.js';
import { wrap } from './columns.js';
import type { ReportStyle } from './style.js';
import { table } from './table.js';
import { changeText } from './wording.js';

/**
 * Each threshold with what was measured; those that always hold in one line, unless they were missed.
 * In an invalid run they are neither kept nor missed.
 */
export function thresholdLines({ thresholds, verdict }: BenchResult, style: ReportStyle): string[] {
  const { pen, safe, columns } = style;
  const shown = thresholds.filter(({ isImplied, isPassed }) => !isImplied || !isPassed);
  const kept = thresholds.filter(({ isImplied, isPassed }) => isImplied && isPassed);
  const all = kept.map(({ threshold }) => safe(threshold)).join(', ');
  return [
    pen.bold('Thresholds'),
    ...table(
      [
        { heading: '', cells: shown.map(({ isPassed }) => (verdict === 'invalid' ? pen.dim('–') : mark(isPassed, style))), align: 'left' },
        { heading: '', cells: shown.map(({ threshold }) => safe(threshold)), align: 'left' },
        {
          heading: '',
          cells: shown.map(({ measured, unit, isPassed }) => (isPassed ? pen.green : pen.red)(quantity(measured, unit))),
          align: 'right',
        },
        { heading: '', cells: shown.map(({ isImplied }) => (isImplied ? pen.dim('always') : '')), align: 'left', dispensable: 1 },
      ],
      columns,
      pen.dim,
    ),
    ...wrap(kept.length === 0 ? '' : `always: ${all}`, columns - 5)
      .filter((line) => line !== '')
      .map((line, index) => `${index === 0 ? `  ${verdict === 'invalid' ? pen.dim('–') : pen.green('✓')}  ` : '     '}${pen.dim(line)}`),
  ];
}

/** Each rule with both runs; nothing without a baseline. */
export function regressionLines(regression: Regression | null, style: ReportStyle): string[] {
  if (regression === null) return [];
  const { pen, safe, columns } = style;
  const { baseline, rules } = regression;
  const cellsOf = (cell: (rule: Regression['rules'][number]) => string) => rules.map(cell);
  return [
    pen.bold('Compared with the baseline'),
    ...wrap(`of ${safe(baseline.startedAt)}, by wsn ${safe(baseline.version)}`, columns - 2).map((line) => `  ${pen.dim(line)}`),
    ...table(
      [
        { heading: '', cells: cellsOf(({ isRegression }) => mark(!isRegression, style)), align: 'left' },
        { heading: 'a regression if', cells: cellsOf(({ rule }) => safe(rule)), align: 'left' },
        { heading: 'before', cells: cellsOf(({ before, unit }) => quantity(before, unit)), align: 'right' },
        { heading: 'now', cells: cellsOf(({ now, unit }) => quantity(now, unit)), align: 'right' },
        {
          heading: 'change',
          cells: cellsOf((outcome) => (outcome.isRegression ? pen.red : pen.green)(changeText(outcome))),
          align: 'right',
        },
        {
          heading: 'by chance',
          cells: cellsOf(({ margin, unit }) => ((margin ?? 0) === 0 ? '' : pen.dim(`±${quantity(margin, unit)}`))),
          align: 'right',
          dispensable: 1,
        },
      ],
      columns,
      pen.dim,
    ),
  ];
}

function mark(isGood: boolean, { pen }: ReportStyle): string {
  return isGood ? pen.green('✓') : pen.red('✗');
}
