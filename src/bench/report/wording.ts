import { percent, quantity } from '../numbers.js';
import type { BenchResult, Counts, HealthCheck, RegressionOutcome, Verdict } from '../result/result.js';

/** What is wrong with a delivery, the worst first. */
export const FAULTS = ['lost', 'misdelivered', 'corrupt', 'duplicated', 'reordered'] as const satisfies readonly (keyof Counts)[];

const VERDICT_TEXT: Readonly<Record<Verdict, string>> = {
  passed: 'passed',
  failed: 'failed',
  regressed: 'regressed',
  invalid: 'invalid: the generator was held up, so the figures say nothing of the broker',
  aborted: 'interrupted: the figures are of what was sent until then',
};

/** What the verdict means. */
export function describeVerdict({ verdict, generator }: Pick<BenchResult, 'verdict' | 'generator'>): string {
  return verdict === 'invalid' && generator.isValid ? 'invalid: it is of other settings than its baseline' : VERDICT_TEXT[verdict];
}

const CHECK_NAMES: Readonly<Record<HealthCheck['limit'], string>> = {
  lateShare: 'sent late',
  loopDelayMs: 'event loop delay',
  busyShare: 'busiest thread',
  cpuShare: 'CPU of the machine',
  gcPauseMs: 'garbage collection',
  backlogMs: 'unread in the kernel',
};

/** What a check of the generator looks at. */
export function checkName({ limit }: HealthCheck): string {
  return CHECK_NAMES[limit];
}

/** What a check measured and may at most: a share as per cent, a time in ms; `unknown` where the system does not tell. */
export function checkFigures({ limit, measured, bound }: HealthCheck): { readonly measured: string; readonly bound: string } {
  const text = (value: number) => (limit.endsWith('Share') ? percent(value) : quantity(value, 'ms'));
  return { measured: measured === null ? 'unknown' : text(measured), bound: text(bound) };
}

/** `950 lost, 10 misdelivered`; empty when nothing went wrong. */
export function faultsText(counts: Counts): string {
  return FAULTS.filter((fault) => counts[fault] > 0)
    .map((fault) => `${quantity(counts[fault], '')} ${fault}`)
    .join(', ');
}

/** The sign of a change is kept: `+33.1 %`, `−0.5 %`. Of 0 there are no percentages. */
export function changeText({ before, now, changePercent }: RegressionOutcome): string {
  if (before === null || now === null) return 'no data';
  if (changePercent === null && now !== before) return 'from 0';
  const rounded = Math.round((changePercent ?? 0) * 10) / 10;
  const size = quantity(Math.abs(rounded), '%');
  if (rounded === 0) return size;
  return rounded < 0 ? `−${size}` : `+${size}`;
}
