import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomOf, shuffled } from '../../../src/bench/plan/random.js';

const take = (count: number, random: () => number) => Array.from({ length: count }, random);

describe('a random stream', () => {
  it('is the same for the same seed and purpose, and another for another seed or purpose', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.string(), fc.string(), (seed, otherSeed, purpose, otherPurpose) => {
        fc.pre(seed !== otherSeed && purpose !== otherPurpose);
        const numbers = take(8, randomOf(seed, purpose));
        expect(take(8, randomOf(seed, purpose))).toEqual(numbers);
        expect(take(8, randomOf(otherSeed, purpose))).not.toEqual(numbers);
        expect(take(8, randomOf(seed, otherPurpose))).not.toEqual(numbers);
      }),
    );
  });

  it('gives numbers from 0 to below 1 that fill that range evenly', () => {
    const parts = new Array<number>(100).fill(0);
    for (const number of take(100_000, randomOf(1, 'evenness')))
      parts[Math.floor(number * 100)] = (parts[Math.floor(number * 100)] ?? 0) + 1;
    const chiSquare = parts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(parts.length).toBe(100);
    // 99 degrees of freedom: outside of this once in a thousand streams, and this stream is always the same.
    expect(chiSquare).toBeGreaterThan(60);
    expect(chiSquare).toBeLessThan(149);
  });

  it('says nothing about the next number of the same stream, or about a stream of another purpose or a neighbouring seed', () => {
    const numbers = take(100_000, randomOf(1, 'one'));
    expect(correlation(numbers.slice(0, -1), numbers.slice(1))).toBeCloseTo(0, 1);
    expect(correlation(numbers, take(100_000, randomOf(1, 'other')))).toBeCloseTo(0, 1);
    expect(correlation(numbers, take(100_000, randomOf(2, 'one')))).toBeCloseTo(0, 1);
  });
});

describe('shuffling', () => {
  it('keeps each number once, in an order that the stream decides', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(), (count, seed) => {
        const order = shuffled(count, randomOf(seed, 'order'));
        expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index));
        expect(shuffled(count, randomOf(seed, 'order'))).toEqual(order);
      }),
    );
  });

  it('gives each order of three equally often', () => {
    const random = randomOf(1, 'order');
    const times: Record<string, number> = {};
    for (let round = 0; round < 6000; round++) {
      const order = shuffled(3, random).join('');
      times[order] = (times[order] ?? 0) + 1;
    }
    expect(Object.keys(times).sort()).toEqual(['012', '021', '102', '120', '201', '210']);
    for (const count of Object.values(times)) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });
});

function correlation(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, index) => sum + (value - 0.5) * ((other[index] ?? 0) - 0.5), 0) / one.length / (1 / 12);
}
