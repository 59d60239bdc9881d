import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOSTILE_KINDS, type Load } from '../../../src/bench/load/load.js';
import { chooseBehaviours, hostileCounts } from '../../../src/bench/plan/hostile.js';

const NONE: Load['hostile'] = { slow: 0, never: 0, 'half-open': 0, reconnecting: 0 };

const share = fc.oneof(fc.constant(0), fc.double({ min: 0.0001, max: 0.22, noNaN: true }));
const anyLoad = fc.record({
  subscribers: fc.integer({ min: 20, max: 2000 }),
  hostile: fc.record({ slow: share, never: share, 'half-open': share, reconnecting: share }),
  seed: fc.nat(),
});

describe('the number of hostile subscribers', () => {
  it.each([
    ['none', {}, 100, [0, 0, 0, 0]],
    ['the share of all', { slow: 0.1, reconnecting: 0.25 }, 100, [10, 0, 0, 25]],
    ['rounded', { never: 0.126, 'half-open': 0.124 }, 100, [0, 13, 12, 0]],
    ['at least one of what is wanted', { never: 0.001 }, 10, [0, 1, 0, 0]],
  ])('is %s', (_, hostile, subscribers, counts) => {
    expect(hostileCounts({ hostile: { ...NONE, ...hostile }, subscribers })).toEqual(counts);
  });
});

describe('who is hostile', () => {
  it('is as many of each kind as was counted', () => {
    fc.assert(
      fc.property(anyLoad, (load) => {
        const behaviourOf = chooseBehaviours(load);
        expect(behaviourOf.length).toBe(load.subscribers);
        expect(HOSTILE_KINDS.map((_, kind) => behaviourOf.filter((behaviour) => behaviour === 1 + kind).length)).toEqual(
          hostileCounts(load),
        );
        expect(behaviourOf.buffer).toBeInstanceOf(SharedArrayBuffer);
      }),
    );
  });

  it('is chosen by the seed', () => {
    const load = { subscribers: 1000, hostile: { ...NONE, slow: 0.1 } };
    expect(chooseBehaviours({ ...load, seed: 1 })).toEqual(chooseBehaviours({ ...load, seed: 1 }));
    expect(chooseBehaviours({ ...load, seed: 1 })).not.toEqual(chooseBehaviours({ ...load, seed: 2 }));
  });

  it('is spread evenly, so that each half of the subscribers has half of each kind', () => {
    fc.assert(
      fc.property(anyLoad, (load) => {
        const behaviourOf = chooseBehaviours(load);
        const firstHalf = behaviourOf.subarray(0, Math.ceil(load.subscribers / 2));
        hostileCounts(load).forEach((count, kind) => {
          const found = firstHalf.filter((behaviour) => behaviour === 1 + kind).length;
          // Of each other kind one more or fewer may come before the middle, and one range has the middle in it.
          expect(Math.abs(found - count / 2)).toBeLessThanOrEqual(HOSTILE_KINDS.length);
        });
      }),
    );
  });

  it('leaves somebody honest, or is an error that says how many', () => {
    const all: Load['hostile'] = { slow: 0.1, never: 0.1, 'half-open': 0.1, reconnecting: 0.1 };
    expect(() => chooseBehaviours({ subscribers: 4, hostile: all, seed: 1 })).toThrow(
      new RangeError('expected fewer hostile subscribers than the 4 of the load; found 4'),
    );
    expect(chooseBehaviours({ subscribers: 5, hostile: all, seed: 1 }).filter((behaviour) => behaviour === 0).length).toBe(1);
    expect(chooseBehaviours({ subscribers: 0, hostile: NONE, seed: 1 }).length).toBe(0);
  });
});
