import type { Metric } from './metrics.js';
import { RuleError } from './rule-error.js';

/** What each unit is in the unit of the metric. */
const UNITS: Readonly<Record<Metric['unit'], Readonly<Record<string, number>>>> = {
  ms: { us: 0.001, µs: 0.001, μs: 0.001, ms: 1, s: 1000 },
  '/s': { '': 1, '/s': 1 },
  B: { '': 1, B: 1, KB: 1024, MB: 1024 ** 2 },
  '': { '': 1 },
};

const EXPECTED: Readonly<Record<Metric['unit'], string>> = {
  ms: 'a time with its unit (us, ms or s), such as 50ms',
  '/s': 'a rate, such as 1000/s',
  B: 'a size in B, KB or MB, such as 20KB',
  '': 'a count, such as 0',
};

const FORM = /^(\d+(?:\.\d+)?)\s*(\S*)$/;

/**
 * Reads what a metric is compared with.
 * @returns the amount in the metric's unit, or in percent where it is a share.
 * @throws RuleError when it is no number, or has another unit than the metric.
 */
export function readQuantity(text: string, metric: Metric): { readonly amount: number; readonly isShare: boolean } {
  const [, number, unit = ''] = FORM.exec(text) ?? [];
  if (number !== undefined && unit === '%' && metric.base) return { amount: Number(number), isShare: true };
  const factor = Object.hasOwn(UNITS[metric.unit], unit) ? UNITS[metric.unit][unit] : undefined;
  if (number === undefined || factor === undefined) throw new RuleError(complaint(text, metric));
  return { amount: Number(number) * factor, isShare: false };
}

function complaint(text: string, { name, unit, base }: Metric): string {
  const expected = `${EXPECTED[unit]}${base ? ', or a share, such as 0.1%' : ''}`;
  const found = text === '' ? 'there is no value' : `found "${text}"`;
  return `${found}, but ${name} is compared with ${expected}`;
}
