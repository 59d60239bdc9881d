import type { Trial } from '../result/find-max-result.js';
import type { BenchResult, Verdict } from '../result/result.js';

const OUTCOMES: Readonly<Record<Verdict, Trial['outcome']>> = {
  passed: 'held',
  failed: 'missed',
  regressed: 'missed',
  invalid: 'invalid',
  aborted: 'invalid',
};

/** What a run at this rate, in notifications a second, says to a search for the highest one that holds. */
export function trialOf(rate: number, { verdict, because, latencyMs, deliveries }: BenchResult): Trial {
  return {
    rate,
    outcome: OUTCOMES[verdict],
    because: because[0] ?? null,
    p50Ms: latencyMs.p50,
    p99Ms: latencyMs.p99,
    lost: deliveries.lost,
  };
}
