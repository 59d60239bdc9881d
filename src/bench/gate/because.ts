import { LATE_MS } from '../load/load.js';
import { integer, percent, quantity } from '../numbers.js';
import type { Measurement } from '../result/measurement.js';
import type { HealthCheck, RegressionOutcome, ThresholdOutcome } from '../result/result.js';
import { parseRegressRule } from './regression.js';
import { describeMiss } from './threshold.js';

/** What each limit says of the generator when it is past. */
const PAST: Readonly<Record<HealthCheck['limit'], (measured: number) => string>> = {
  lateShare: (share) => `${percent(share)} of the notifications left more than ${LATE_MS} ms after their moment`,
  loopDelayMs: (ms) => `an event loop of the generator stood still for ${quantity(ms, 'ms')}`,
  busyShare: (share) => `a receiving thread of the generator was busy for ${percent(share)} of the hold`,
  cpuShare: (share) => `the generator used ${percent(share)} of all cores`,
  gcPauseMs: (ms) => `the generator paused for ${quantity(ms, 'ms')} to collect garbage`,
  backlogMs: (ms) => `the generator read ${quantity(ms, 'ms')} behind what it was sent`,
};

/** Says how far a run came that was stopped. */
export function describeAbort({ notifications: { sent, planned }, settings }: Measurement): string {
  const all = settings.load.arrivals.kind === 'max' ? '' : ` of ${integer(planned)}`;
  return `interrupted after ${integer(sent)}${all} notifications`;
}

/** Says which limits the generator was past, by how much, and what to change. */
export function describeHealth(checks: readonly HealthCheck[]): string[] {
  return checks.flatMap(({ limit, measured, bound, isPast, advice }) => {
    if (!isPast || measured === null) return [];
    const allowed = limit.endsWith('Share') ? percent(bound) : quantity(bound, 'ms');
    return [`${PAST[limit](measured)} (limit ${allowed}): ${advice}`];
  });
}

/** Says what was missed; all that has no data in one sentence. */
export function describeMisses(outcomes: readonly ThresholdOutcome[]): string[] {
  const missed = outcomes.filter(({ isPassed }) => !isPassed);
  const unknown = missed.filter(({ measured }) => measured === null).map(({ threshold }) => threshold);
  const sentences = missed.filter(({ measured }) => measured !== null).map(describeMiss);
  return unknown.length === 0 ? sentences : [...sentences, `there is no data for ${unknown.join(', ')}: what has no data does not pass`];
}

/** Says what has become worse, and whether it may be by chance. */
export function describeRegression({ rule, before, now, unit, changePercent, margin }: RegressionOutcome): string {
  if (before === null || now === null) return `${rule}: there is no data ${now === null ? 'now' : 'in the baseline'}`;
  const change = changePercent === null ? '' : ` (${changeOf(changePercent)})`;
  const chance = margin === null ? doubt(rule) : `, and chance explains only ${quantity(margin, unit)}`;
  return `${rule}: it is ${quantity(now, unit)}, and was ${quantity(before, unit)} in the baseline${change}${chance}`;
}

/** `+33.1 %`, `−5 %`, `< +0.01 %`. */
function changeOf(changePercent: number): string {
  return percent(Math.abs(changePercent) / 100).replace(/(?=\d)/, changePercent > 0 ? '+' : '−');
}

/** Of a metric that has a margin, but not in runs as short as these. */
function doubt(rule: string): string {
  return parseRegressRule(rule).metric.hasMargin ? ', which may be chance: a longer run has a margin to tell' : '';
}
