import { quantity } from '../numbers.js';
import type { ThresholdOutcome } from '../result/result.js';
import { type Figures, type Metric, metricNamed } from './metrics.js';
import { readQuantity } from './quantity.js';
import { partOf, RuleError } from './rule-error.js';

/** What a figure has to be. */
export interface Threshold {
  /** As it was written, without the blanks around it. */
  readonly text: string;
  readonly metric: Metric;
  readonly operator: Operator;
  /** In the metric's unit, or in percent. */
  readonly bound: number;
  /** Whether the bound is a part of what the metric has a share of. */
  readonly isShare: boolean;
}

type Operator = keyof typeof COMPARISONS;

const COMPARISONS = {
  '<=': (measured: number, bound: number) => measured <= bound,
  '>=': (measured: number, bound: number) => measured >= bound,
  '==': (measured: number, bound: number) => measured === bound,
  '!=': (measured: number, bound: number) => measured !== bound,
  '<': (measured: number, bound: number) => measured < bound,
  '>': (measured: number, bound: number) => measured > bound,
} as const;

const EXAMPLE = '"latency.p99<50ms" or "lost==0"';

const FORM = /^([^\s<>=!]+)\s*([<>=!]+)\s*(.*)$/;

/** These have to be 0 unless a threshold says otherwise of the same metric. */
const FAULTS: readonly string[] = [
  'lost',
  'duplicated',
  'misdelivered',
  'reordered',
  'corrupt',
  'refused',
  'unknown',
  'unanswered',
  'disconnected',
  'failed',
];

/** And these, where the load has faults. */
const FAULTS_OF_RECOVERY: readonly string[] = ['unrecovered', 'repeated'];

/**
 * Reads a threshold: a metric, one of `<`, `<=`, `>`, `>=`, `==`, `!=`, and a value with its unit.
 * @throws RuleError that names what is wrong with it.
 */
export function parseThreshold(given: string): Threshold {
  const text = given.trim();
  const [, name, operator, value] = FORM.exec(text) ?? [];
  if (name === undefined || operator === undefined || value === undefined) {
    throw new RuleError(`"${text}" is no threshold: write a metric, a comparison and a value, such as ${EXAMPLE}`);
  }
  if (!isOperator(operator)) {
    throw new RuleError(`"${text}" compares with "${operator}": expected <, <=, >, >=, == or !=, as in ${EXAMPLE}`);
  }
  const metric = partOf(text, () => metricNamed(name));
  const { amount, isShare } = partOf(text, () => readQuantity(value, metric));
  return { text, metric, operator, bound: amount, isShare };
}

/** Sets each threshold beside what was measured, and behind them those that always have to hold. */
export function judgeThresholds(figures: Figures, thresholds: readonly Threshold[]): ThresholdOutcome[] {
  const named = new Set(thresholds.map(({ metric }) => metric.name));
  const always = figures.recovery === undefined ? FAULTS : [...FAULTS, ...FAULTS_OF_RECOVERY];
  const implied = always.filter((name) => !named.has(name)).map((name) => parseThreshold(`${name}==0`));
  return [
    ...thresholds.map((threshold) => outcomeOf(threshold, figures, false)),
    ...implied.map((threshold) => outcomeOf(threshold, figures, true)),
  ];
}

/** A threshold that was missed, as a sentence: `latency.p99 is 61.2 ms, expected < 50 ms`. */
export function describeMiss({ threshold, measured, unit }: ThresholdOutcome): string {
  const [, name, operator, value = ''] = FORM.exec(threshold) ?? [];
  const bound = value.replace(/(\d)([a-zµμ%])/i, '$1 $2');
  const expected = operator === '==' ? bound : `${operator} ${bound}`;
  return `${name} is ${quantity(measured, unit)}, expected ${expected}`;
}

function outcomeOf({ text, metric, operator, bound, isShare }: Threshold, figures: Figures, isImplied: boolean): ThresholdOutcome {
  const measured = isShare ? shareOf(metric, figures) : metric.read(figures);
  const isPassed = measured !== null && COMPARISONS[operator](measured, bound);
  return { threshold: text, isImplied, measured, unit: isShare ? '%' : metric.unit, isPassed };
}

function shareOf({ read, base }: Metric, figures: Figures): number | null {
  const measured = read(figures);
  const whole = base?.(figures) ?? 0;
  return measured === null || whole === 0 ? null : (100 * measured) / whole;
}

function isOperator(text: string): text is Operator {
  return Object.hasOwn(COMPARISONS, text);
}
