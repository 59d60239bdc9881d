import { expect, it } from 'vitest';
import { trialOf } from '../../../src/bench/gate/trial.js';
import { ABORTED, FAILED, INVALID, PASSED, REGRESSED } from '../report/fixture.js';

it.each([
  [PASSED, 'held'],
  [FAILED, 'missed'],
  [REGRESSED, 'missed'],
  [INVALID, 'invalid'],
  [ABORTED, 'invalid'],
] as const)('a run that $verdict is a trial that is told as %s', (result, outcome) => {
  expect(trialOf(500, result)).toEqual({
    rate: 500,
    outcome,
    because: result.because[0] ?? null,
    p50Ms: result.latencyMs.p50,
    p99Ms: result.latencyMs.p99,
    lost: result.deliveries.lost,
  });
});
