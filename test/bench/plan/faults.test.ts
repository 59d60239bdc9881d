import { describe, expect, it } from 'vitest';
import { DEFAULT_LOAD, type Load, type PlannedFault } from '../../../src/bench/load/load.js';
import { type FaultMoment, lastReturnMs, planFaults } from '../../../src/bench/plan/faults.js';

const CUT: PlannedFault = { kind: 'cut', firstMs: 2000, everyMs: 2000, share: 0.1, forMs: 500 };
const PHASES = { ...DEFAULT_LOAD.phases, warmUpMs: 1000, holdMs: 10_000 };

function plan(faults: readonly PlannedFault[], { seed = 1, hostile = [] as readonly number[] } = {}): readonly FaultMoment[] {
  const load: Pick<Load, 'faults' | 'phases' | 'seed'> = { faults, phases: PHASES, seed };
  return planFaults(
    load,
    Uint8Array.from({ length: 50 }, (_, subscriber) => (hostile.includes(subscriber) ? 1 : 0)),
  );
}

function hitBy(moment: FaultMoment | undefined): readonly number[] {
  return moment && moment.kind !== 'restart' ? moment.subscribers : [];
}

describe('planned faults', () => {
  it('begin in the hold alone, and each hits its share', () => {
    const moments = plan([CUT]);
    expect(moments.map(({ atMs }) => atMs)).toEqual([3000, 5000, 7000, 9000]);
    for (const moment of moments) expect(new Set(hitBy(moment)).size).toBe(5);
    expect(lastReturnMs(moments)).toBe(9500);
  });

  it('hit the same with the same seed, others with another, and not always the same', () => {
    expect(plan([CUT])).toEqual(plan([CUT]));
    expect(plan([CUT], { seed: 2 })).not.toEqual(plan([CUT]));
    const [first, second] = plan([CUT]);
    expect(hitBy(first)).not.toEqual(hitBy(second));
  });

  it('hit nobody who is hostile or still away, and at least one', () => {
    const hostile = Array.from({ length: 40 }, (_, subscriber) => subscriber);
    const half: PlannedFault = { ...CUT, kind: 'half-open', share: 0.5, forMs: 60_000 };
    const moments = plan([half], { hostile });
    expect(moments.map((moment) => hitBy(moment).length)).toEqual([5, 5, 0, 0]);
    expect(moments.flatMap(hitBy).toSorted((a, b) => a - b)).toEqual([40, 41, 42, 43, 44, 45, 46, 47, 48, 49]);
    expect(hitBy(plan([{ ...CUT, share: 0.0001 }])[0])).toHaveLength(1);
  });

  it('go on in the order of their times, and restart nothing that is away', () => {
    const restart: PlannedFault = { kind: 'restart', firstMs: 1000, everyMs: 4000, forMs: 1000, signal: 'SIGKILL' };
    const once: PlannedFault = { kind: 'restart', firstMs: 5500, everyMs: null, forMs: 10, signal: 'SIGTERM' };
    expect(plan([CUT, restart, once]).map(({ kind, atMs }) => `${kind} ${atMs}`)).toEqual([
      'restart 2000',
      'cut 3000',
      'cut 5000',
      'restart 6000',
      'cut 7000',
      'cut 9000',
      'restart 10000',
    ]);
  });
});
