import { expect, it } from 'vitest';
import type { Measurement } from '../../../src/bench/result/measurement.js';
import { holdOf, measureKnown, SHORT_LOAD } from './measuring.js';
import type { Entry } from './start-server.js';

/** No bucket of the histogram is wider than this part of its values. */
const RESOLUTION = 1 / 128;

const PHASES = { ...SHORT_LOAD.phases, holdMs: 2000 };

/** How much later than the server wrote it a delivery may have been measured, by the run's own account of its generator. */
function noiseOf({ latenessMs, generator }: Measurement): number {
  const loopDelay = generator.checks.find(({ limit }) => limit === 'loopDelayMs')?.measured ?? 0;
  return (latenessMs.max ?? 0) + loopDelay;
}

it('measures a delay of 40 ms as what the server itself has measured', async () => {
  const quiet = await measureKnown(['--v1'], { phases: PHASES });
  const { measurement, ledger } = await measureKnown(['--v1', '--delay', '40'], { phases: PHASES });
  const hold = holdOf(ledger, measurement);
  const most = Math.max(...hold.map(({ maxDelayMs }) => maxDelayMs ?? 0));
  const { min, p50, p99, samples } = measurement.latencyMs;
  expect(samples).toBe(5000);
  // The server waits 40 ms to the microsecond, and what is measured begins before that and ends after it.
  expect(min).toBeGreaterThanOrEqual(40 * (1 - RESOLUTION));
  expect(p50).toBeGreaterThanOrEqual(40 * (1 - RESOLUTION));
  const delays = hold.map(({ minDelayMs }) => minDelayMs ?? 0).sort((a, b) => a - b);
  const median = delays[Math.floor(delays.length / 2)] ?? 0;
  const noise = noiseOf(measurement) + (quiet.measurement.latencyMs.max ?? 0);
  expect(p50).toBeLessThanOrEqual((median + noise) * (1 + RESOLUTION));
  expect(p99).toBeLessThanOrEqual((most + noise) * (1 + RESOLUTION));
  expect(p50).toBeGreaterThan(quiet.measurement.latencyMs.p50 ?? Number.NaN);
});

/** How long each notification of a constant rate waited until the server served it, in ms: 0 for the one that was served soonest. */
function waitsOf(hold: readonly Entry[], rate: number): readonly number[] {
  const since = hold.map(({ index, receivedAtMs }) => receivedAtMs - (index * 1000) / rate);
  const soonest = Math.min(...since);
  return since.map((each) => each - soonest);
}

it('shows a pause of 1 s to all that was planned in it, as long as each of them waited', async () => {
  const rate = 100;
  const { measurement, ledger } = await measureKnown(['--v1', '--stall-once', '1000@1200'], {
    arrivals: { kind: 'constant', rate },
    phases: { ...SHORT_LOAD.phases, holdMs: 4000 },
  });
  expect(ledger.stall?.lastedMs).toBeGreaterThanOrEqual(1000);
  const waits = waitsOf(holdOf(ledger, measurement), rate);
  const { max, samples, buckets, min } = measurement.latencyMs;
  expect(samples).toBe(400 * 5);
  expect(max).toBeGreaterThanOrEqual(Math.max(...waits) * (1 - RESOLUTION));
  // Who waits for answers would have one slow notification. Here all are slow but the last of the pause, which had less than 100 ms to wait.
  const latencies = buckets.flatMap(([upToUs, count]) => new Array<number>(count).fill(upToUs / 1000));
  const slow = latencies.filter((latency) => latency > 100);
  const slack = (min ?? 0) + noiseOf(measurement);
  expect(slow.length).toBeGreaterThanOrEqual(85 * 5);
  expect(slow.length).toBeGreaterThanOrEqual(waits.filter((wait) => wait > 100).length * 5);
  expect(slow.length).toBeLessThanOrEqual(waits.filter((wait) => wait > 100 - slack).length * 5);
  // In equal steps: half of them wait longer than the middle between 1 s and 100 ms.
  const sorted = waits.filter((wait) => wait > 100).toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const median = slow[Math.floor(slow.length / 2)] ?? Number.NaN;
  expect(Math.abs(median - middle)).toBeLessThanOrEqual(middle * RESOLUTION + slack + 1000 / rate);
});

it('shows the same pause to hardly anything where sending waits for what came before', async () => {
  const { measurement, ledger } = await measureKnown(['--v1', '--stall-once', '1000@1200'], {
    arrivals: { kind: 'max', window: 1 },
    phases: { ...SHORT_LOAD.phases, holdMs: 3000 },
  });
  expect(ledger.stall?.lastedMs).toBeGreaterThanOrEqual(1000);
  const { max, samples, buckets } = measurement.latencyMs;
  expect(max).toBeGreaterThanOrEqual(900);
  const slow = buckets.reduce((sum, [upToUs, count]) => sum + (upToUs > 100_000 ? count : 0), 0);
  expect(slow).toBeLessThan(samples / 10);
});
