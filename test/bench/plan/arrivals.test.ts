import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Arrivals } from '../../../src/bench/load/load.js';
import { countArrivals, planArrivals } from '../../../src/bench/plan/arrivals.js';

type Planned = Exclude<Arrivals, { kind: 'max' }>;

const anyRate = fc.oneof(fc.integer({ min: 1, max: 2000 }), fc.double({ min: 0.01, max: 2000, noNaN: true }));
const anyArrivals: fc.Arbitrary<Planned> = fc.oneof(
  fc.record({ kind: fc.constantFrom('constant' as const, 'poisson' as const), rate: anyRate }),
  fc.record({ kind: fc.constant('ramp' as const), from: fc.oneof(fc.constant(0), anyRate), to: anyRate }),
  fc.record({ kind: fc.constant('steps' as const), rates: fc.array(anyRate, { minLength: 1, maxLength: 5 }) }),
);
const anyPhases = fc.record({ warmUpMs: fc.nat(2000), holdMs: fc.integer({ min: 1, max: 3000 }) });

/** Moments of the hold, from its start. */
function holdOf(arrivals: Planned, phases: { warmUpMs: number; holdMs: number }, seed = 1): number[] {
  const { plannedMs, warmUp, holdStartMs } = planArrivals(arrivals, phases, seed);
  return Array.from(plannedMs.subarray(warmUp), (planned) => planned - holdStartMs);
}

describe('any arrivals', () => {
  it('are planned in order, before the end, and parted by the start of the hold', () => {
    fc.assert(
      fc.property(anyArrivals, anyPhases, fc.nat(), (arrivals, phases, seed) => {
        const { plannedMs, warmUp, holdStartMs, endMs } = planArrivals(arrivals, phases, seed);
        expect([holdStartMs, endMs]).toEqual([phases.warmUpMs, phases.warmUpMs + phases.holdMs]);
        expect(plannedMs.every((planned, index) => planned >= (plannedMs[index - 1] ?? 0) && planned < endMs)).toBe(true);
        expect(plannedMs.findIndex((planned) => planned >= holdStartMs)).toBe(warmUp === plannedMs.length ? -1 : warmUp);
        expect(plannedMs.buffer).toBeInstanceOf(SharedArrayBuffer);
      }),
    );
  });

  it('are the same for the same seed', () => {
    fc.assert(
      fc.property(anyArrivals, anyPhases, fc.nat(), (arrivals, phases, seed) => {
        expect(planArrivals(arrivals, phases, seed)).toEqual(planArrivals(arrivals, phases, seed));
      }),
    );
  });

  it('are as many as were counted before, or one fewer where rounding carries the last one over the end', () => {
    fc.assert(
      fc.property(anyArrivals, anyPhases, (arrivals, phases) => {
        fc.pre(arrivals.kind !== 'poisson');
        const planned = planArrivals(arrivals, phases, 1).plannedMs.length;
        const counted = countArrivals(arrivals, phases);
        expect([counted - 1, counted]).toContain(planned);
      }),
    );
  });

  it.each<[string, Planned, { warmUpMs: number; holdMs: number }, number]>([
    ['a ramp', { kind: 'ramp', from: 7.4, to: 19.8 }, { warmUpMs: 1200, holdMs: 1700 }, 32],
    ['steps', { kind: 'steps', rates: [2.5, 6.5, 12] }, { warmUpMs: 1600, holdMs: 4000 }, 32],
  ])('leave out the one that only rounding would plan, at the very end: %s', (_, arrivals, phases, count) => {
    expect(planArrivals(arrivals, phases, 1).plannedMs.length).toBe(count);
  });

  it('come in the hold as often as the rates say', () => {
    fc.assert(
      fc.property(anyArrivals, anyPhases, (arrivals, phases) => {
        fc.pre(arrivals.kind !== 'poisson');
        const rates = ratesOf(arrivals);
        const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
        expect(Math.abs(holdOf(arrivals, phases).length - (mean * phases.holdMs) / 1000)).toBeLessThan(1.001);
      }),
    );
  });
});

describe('a constant rate', () => {
  it.each([
    [3, { warmUpMs: 0, holdMs: 1001 }, 0, [0, 1000 / 3, 2000 / 3, 1000]],
    [10, { warmUpMs: 200, holdMs: 300 }, 2, [0, 100, 200, 300, 400]],
    [3, { warmUpMs: 500, holdMs: 500 }, 2, [0, 1000 / 3, 2000 / 3]],
    [1, { warmUpMs: 0, holdMs: 1 }, 0, [0]],
    [0.1, { warmUpMs: 0, holdMs: 30_000 }, 0, [0, 10_000, 20_000]],
  ])('of %d a second is counted from the start', (rate, phases, warmUp, planned) => {
    const schedule = planArrivals({ kind: 'constant', rate }, phases, 1);
    expect(Array.from(schedule.plannedMs)).toEqual(planned);
    expect(schedule.warmUp).toBe(warmUp);
  });

  it('plans notification i at i / rate exactly, however late', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), anyPhases, (rate, phases) => {
        const { plannedMs } = planArrivals({ kind: 'constant', rate }, phases, 1);
        expect(Array.from(plannedMs)).toEqual(Array.from(plannedMs, (_, index) => (index * 1000) / rate));
        expect(plannedMs.length).toBe(Math.ceil((rate * (phases.warmUpMs + phases.holdMs)) / 1000));
      }),
    );
    expect(planArrivals({ kind: 'constant', rate: 30_000 }, { warmUpMs: 0, holdMs: 30_001 }, 1).plannedMs[900_000]).toBe(30_000);
  });
});

