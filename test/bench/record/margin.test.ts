import { describe, expect, it } from 'vitest';
import { randomOf } from '../../../src/bench/plan/random.js';
import { Histogram } from '../../../src/bench/record/histogram.js';
import { marginsOf } from '../../../src/bench/record/margin.js';

const BLOCKS = 100;
const SAMPLES = 100;

/** Latencies in µs whose logarithm is evenly spread, by a level that each block adds: without one, all are independent. */
function blocksOf(seed: number, levelOf: (random: () => number) => number = () => 0): Histogram[] {
  const random = randomOf(seed, 'test');
  return Array.from({ length: BLOCKS }, () => {
    const block = new Histogram();
    const level = levelOf(random);
    for (let i = 0; i < SAMPLES; i++) block.record(1000 * Math.exp(random() + level));
    return block;
  });
}

describe('marginsOf', () => {
  it('is near the textbook for independent samples', () => {
    // A quantile's standard error: root(p (1 - p) / n) / density; the density of 1000 e^u at its quantile is 1 / value.
    const textbook = (part: number) => 1.96 * Math.sqrt((part * (1 - part)) / (BLOCKS * SAMPLES)) * Math.exp(part);
    for (const seed of [1, 2, 3, 4, 5]) {
      const { p50, p99 } = marginsOf(blocksOf(seed), seed);
      expect((p50 as number) / textbook(0.5)).toBeGreaterThan(0.75);
      expect((p50 as number) / textbook(0.5)).toBeLessThan(1.33);
      expect((p99 as number) / textbook(0.99)).toBeGreaterThan(0.6);
      expect((p99 as number) / textbook(0.99)).toBeLessThan(1.67);
    }
  });

  it('is several times as wide when the samples of one block fare alike', () => {
    const independent = marginsOf(blocksOf(7), 1);
    const alike = marginsOf(
      blocksOf(7, (random) => 0.5 * random()),
      1,
    );
    expect(alike.p50 as number).toBeGreaterThan(3 * (independent.p50 as number));
  });

  it.each([
    ['of blocks that know nothing of each other', 0, 0.87],
    ['of blocks that fare like their neighbours', 0.5, 0.85],
  ])('covers the true median about as often as it claims: %s', (_, memory, atLeast) => {
    const runs = 60;
    let covered = 0;
    for (let seed = 0; seed < runs; seed++) {
      let level = 0;
      const blocks = blocksOf(1000 + seed, (random) => {
        level = memory * level + 0.3 * (random() - 0.5);
        return level;
      });
      const all = new Histogram();
      for (const block of blocks) all.add(block);
      const { p50 } = marginsOf(blocks, seed);
      if (Math.abs((all.percentile(50) as number) / 1000 - Math.exp(0.5)) <= (p50 as number)) covered++;
    }
    expect(covered / runs).toBeGreaterThan(atLeast);
  });

  it('gives the same for the same seed, and leaves the blocks as they were', () => {
    const blocks = blocksOf(3);
    const before = blocks.map(({ buckets }) => buckets);
    expect(marginsOf(blocks, 5)).toEqual(marginsOf(blocks, 5));
    expect(marginsOf(blocks, 5)).not.toEqual(marginsOf(blocks, 6));
    expect(blocks.map(({ buckets }) => buckets)).toEqual(before);
  });

  it('is null with fewer than eight blocks that are not empty', () => {
    const empty = Array.from({ length: 20 }, () => new Histogram());
    expect(marginsOf([...blocksOf(1).slice(0, 7), ...empty], 1)).toEqual({ p50: null, p99: null });
    expect(marginsOf([...blocksOf(1).slice(0, 8), ...empty], 1).p50).not.toBeNull();
  });

  it('is null for a percentile that has too few samples beyond it', () => {
    const blocks = Array.from({ length: 10 }, () => new Histogram());
    for (const block of blocks) for (let us = 0; us < 50; us++) block.record(us);
    const { p50, p99 } = marginsOf(blocks, 1);
    expect({ p50: typeof p50, p99 }).toEqual({ p50: 'number', p99: null });
  });

  it('is not wider than a bucket where all samples are equal', () => {
    const blocks = Array.from({ length: 10 }, () => new Histogram());
    for (const block of blocks) for (let i = 0; i < 200; i++) block.record(0);
    expect(marginsOf(blocks, 1).p50 as number).toBeLessThan(0.001);
  });
});
