import {
  type Bucket,
  type Distribution,
  type Measured,
  PERCENTILES,
  type Slice,
  type SlowDelivery,
} from '../../../src/bench/result/result.js';

const HOLD_MS = 10_000;
const RECEIVERS = 19;
const SLICE_MS = 100;
/** The broker stood still from here on for so long. */
const STALL = { atMs: 6200, forMs: 60 };

interface Delivery {
  readonly notification: number;
  readonly plannedMs: number;
  readonly latencyMs: number;
  readonly rank: number;
}

/** What a run of 10,000 notifications to 19 receivers each might have measured, the same each time. */
export function makeSamples(slower = 1) {
  const normal = gaussian(7);
  const deliveries: Delivery[] = [];
  const lateness: number[] = [];
  const fanOut = { first: [] as number[], median: [] as number[], p99: [] as number[], last: [] as number[] };
  for (let notification = 0; notification < HOLD_MS; notification++) {
    const plannedMs = notification;
    const stall = plannedMs >= STALL.atMs && plannedMs < STALL.atMs + STALL.forMs ? STALL.atMs + STALL.forMs - plannedMs : 0;
    const late = 0.04 + 0.03 * Math.exp(normal() * 0.8);
    const hiccup = notification % 257 === 0 ? 3 + Math.abs(normal()) * 4 : 0;
    const first = late + slower * (0.45 * Math.exp(normal() * 0.4) + hiccup) + stall;
    lateness.push(late);
    const latencies = Array.from({ length: RECEIVERS }, (_, rank) => first + slower * rank * 0.035);
    for (const [rank, latencyMs] of latencies.entries()) deliveries.push({ notification, plannedMs, latencyMs, rank });
    fanOut.first.push(first);
    fanOut.median.push(latencies[9] ?? first);
    fanOut.p99.push(latencies[RECEIVERS - 1] ?? first);
    fanOut.last.push(latencies[RECEIVERS - 1] ?? first);
  }
  const latencies = deliveries.map(({ latencyMs }) => latencyMs);
  return {
    latencyMs: { ...distribution(latencies), margin: { p50: 0.018, p99: 0.41 }, buckets: bucketsOf(latencies, 128) } satisfies Measured,
    latenessMs: distribution(lateness),
    fanOutMs: {
      first: distribution(fanOut.first),
      median: distribution(fanOut.median),
      p99: distribution(fanOut.p99),
      last: distribution(fanOut.last),
    },
    slowest: slowestOf(deliveries),
    timeline: { sliceMs: SLICE_MS, slices: slicesOf(deliveries) },
  };
}

/** Of figures in ms. */
export function distribution(values: readonly number[]): Distribution {
  const sorted = [...values].sort((a, b) => a - b);
  const percentiles = Object.entries(PERCENTILES).map(([name, percent]) => {
    const rank = Math.ceil((sorted.length * percent) / 100);
    return [name, sorted.length - rank < 10 ? null : rounded(sorted[rank - 1])];
  });
  const sum = values.reduce((total, value) => total + value, 0);
  return {
    samples: sorted.length,
    min: rounded(sorted[0]),
    mean: sorted.length === 0 ? null : rounded(sum / sorted.length),
    ...Object.fromEntries(percentiles),
    max: rounded(sorted.at(-1)),
  };
}

function slowestOf(deliveries: readonly Delivery[]): SlowDelivery[] {
  const slowest = deliveries
    .filter(({ latencyMs }) => latencyMs > 50)
    .sort((a, b) => b.latencyMs - a.latencyMs)
    .slice(0, 5);
  return slowest.map(({ latencyMs, notification, plannedMs, rank }) => {
    const channel = (notification * 37) % 100;
    return { latencyMs: rounded(latencyMs) ?? 0, notification: 1000 + notification, channel, subscriber: channel + 100 * rank, plannedMs };
  });
}

function slicesOf(deliveries: readonly Delivery[]): Slice[] {
  const slices: number[][] = Array.from({ length: HOLD_MS / SLICE_MS + 1 }, () => []);
  for (const { plannedMs, latencyMs } of deliveries) slices[Math.floor((plannedMs + latencyMs) / SLICE_MS)]?.push(latencyMs);
  return slices.map((latencies, index) => {
    const { p50, p99, max } = distribution(latencies);
    const atMs = index * SLICE_MS;
    return {
      atMs,
      sent: atMs < HOLD_MS ? SLICE_MS : 0,
      delivered: latencies.length,
      connected: index < 70 ? 2000 : 1998,
      loopDelayMs: rounded(1.2 + 0.9 * Math.abs(Math.sin(index * 1.7)) + (index === 41 ? 11 : 0)) ?? 0,
      p50Ms: p50,
      p99Ms: p99,
      maxMs: max,
      buckets: bucketsOf(latencies, 4),
    };
  });
}

/** Buckets that divide each octave of µs into `perOctave` equal parts; whole µs below. */
function bucketsOf(latenciesMs: readonly number[], perOctave: number): Bucket[] {
  const counts = new Map<number, number>();
  for (const ms of latenciesMs) {
    const us = Math.round(ms * 1000);
    const width = Math.max(1, 2 ** Math.floor(Math.log2(Math.max(1, us))) / perOctave);
    const upTo = (Math.floor(us / width) + 1) * width - 1;
    counts.set(upTo, (counts.get(upTo) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => a - b);
}

function rounded(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms * 1000) / 1000;
}

/** Seeded numbers of mean 0 and deviation 1. */
function gaussian(seed: number): () => number {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 1) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
