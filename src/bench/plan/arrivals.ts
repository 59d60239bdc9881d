import type { Arrivals } from '../load/load.js';
import { type Random, randomOf } from './random.js';
import { type LoadPhases, momentOf, type RateStretch, rateStretches, thousandthsIn } from './rate-stretches.js';
import { sharedFloat64 } from './shared-arrays.js';

/** When each notification is to be sent: pure, so that no delay of one ever moves another. */
export interface Schedule {
  /** Ascending, in ms from the start of the load, before `endMs`; all threads see it. */
  readonly plannedMs: Float64Array;
  /** The first so many are planned before the hold. */
  readonly warmUp: number;
  /** Start of the hold, in ms from the start of the load. */
  readonly holdStartMs: number;
  /** End of the hold, in ms from the start of the load. */
  readonly endMs: number;
}

type PlannedArrivals = Exclude<Arrivals, { kind: 'max' }>;

/** Random moments lie on this grid of about a nanosecond, so that adding the start of the hold does not round them. */
const GRID_PER_MS = 2 ** 20;

/** Plans warm-up and hold; the same arrivals, phases and seed give the same schedule. Only `poisson` uses the seed. */
export function planArrivals(arrivals: PlannedArrivals, phases: LoadPhases, seed: number): Schedule {
  const holdStartMs = phases.warmUpMs;
  const endMs = phases.warmUpMs + phases.holdMs;
  const moments = arrivals.kind === 'poisson' ? poissonMoments(arrivals.rate, phases, seed) : evenMoments(rateStretches(arrivals, phases));
  const planned: number[] = [];
  let warmUp = 0;
  for (const moment of moments) {
    // The rounding of a moment may carry it over the end, where nothing is planned any more.
    if (moment >= endMs) break;
    if (moment < holdStartMs) warmUp++;
    planned.push(moment);
  }
  return { plannedMs: sharedFloat64(planned), warmUp, holdStartMs, endMs };
}

/**
 * How many notifications warm-up and hold have, without planning them: for `poisson` a number that is exceeded once in
 * some million runs (mean and five standard deviations), else at most one too many.
 */
export function countArrivals(arrivals: PlannedArrivals, phases: LoadPhases): number {
  const mean = rateStretches(arrivals, phases).reduce((sum, stretch) => sum + thousandthsIn(stretch), 0) / 1000;
  return Math.ceil(arrivals.kind === 'poisson' ? mean + 5 * Math.sqrt(mean) : mean);
}

/** Notification i when the integral of the rate from the start of the load comes to i. */
function* evenMoments(stretches: readonly RateStretch[]): Generator<number> {
  let index = 0;
  let thousandthsBefore = 0;
  let latest = 0;
  for (const stretch of stretches) {
    const thousandthsAfter = thousandthsBefore + thousandthsIn(stretch);
    for (; index * 1000 < thousandthsAfter; index++) {
      latest = Math.max(latest, momentOf(stretch, index * 1000 - thousandthsBefore));
      yield latest;
    }
    thousandthsBefore = thousandthsAfter;
  }
}

/** Exponential gaps; the hold draws from a stream of its own, so that its plan is the same whatever the warm-up. */
function* poissonMoments(rate: number, { warmUpMs, holdMs }: LoadPhases, seed: number): Generator<number> {
  const meanGapMs = 1000 / rate;
  yield* momentsWithin(warmUpMs, meanGapMs, randomOf(seed, 'arrivals of the warm-up'));
  for (const moment of momentsWithin(holdMs, meanGapMs, randomOf(seed, 'arrivals of the hold'))) yield warmUpMs + moment;
}

function* momentsWithin(lengthMs: number, meanGapMs: number, random: Random): Generator<number> {
  const gap = () => -Math.log(1 - random()) * meanGapMs;
  for (let elapsed = gap(); elapsed < lengthMs; elapsed += gap()) yield Math.floor(elapsed * GRID_PER_MS) / GRID_PER_MS;
}
