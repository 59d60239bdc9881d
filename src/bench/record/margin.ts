import { type Random, randomOf } from '../plan/random.js';
import { PERCENTILES } from '../result/result.js';
import { topBelowBucketOf } from './bucket-layout.js';
import { isKnown } from './distribution.js';
import { type Histogram, rankOf } from './histogram.js';

/** Below it, which blocks are drawn says more about chance than about what was measured. */
const FEWEST_BLOCKS = 8;

const RESAMPLES = 500;

/** What lies outside of a 95 % interval, on either side. */
const TAIL = 0.025;

const US_A_MS = 1000;

/** Half the width of a 95 % interval, in ms; `null` where it cannot be told. */
export interface Margins {
  readonly p50: number | null;
  readonly p99: number | null;
}

/**
 * How far median and 99th percentile may be from what they would be in a run without end. Runs of neighbouring blocks of
 * time are drawn again, with replacement, and not single samples: those of one moment have fared alike (all receivers of a
 * notification wait behind the same other one), so that a thousand of them say less than a thousand of different moments.
 * A block's neighbours may still have fared alike; hence the runs, whose length is the cube root of the number of blocks.
 * @param blocks samples in µs, by equal stretches of time. With fewer than eight that are not empty there is no margin, nor
 *   where the percentile itself has too few samples.
 * @param seed the same one gives the same margins.
 */
export function marginsOf(blocks: readonly Histogram[], seed: number): Margins {
  const filled = blocks.filter(({ count }) => count > 0);
  const samples = filled.reduce((sum, { count }) => sum + count, 0);
  if (filled.length < FEWEST_BLOCKS) return { p50: null, p99: null };
  const found = resample(filled, randomOf(seed, 'margin'));
  // What is drawn varies less than what it is drawn from, all the less the fewer runs there are.
  const runs = filled.length / runLength(filled.length);
  const widening = Math.sqrt(runs / (runs - 1));
  const margin = (percent: number, values: Float64Array) => (isKnown(percent, samples) ? (halfWidth(values) * widening) / US_A_MS : null);
  return { p50: margin(PERCENTILES.p50, found.p50), p99: margin(PERCENTILES.p99, found.p99) };
}

/** Both percentiles of each resample, in µs. */
function resample(blocks: readonly Histogram[], random: Random): { readonly p50: Float64Array; readonly p99: Float64Array } {
  const summed = sumUp(blocks);
  const found = { p50: new Float64Array(RESAMPLES), p99: new Float64Array(RESAMPLES) };
  const times = new Uint32Array(blocks.length);
  for (let round = 0; round < RESAMPLES; round++) {
    drawBlocks(times, random);
    found.p50[round] = percentileOf(PERCENTILES.p50, times, summed);
    found.p99[round] = percentileOf(PERCENTILES.p99, times, summed);
  }
  return found;
}

/** How often each block is drawn when as many are drawn as there are; behind the last one comes the first. */
function drawBlocks(times: Uint32Array, random: Random): void {
  times.fill(0);
  const length = runLength(times.length);
  let block = 0;
  for (let draw = 0; draw < times.length; draw++) {
    block = draw % length === 0 ? Math.floor(random() * times.length) : (block + 1) % times.length;
    times[block] = (times[block] as number) + 1;
  }
}

function runLength(blocks: number): number {
  return Math.floor(Math.cbrt(blocks));
}

/** Blocks, so that a percentile of any mixture of them is found by looking at few of their buckets. */
interface Summed {
  /** The highest values of all buckets that any block has, ascending. */
  readonly tops: Float64Array;
  /** For each of `tops`, how many samples of each block are not above it. */
  readonly upTo: Float64Array;
}

function sumUp(blocks: readonly Histogram[]): Summed {
  const buckets = blocks.map((block) => new Map(block.buckets));
  const tops = Float64Array.from(new Set(buckets.flatMap((own) => [...own.keys()]))).sort();
  const upTo = new Float64Array(tops.length * blocks.length);
  for (const [block, own] of buckets.entries()) {
    let sum = 0;
    for (const [column, top] of tops.entries()) {
      sum += own.get(top) ?? 0;
      upTo[column * blocks.length + block] = sum;
    }
  }
  return { tops, upTo };
}

/** The value of the rank, as if the values of a bucket lay evenly in it: else a margin would go in steps of whole buckets. */
function percentileOf(percent: number, times: Uint32Array, { tops, upTo }: Summed): number {
  const rank = rankOf(percent, samplesUpTo(tops.length - 1, times, upTo));
  let low = 0;
  let high = tops.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (samplesUpTo(middle, times, upTo) < rank) low = middle + 1;
    else high = middle;
  }
  const below = samplesUpTo(low - 1, times, upTo);
  const top = tops[low] as number;
  const bottom = topBelowBucketOf(top);
  return bottom + ((top - bottom) * (rank - below)) / (samplesUpTo(low, times, upTo) - below);
}

function samplesUpTo(column: number, times: Uint32Array, upTo: Float64Array): number {
  if (column < 0) return 0;
  let sum = 0;
  const from = column * times.length;
  for (let block = 0; block < times.length; block++) sum += (times[block] as number) * (upTo[from + block] as number);
  return sum;
}

function halfWidth(values: Float64Array): number {
  const sorted = values.sort();
  const outside = Math.floor(sorted.length * TAIL);
  return ((sorted[sorted.length - 1 - outside] as number) - (sorted[outside] as number)) / 2;
}
