import type { BenchResult, Regression, RegressionOutcome } from '../result/result.js';
import { type Figures, type Metric, metricNamed } from './metrics.js';
import { partOf, RuleError } from './rule-error.js';

/** How much worse a metric may be than in the baseline. */
export interface RegressRule {
  /** As it was written, without the blanks around it. */
  readonly text: string;
  readonly metric: Metric;
  /** Which way is worse. */
  readonly worse: 'higher' | 'lower';
  /** Above 0: a change beyond it is a regression. */
  readonly percent: number;
}

const EXAMPLE = '"latency.p99>+10%" or "throughput<-5%"';

const FORM = /^([^\s<>=!]+)\s*(>\s*\+|<\s*[-−])\s*(\d+(?:\.\d+)?)\s*%$/;

/**
 * Reads a rule: `latency.p99>+10%` is broken by what is more than 10 % higher, `throughput<-5%` by what is more than 5 % lower.
 * @throws RuleError that names what is wrong with it.
 */
export function parseRegressRule(given: string): RegressRule {
  const text = given.trim();
  const [, name, sign, percent] = FORM.exec(text) ?? [];
  if (name === undefined || sign === undefined) {
    throw new RuleError(`"${text}" is no rule for regressions: write a metric, >+ or <-, and a percentage, such as ${EXAMPLE}`);
  }
  const metric = partOf(text, () => metricNamed(name));
  return { text, metric, worse: sign.startsWith('>') ? 'higher' : 'lower', percent: Number(percent) };
}

/**
 * Compares a run with an earlier one of the same settings. A regression is what exceeds both the percentage and what the two
 * may differ by chance; where one of them has no data, nothing can speak against it.
 */
export function compareRuns(figures: Figures, baseline: BenchResult, rules: readonly RegressRule[]): Regression {
  const { startedAt, version, latencyMs } = baseline;
  return { baseline: { startedAt, version, latencyMs }, rules: rules.map((rule) => outcomeOf(rule, baseline, figures)) };
}

function outcomeOf({ text, metric, worse, percent }: RegressRule, baseline: Figures, figures: Figures): RegressionOutcome {
  const before = metric.read(baseline);
  const now = metric.read(figures);
  const margin = joined(metric.margin(baseline), metric.margin(figures));
  const compared = { rule: text, before, now, unit: metric.unit, margin };
  if (before === null || now === null) return { ...compared, changePercent: null, isRegression: true };
  const worsening = worse === 'higher' ? now - before : before - now;
  const changePercent = before === 0 ? null : (100 * (now - before)) / before;
  // Of 0, everything that is more is more than any percentage.
  const isBeyond = worsening > (before * percent) / 100;
  return { ...compared, changePercent, isRegression: isBeyond && worsening > (margin ?? 0) };
}

/** The margin of a difference: the root of the sum of both squares; one that is not known counts as 0. */
function joined(before: number | null, now: number | null): number | null {
  return before === null && now === null ? null : Math.hypot(before ?? 0, now ?? 0);
}
