import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS, DEFAULT_LOAD } from '../../../src/bench/load/load.js';
import { completeProfile } from '../../../src/bench/profile/complete-profile.js';

describe('a profile', () => {
  test('has the defaults where nothing is given', () => {
    expect(completeProfile([], 4)).toEqual({ load: DEFAULT_LOAD, thresholds: [], limits: DEFAULT_LIMITS, workers: 2 });
  });

  test.each([
    [1, 1],
    [2, 1],
    [3, 1],
    [6, 4],
    [64, 8],
  ])('of a machine of %i cores has %i threads that receive', (cores, workers) => {
    expect(completeProfile([], cores).workers).toBe(workers);
  });

  test('takes from the last part that gives it each member, also within a member', () => {
    const file = { subscribers: 500, connect: { rate: 50, inFlight: 5 }, phases: { hold: 100, drain: 200 }, hostile: { slow: 0.1 } };
    const flags = {
      subscribers: 600,
      connect: { inFlight: 6 },
      phases: { hold: 300 },
      hostile: { never: 0.2 },
      limits: { loopDelay: 7 },
      size: 99,
    };
    const { load, limits } = completeProfile([file, flags], 1);
    expect(load).toEqual({
      ...DEFAULT_LOAD,
      subscribers: 600,
      connect: { rate: 50, inFlight: 6 },
      phases: { ...DEFAULT_LOAD.phases, holdMs: 300, drainMs: 200 },
      hostile: { ...DEFAULT_LOAD.hostile, slow: 0.1, never: 0.2 },
      sizeBytes: 99,
    });
    expect(limits).toEqual({ ...DEFAULT_LIMITS, loopDelayMs: 7 });
  });

  test('keeps the thresholds of all parts', () => {
    expect(completeProfile([{ thresholds: ['a<1'] }, {}, { thresholds: ['b<1', 'c<1'] }], 1).thresholds).toEqual(['a<1', 'b<1', 'c<1']);
  });

  test.each([
    [{ subscribers: 3 }, 3],
    [{ subscribers: 3, subscriptions: 2 }, 6],
    [{ subscribers: 10, hostile: { never: 0.5 } }, 5],
    [{ subscriptions: 20 }, 20],
    [{ subscribers: 3, channels: 7 }, 7],
  ])('where the channels are left out has no more than have a subscriber each: %j has %i', (part, channels) => {
    expect(completeProfile([part], 1).load.channels).toBe(channels);
  });
});
