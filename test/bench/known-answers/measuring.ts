import type { BrokerProcess } from '../../../src/bench/broker-process.js';
import { DEFAULT_LIMITS, DEFAULT_LOAD, type Load } from '../../../src/bench/load/load.js';
import type { Measurement } from '../../../src/bench/result/measurement.js';
import type { Counts } from '../../../src/bench/result/result.js';
import type { RunContext } from '../../../src/bench/run/run-bench.js';
import type { Ways } from '../../../src/bench/way.js';
import { type Entry, type Ledger, startServer } from './start-server.js';

/** Built, because its threads are files of JavaScript; `npm test` builds them first. */
const { runBench } = (await import(
  new URL('../../../dist/src/bench/run/run-bench.js', import.meta.url).href
)) as typeof import('../../../src/bench/run/run-bench.js');

/** Short, but with some thousand deliveries: 5 subscribers for each of 4 channels. */
export const SHORT_LOAD: Load = {
  ...DEFAULT_LOAD,
  subscribers: 20,
  channels: 4,
  arrivals: { kind: 'constant', rate: 500 },
  phases: { readyMs: 10_000, warmUpMs: 200, holdMs: 1000, drainMs: 1500 },
};

/** What `wsn bench` runs for a load, without judging it; what is not given is as in `SHORT_LOAD`. */
export function measure(
  url: string,
  load: Partial<Load> = {},
  { workers = 1, ways, broker, ...context }: MeasureOptions = {},
): Promise<Measurement> {
  const settings = {
    load: { ...SHORT_LOAD, ...load },
    thresholds: [],
    limits: DEFAULT_LIMITS,
    workers,
    url,
    ways,
    broker,
    version: '0.0.0',
  };
  return runBench(settings, context);
}

/** What a run is told besides its load; `workers` threads receive. */
interface MeasureOptions extends RunContext {
  readonly workers?: number;
  readonly ways?: Ways;
  /** One that may be restarted. */
  readonly broker?: BrokerProcess;
}

/** Runs a load against a server with known faults: what the run says, and what the server knows. */
export async function measureKnown(flags: readonly string[], load: Partial<Load> = {}) {
  await using server = await startServer(flags);
  const measurement = await measure(server.url, load);
  return { measurement, ledger: await server.ledger() };
}

/** The server's entries of what was planned in the hold. */
export function holdOf(ledger: Ledger, { notifications }: Measurement): readonly Entry[] {
  return ledger.notifications.filter(({ index }) => index >= notifications.warmUp);
}

/** What became of the deliveries of some notifications together. */
export function countsOf(entries: readonly Entry[]): Counts {
  const sum = (name: keyof Counts) => entries.reduce((total, entry) => total + entry[name], 0);
  return {
    expected: sum('expected'),
    delivered: sum('delivered'),
    lost: sum('lost'),
    duplicated: sum('duplicated'),
    misdelivered: sum('misdelivered'),
    reordered: sum('reordered'),
    corrupt: sum('corrupt'),
  };
}
