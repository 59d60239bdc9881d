import type { Arrivals, Load } from '../load/load.js';

export type LoadPhases = Pick<Load['phases'], 'warmUpMs' | 'holdMs'>;

/** A time in which the rate, in notifications a second, changes linearly, or not at all. */
export interface RateStretch {
  readonly startMs: number;
  readonly endMs: number;
  readonly from: number;
  readonly to: number;
}

/** The rates of warm-up and hold, without a gap; the warm-up has the first rate. */
export function rateStretches(arrivals: Exclude<Arrivals, { kind: 'max' }>, { warmUpMs, holdMs }: LoadPhases): RateStretch[] {
  const endMs = warmUpMs + holdMs;
  switch (arrivals.kind) {
    case 'constant':
    case 'poisson':
      // One stretch, so that the moments of the hold are counted from the start of the load as well.
      return [{ startMs: 0, endMs, from: arrivals.rate, to: arrivals.rate }];
    case 'ramp':
      return [
        { startMs: 0, endMs: warmUpMs, from: arrivals.from, to: arrivals.from },
        { startMs: warmUpMs, endMs, from: arrivals.from, to: arrivals.to },
      ];
    case 'steps': {
      const { rates } = arrivals;
      const boundary = (step: number) => warmUpMs + (holdMs * step) / rates.length;
      return rates.map((rate, step) => ({
        startMs: step === 0 ? 0 : boundary(step),
        endMs: boundary(step + 1),
        from: rate,
        to: rate,
      }));
    }
  }
}

/** Thousandths of notifications in a stretch: with whole rates and milliseconds a whole number, not a rounded one. */
export function thousandthsIn({ startMs, endMs, from, to }: RateStretch): number {
  return ((from + to) / 2) * (endMs - startMs);
}

/**
 * When so many thousandths of notifications of a stretch are over, in ms from the start of the load: the exact inversion of
 * the integral of the rate, in the form that does not lose digits where the rate hardly changes.
 */
export function momentOf({ startMs, endMs, from, to }: RateStretch, thousandths: number): number {
  if (thousandths === 0) return startMs;
  const perMs = (to - from) / (endMs - startMs);
  const rateThen = Math.sqrt(Math.max(0, from * from + 2 * perMs * thousandths));
  return startMs + (2 * thousandths) / (from + rateThen);
}