describe('a ramp', () => {
  it('plans each notification where the integral of the rate comes to its number', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2000 }),
        fc.integer({ min: 0, max: 2000 }),
        fc.integer({ min: 1, max: 5000 }),
        (from, to, holdMs) => {
          const integral = (ms: number) => (from * ms + ((to - from) * ms * ms) / (2 * holdMs)) / 1000;
          holdOf({ kind: 'ramp', from, to }, { warmUpMs: 0, holdMs }).forEach((ms, index) => {
            expect(Math.abs(integral(ms) - index)).toBeLessThan(1e-6);
          });
        },
      ),
    );
  });

  it.each([
    ['from nothing', { from: 0, to: 10 }, { warmUpMs: 1000, holdMs: 2000 }, 0, 10],
    ['down to nothing', { from: 10, to: 0 }, { warmUpMs: 1000, holdMs: 2000 }, 10, 10],
    ['that stays', { from: 10, to: 10 }, { warmUpMs: 1000, holdMs: 2000 }, 10, 20],
    ['without a warm-up', { from: 10, to: 30 }, { warmUpMs: 0, holdMs: 1000 }, 0, 20],
  ])('%s warms up with the first rate and has the mean in the hold', (_, rates, phases, warmUp, hold) => {
    const schedule = planArrivals({ kind: 'ramp', ...rates }, phases, 1);
    expect([schedule.warmUp, schedule.plannedMs.length - schedule.warmUp]).toEqual([warmUp, hold]);
  });

  it('from nothing has a quarter of its notifications in the first half', () => {
    const hold = holdOf({ kind: 'ramp', from: 0, to: 1000 }, { warmUpMs: 0, holdMs: 4000 });
    expect(hold.filter((ms) => ms < 2000).length).toBe(500);
    expect(hold.length).toBe(2000);
  });
});

describe('steps', () => {
  it('divide the hold into equal parts, each with its rate, and warm up with the first', () => {
    const schedule = planArrivals({ kind: 'steps', rates: [10, 100, 0, 20] }, { warmUpMs: 500, holdMs: 4000 }, 1);
    const parts = [0, 0, 0, 0];
    for (const planned of schedule.plannedMs.subarray(schedule.warmUp)) {
      const part = Math.floor((planned - 500) / 1000);
      parts[part] = (parts[part] ?? 0) + 1;
    }
    expect(schedule.warmUp).toBe(5);
    expect(parts).toEqual([10, 100, 0, 20]);
  });
});

describe('Poisson arrivals', () => {
  const arrivals = { kind: 'poisson', rate: 1000 } as const;

  it('differ from seed to seed', () => {
    const phases = { warmUpMs: 0, holdMs: 1000 };
    expect(holdOf(arrivals, phases, 1)).not.toEqual(holdOf(arrivals, phases, 2));
  });

  it('have the same plan in the hold whatever the warm-up, and the same warm-up whatever the hold', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(5000), fc.integer({ min: 1, max: 2000 }), (seed, warmUpMs, holdMs) => {
        expect(holdOf(arrivals, { warmUpMs, holdMs }, seed)).toEqual(holdOf(arrivals, { warmUpMs: 0, holdMs }, seed));
        const short = planArrivals(arrivals, { warmUpMs, holdMs }, seed);
        const long = planArrivals(arrivals, { warmUpMs, holdMs: 2 * holdMs }, seed);
        expect(short.plannedMs.subarray(0, short.warmUp)).toEqual(long.plannedMs.subarray(0, long.warmUp));
      }),
    );
  });

  it('have another plan in the warm-up than in the hold', () => {
    const { plannedMs, warmUp } = planArrivals(arrivals, { warmUpMs: 1000, holdMs: 1000 }, 1);
    const hold = Array.from(plannedMs.subarray(warmUp), (planned) => planned - 1000);
    expect(Array.from(plannedMs.subarray(0, 100))).not.toEqual(hold.slice(0, 100));
  });

  it('have exponential gaps', () => {
    const hold = holdOf(arrivals, { warmUpMs: 0, holdMs: 100_000 });
    const gaps = hold.map((ms, index) => ms - (hold[index - 1] ?? 0));
    // Kolmogorov and Smirnov: a greater distance once in a thousand plans, and this plan is always the same.
    const distance = gaps
      .sort((a, b) => a - b)
      .reduce((most, gap, index) => Math.max(most, Math.abs(1 - Math.exp(-gap) - index / gaps.length)), 0);
    expect(distance).toBeLessThan(1.95 / Math.sqrt(gaps.length));
  });

  it('vary in number as they must: the variance of the counts of equal times is their mean', () => {
    const counts = new Array<number>(1000).fill(0);
    for (const ms of holdOf(arrivals, { warmUpMs: 0, holdMs: 20_000 }))
      counts[Math.floor(ms / 20)] = (counts[Math.floor(ms / 20)] ?? 0) + 1;
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length;
    expect(mean).toBeCloseTo(20, 0);
    expect(variance / mean).toBeGreaterThan(0.85);
    expect(variance / mean).toBeLessThan(1.15);
  });

  it('are counted with five standard deviations to spare', () => {
    expect(countArrivals(arrivals, { warmUpMs: 1000, holdMs: 9000 })).toBe(10_500);
  });
});

function ratesOf(arrivals: Planned): readonly number[] {
  if (arrivals.kind === 'steps') return arrivals.rates;
  return arrivals.kind === 'ramp' ? [arrivals.from, arrivals.to] : [arrivals.rate];
}
