import { describe, expect, it } from 'vitest';
import type { Spread } from '../../../src/bench/load/load.js';
import { channelChooser, weightsOf } from '../../../src/bench/plan/popularity.js';
import { randomOf } from '../../../src/bench/plan/random.js';

const SPREADS: readonly [string, Spread, readonly number[]][] = [
  ['uniform', { kind: 'uniform' }, [1, 1, 1, 1]],
  ['zipf', { kind: 'zipf', exponent: 1 }, [1, 1 / 2, 1 / 3, 1 / 4]],
  ['steep zipf', { kind: 'zipf', exponent: 2 }, [1, 1 / 4, 1 / 9, 1 / 16]],
  ['flat zipf', { kind: 'zipf', exponent: 0 }, [1, 1, 1, 1]],
];

describe('the weight of a channel', () => {
  it.each(SPREADS)('is that of its rank: %s', (_, spread, weights) => {
    expect(Array.from(weightsOf(spread, 4))).toEqual(weights);
  });
});

describe('choosing channels', () => {
  it.each(SPREADS)('chooses each as often as its weight says: %s', (_, spread, weights) => {
    const draws = 100_000;
    const choose = channelChooser(spread, 4, randomOf(1, 'test'));
    const times = [0, 0, 0, 0];
    for (let draw = 0; draw < draws; draw++) {
      const channel = choose();
      times[channel] = (times[channel] as number) + 1;
    }
    const all = weights.reduce((sum, weight) => sum + weight, 0);
    times.forEach((count, channel) => {
      const expected = (draws * (weights[channel] as number)) / all;
      // Four standard deviations; the stream is always the same.
      expect(Math.abs(count - expected)).toBeLessThan(4 * Math.sqrt(expected));
    });
  });

  it.each(SPREADS)('always chooses the only one there is: %s', (_, spread) => {
    const choose = channelChooser(spread, 1, randomOf(1, 'test'));
    expect(Array.from({ length: 100 }, choose)).toEqual(new Array(100).fill(0));
  });
});
