import { type BenchResult, type Distribution, PERCENTILES } from '../../result/result.js';
import { type HeatMap, heatMap } from './heat-map.js';
import { percentileCurve, percentileGrid } from './percentile-curve.js';

/** Figures that share their places along x; `null` where there is none. */
type Line = readonly (number | null)[];

/** What the page draws: all figures are computed here, the page's script only places them. Times are in ms. */
export interface Plots {
  readonly percentiles: {
    /** 1 / (1 − p). */
    readonly x: readonly number[];
    readonly now: Line;
    readonly baseline: Line | null;
    /** 95 % intervals. */
    readonly margins: readonly { readonly x: number; readonly from: number; readonly to: number }[];
  } | null;
  readonly fanOut: { readonly x: readonly number[]; readonly lines: Readonly<Record<keyof BenchResult['fanOutMs'], Line>> } | null;
  readonly timeline: Timelines | null;
  readonly heat: HeatMap | null;
}

/** One figure a slice; `x` is the middle of a slice in seconds from the start of the hold. */
export interface Timelines {
  readonly x: readonly number[];
  readonly endS: number;
  readonly holdS: number;
  readonly p50: Line;
  readonly p99: Line;
  readonly max: Line;
  readonly sentPerSecond: Line;
  readonly deliveredPerSecond: Line;
  /** Deliveries of one notification, on average: by so much `sent` is scaled to lie upon `delivered`. */
  readonly perNotification: number;
  readonly connected: Line;
  readonly loopDelay: Line;
}

/** A logarithmic axis has no zero: what is below one µs is drawn there. */
const SMALLEST_MS = 0.001;

/** @returns what there is to draw; `null` for a plot without figures. */
export function plotsOf(result: BenchResult): Plots {
  return { percentiles: percentiles(result), fanOut: fanOut(result), timeline: timeline(result), heat: heatMap(result.timeline) };
}

function percentiles({ latencyMs, regression }: BenchResult): Plots['percentiles'] {
  const before = regression?.baseline.latencyMs ?? null;
  const x = percentileGrid(Math.max(latencyMs.samples, before?.samples ?? 0));
  const now = percentileCurve(latencyMs.buckets, x).map(drawn);
  if (!now.some((value) => value !== null)) return null;
  const margins = (['p50', 'p99'] as const).flatMap((name) => {
    const [value, margin] = [latencyMs[name], latencyMs.margin[name]];
    if (value === null || margin === null) return [];
    return [{ x: beyond(name), from: figure(Math.max(SMALLEST_MS, value - margin)), to: figure(value + margin) }];
  });
  return { x: x.map(figure), now, baseline: before && percentileCurve(before.buckets, x).map(drawn), margins };
}

function fanOut({ fanOutMs }: BenchResult): Plots['fanOut'] {
  const names = (Object.keys(PERCENTILES) as (keyof typeof PERCENTILES)[]).filter((name) => fanOutMs.last[name] !== null);
  if (names.length < 2) return null;
  const line = (of: Distribution) => names.map((name) => drawn(of[name]));
  const { first, median, p99, last } = fanOutMs;
  return { x: names.map(beyond), lines: { first: line(first), median: line(median), p99: line(p99), last: line(last) } };
}

function timeline({ timeline: { sliceMs, slices }, phasesMs }: BenchResult): Timelines | null {
  const end = slices.at(-1);
  if (end === undefined || slices.length < 2) return null;
  const sent = slices.reduce((sum, slice) => sum + slice.sent, 0);
  const delivered = slices.reduce((sum, slice) => sum + slice.delivered, 0);
  const perSecond = (count: number) => figure((count * 1000) / sliceMs);
  return {
    x: slices.map(({ atMs }) => (atMs + sliceMs / 2) / 1000),
    endS: (end.atMs + sliceMs) / 1000,
    holdS: phasesMs.hold / 1000,
    p50: slices.map((slice) => drawn(slice.p50Ms)),
    p99: slices.map((slice) => drawn(slice.p99Ms)),
    max: slices.map((slice) => drawn(slice.maxMs)),
    sentPerSecond: slices.map((slice) => perSecond(slice.sent)),
    deliveredPerSecond: slices.map((slice) => perSecond(slice.delivered)),
    perNotification: sent === 0 || delivered === 0 ? 1 : figure(delivered / sent),
    connected: slices.map((slice) => slice.connected),
    loopDelay: slices.map((slice) => figure(slice.loopDelayMs)),
  };
}

/** 1 / (1 − p), without what binary fractions add to it. */
function beyond(name: keyof typeof PERCENTILES): number {
  return figure(100 / (100 - PERCENTILES[name]));
}

function drawn(ms: number | null): number | null {
  return ms === null ? null : figure(Math.max(SMALLEST_MS, ms));
}

/** As many digits as can be seen: they are most of the page's size. */
function figure(value: number): number {
  return Number(value.toPrecision(5));
}
