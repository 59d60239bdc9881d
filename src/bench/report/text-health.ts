import { quantity } from '../numbers.js';
import type { BenchResult, HealthCheck } from '../result/result.js';
import { wrap } from './columns.js';
import type { ReportStyle } from './style.js';
import { table } from './table.js';
import { checkFigures, checkName } from './wording.js';

/** Each limit of the generator beside what was measured, and what to change where one was passed. */
export function healthLines({ generator }: BenchResult, style: ReportStyle): string[] {
  const { pen, columns } = style;
  const { checks, isValid, cpuUsPerDelivery } = generator;
  const past = checks.filter(({ isPast }) => isPast);
  const isKnown = checks.some(({ measured }) => measured !== null);
  return [
    `${pen.bold('Generator')} ${isValid ? (isKnown ? pen.green('healthy') : pen.dim('not measured')) : pen.red('held up')}`,
    ...table(
      [
        { heading: '', cells: checks.map((check) => mark(check, style)), align: 'left' },
        { heading: '', cells: checks.map(checkName), align: 'left' },
        { heading: '', cells: checks.map((check) => colour(check, style)(checkFigures(check).measured)), align: 'right' },
        { heading: '', cells: checks.map((check) => pen.dim(`limit ${checkFigures(check).bound}`)), align: 'left', dispensable: 1 },
      ],
      columns,
      pen.dim,
    ),
    ...(cpuUsPerDelivery === null ? [] : [`     CPU a delivery: ${quantity(cpuUsPerDelivery, 'µs')}`]),
    ...past.flatMap((check) => wrap(`${checkName(check)}: ${check.advice}`, columns - 2, 2).map((line) => `  ${pen.yellow(line)}`)),
  ];
}

function mark({ measured, isPast }: HealthCheck, { pen }: ReportStyle): string {
  if (measured === null) return pen.dim('–');
  return isPast ? pen.red('✗') : pen.green('✓');
}

function colour({ measured, isPast }: HealthCheck, { pen }: ReportStyle): (text: string) => string {
  if (measured === null) return pen.dim;
  return isPast ? pen.red : (text) => text;
}
