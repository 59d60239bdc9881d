import { describe, expect, it, vi } from 'vitest';
import { Phases } from '../../../src/bench/run/phases.js';

const clock = vi.hoisted(() => ({ now: 1_000_000 }));

vi.mock('../../../src/bench/traffic/clock.js', () => ({ monotonicMs: () => clock.now }));

function pass(ms: number): void {
  clock.now += ms;
}

describe('the phases of a run', () => {
  it('are as long as they were, and the warm-up ends by itself when the hold begins', () => {
    let holdAt = Number.POSITIVE_INFINITY;
    const phases = new Phases(() => holdAt);
    pass(300);
    phases.enter('warm-up');
    holdAt = clock.now + 1000;
    pass(999);
    expect(phases.current).toBe('warm-up');
    pass(501);
    expect(phases.current).toBe('hold');
    expect(phases.elapsedMs).toBeCloseTo(500);
    pass(1500);
    phases.enter('drain');
    pass(20);
    phases.end();
    expect(Object.values(phases.lengthsMs).map(Math.round)).toEqual([300, 1000, 2000, 20]);
  });

  it('have a warm-up as long as it is, when nobody looks before the hold is over', () => {
    let holdAt = Number.POSITIVE_INFINITY;
    const phases = new Phases(() => holdAt);
    phases.enter('warm-up');
    holdAt = clock.now + 100;
    pass(5000);
    phases.enter('drain');
    expect(Object.values(phases.lengthsMs).map(Math.round)).toEqual([0, 100, 4900, 0]);
  });
});
