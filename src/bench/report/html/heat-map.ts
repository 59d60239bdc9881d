import type { Bucket, Timeline } from '../../result/result.js';

/** Deliveries by their time and their latency. */
export interface HeatMap {
  readonly sliceS: number;
  /** Of each row, ascending. */
  readonly rows: readonly { readonly fromMs: number; readonly toMs: number }[];
  /** For each slice the rows that are not empty, as row, count, row, count, … */
  readonly slices: readonly (readonly number[])[];
  readonly most: number;
}

/** The widest bucket of a quarter octave: its upper end is at most so many times its lower one. */
const WIDEST = 1.25;
const SMALLEST_US = 1;

/** @returns `null` when nothing was delivered. */
export function heatMap({ sliceMs, slices }: Timeline): HeatMap | null {
  const ends = [...new Set(slices.flatMap(({ buckets }) => buckets.map(([upToUs]) => upToUs)))].sort((a, b) => a - b);
  if (ends.length === 0) return null;
  const rowOf = new Map(ends.map((upToUs, row) => [upToUs, row]));
  const flat = (buckets: readonly Bucket[]) => buckets.flatMap(([upToUs, count]) => [rowOf.get(upToUs) ?? 0, count]);
  return {
    sliceS: sliceMs / 1000,
    rows: ends.map((upToUs, row) => rowBetween(ends[row - 1], upToUs)),
    slices: slices.map(({ buckets }) => flat(buckets)),
    most: slices.reduce((most, { buckets }) => buckets.reduce((larger, [, count]) => Math.max(larger, count), most), 1),
  };
}

/** From the end of the row below, unless there is a gap between them. */
function rowBetween(belowUs: number | undefined, upToUs: number): { fromMs: number; toMs: number } {
  const to = Math.max(upToUs, SMALLEST_US * WIDEST);
  const from = Math.max(belowUs ?? 0, to / WIDEST, SMALLEST_US);
  return { fromMs: Number((from / 1000).toPrecision(5)), toMs: Number((to / 1000).toPrecision(5)) };
}
