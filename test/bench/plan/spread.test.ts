import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Spread } from '../../../src/bench/load/load.js';
import { weightsOf } from '../../../src/bench/plan/popularity.js';
import { randomOf } from '../../../src/bench/plan/random.js';
import { type Choice, chooseChannels } from '../../../src/bench/plan/spread.js';

const anyZipf = fc.record({ kind: fc.constant('zipf' as const), exponent: fc.double({ min: 0, max: 3, noNaN: true }) });
const uniform = fc.constant<Spread>({ kind: 'uniform' });

function anyChoice(spread: fc.Arbitrary<Spread>): fc.Arbitrary<Choice> {
  return fc
    .record({ spread, channels: fc.integer({ min: 1, max: 40 }), honest: fc.integer({ min: 1, max: 120 }), hostile: fc.nat(20) })
    .chain((given) => fc.integer({ min: 1, max: given.channels }).map((subscriptions) => ({ ...given, subscriptions })));
}

function choose(choice: Choice, seed = 1): Uint32Array {
  return chooseChannels(choice, randomOf(seed, 'test'));
}

/** How many of the honest subscribers choose each channel. */
function sizesOf(choice: Choice, chosen = choose(choice)): number[] {
  const sizes = new Array<number>(choice.channels).fill(0);
  for (const channel of chosen.subarray(0, choice.honest * choice.subscriptions)) sizes[channel] = (sizes[channel] as number) + 1;
  return sizes;
}

describe('any spread', () => {
  it('gives each subscriber as many different channels as it has subscriptions', () => {
    fc.assert(
      fc.property(anyChoice(fc.oneof(uniform, anyZipf)), (choice) => {
        const { channels, subscriptions, honest, hostile } = choice;
        const chosen = choose(choice);
        expect(chosen.length).toBe((honest + hostile) * subscriptions);
        for (let from = 0; from < chosen.length; from += subscriptions) {
          const own = new Set(chosen.subarray(from, from + subscriptions));
          expect(own.size).toBe(subscriptions);
          for (const channel of own) expect(channel).toBeLessThan(channels);
        }
      }),
    );
  });

  it('is the same for the same seed', () => {
    fc.assert(
      fc.property(anyChoice(fc.oneof(uniform, anyZipf)), fc.nat(), (choice, seed) => {
        expect(choose(choice, seed)).toEqual(choose(choice, seed));
      }),
    );
  });

  it('gives the honest subscribers the same channels however many hostile ones come after them', () => {
    fc.assert(
      fc.property(anyChoice(fc.oneof(uniform, anyZipf)), (choice) => {
        const alone = choose({ ...choice, hostile: 0 });
        expect(choose(choice).subarray(0, alone.length)).toEqual(alone);
      }),
    );
  });
});

describe('a uniform spread', () => {
  it('has channels whose numbers of subscribers differ by one at most', () => {
    fc.assert(
      fc.property(anyChoice(uniform), (choice) => {
        const sizes = sizesOf(choice);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it.each<[string, Omit<Choice, 'spread' | 'hostile'>, number[][]]>([
    ['one each', { channels: 3, subscriptions: 1, honest: 4 }, [[0], [1], [2], [0]]],
    [
      'two each',
      { channels: 4, subscriptions: 2, honest: 4 },
      [
        [0, 1],
        [1, 2],
        [2, 3],
        [3, 0],
      ],
    ],
    [
      'a rest',
      { channels: 4, subscriptions: 2, honest: 5 },
      [
        [0, 1],
        [1, 2],
        [2, 3],
        [3, 0],
        [0, 1],
      ],
    ],
    [
      'a rest that divides the channels',
      { channels: 4, subscriptions: 3, honest: 2 },
      [
        [0, 2, 1],
        [1, 3, 2],
      ],
    ],
    ['all channels', { channels: 3, subscriptions: 3, honest: 1 }, [[0, 1, 2]]],
  ])('deals channels in turn: %s', (_, choice, channels) => {
    expect(Array.from(choose({ ...choice, spread: { kind: 'uniform' }, hostile: 0 }))).toEqual(channels.flat());
  });

  it('has as many different sets of channels as there are channels, not a few that never overlap', () => {
    const chosen = choose({ spread: { kind: 'uniform' }, channels: 100, subscriptions: 10, honest: 1000, hostile: 0 });
    const sets = new Set(
      Array.from({ length: 1000 }, (_, i) =>
        chosen
          .slice(i * 10, i * 10 + 10)
          .sort()
          .join(),
      ),
    );
    expect(sets.size).toBe(100);
  });
});

describe('a zipf spread', () => {
  it('has at least one subscriber a channel where there are enough subscriptions, and never more for a less popular one', () => {
    fc.assert(
      fc.property(anyChoice(anyZipf), (choice) => {
        const sizes = sizesOf(choice);
        if (choice.honest * choice.subscriptions >= choice.channels) expect(Math.min(...sizes)).toBeGreaterThanOrEqual(1);
        expect(sizes.every((size, channel) => channel === 0 || size <= (sizes[channel - 1] as number))).toBe(true);
      }),
    );
  });

  it('has shares within one of the exact ones where no bound is met', () => {
    const weights = weightsOf({ kind: 'zipf', exponent: 1 }, 50);
    const all = weights.reduce((sum, weight) => sum + weight, 0);
    const sizes = sizesOf({ spread: { kind: 'zipf', exponent: 1 }, channels: 50, subscriptions: 1, honest: 10_000, hostile: 0 });
    sizes.forEach((size, channel) => {
      expect(Math.abs(size - (10_000 * (weights[channel] as number)) / all)).toBeLessThan(1);
    });
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(10_000);
  });

  it.each<[string, Omit<Choice, 'spread' | 'hostile'>, number, number[]]>([
    ['largest remainders', { channels: 4, subscriptions: 1, honest: 10 }, 1, [5, 2, 2, 1]],
    ['one for the least popular', { channels: 4, subscriptions: 1, honest: 6 }, 4, [3, 1, 1, 1]],
    ['nobody has a channel twice', { channels: 3, subscriptions: 2, honest: 10 }, 3, [10, 8, 2]],
    ['everybody has all', { channels: 3, subscriptions: 3, honest: 7 }, 2, [7, 7, 7]],
    ['exponent 0', { channels: 3, subscriptions: 1, honest: 9 }, 0, [3, 3, 3]],
    ['fewer subscribers than channels', { channels: 5, subscriptions: 1, honest: 2 }, 1, [1, 1, 0, 0, 0]],
  ])('divides subscribers: %s', (_, choice, exponent, sizes) => {
    expect(sizesOf({ ...choice, spread: { kind: 'zipf', exponent }, hostile: 0 })).toEqual(sizes);
  });

  it('scatters the subscribers of a popular channel over all numbers', () => {
    const chosen = choose({ spread: { kind: 'zipf', exponent: 1 }, channels: 10, subscriptions: 1, honest: 4000, hostile: 0 });
    const inFirstHalf = chosen.subarray(0, 2000).reduce((sum, channel) => sum + (channel === 0 ? 1 : 0), 0);
    const inAll = chosen.reduce((sum, channel) => sum + (channel === 0 ? 1 : 0), 0);
    expect(inFirstHalf / inAll).toBeCloseTo(0.5, 1);
  });
});
