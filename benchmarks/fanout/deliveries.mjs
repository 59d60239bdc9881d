import { startBroker, startNaive } from '../lib/broker.mjs';
import { printReport } from '../lib/report.mjs';
import { median } from '../lib/statistics.mjs';
import { startWorker } from '../lib/worker.mjs';

/** The generator's share of its CPU from which on it, and not the broker, sets the pace. */
const BUSY = 0.9;

/** Notifications that each broker gets; the naive one is given less to do where it would take long. */
const WORKLOADS = [
  { name: 'window 1', channels: 1, window: 1, ours: 300, naive: 300 },
  { name: 'window 8', channels: 1, window: 8, ours: 600, naive: 300 },
  { name: 'window 64', channels: 1, window: 64, ours: 1_500, naive: 300 },
  { name: '100 channels of 10, window 64', channels: 100, window: 64, ours: 6_000, naive: 3_000 },
];

const BROKERS = [
  { name: 'ours', start: (cpu) => startBroker([], { cpu }), subprotocol: 'wsn.v1' },
  { name: 'naive', start: (cpu) => startNaive({ cpu }), subprotocol: undefined },
];

/** What a delivery costs the broker, beside the broker that anyone writes in an hour on `ws`. */
export async function measureDeliveries({ rounds, isQuick, command }) {
  const clients = isQuick ? 100 : 1_000;
  const scale = isQuick ? 0.1 : 1;
  const workloads = isQuick ? WORKLOADS.slice(-1) : WORKLOADS;
  const figures = workloads.map(() => ({ ours: [], naive: [] }));
  for (let round = 0; round < rounds; round++) {
    for (const [at, workload] of workloads.entries()) {
      for (const broker of BROKERS) figures[at][broker.name].push(await one(broker, { ...workload, clients, scale }));
    }
  }
  const cost = (runs) => median(runs.map((run) => (run.brokerMs * 1_000) / run.deliveries));
  const share = (runs) => median(runs.map((run) => run.ownShare));
  const speed = (runs) => median(runs.map((run) => run.deliveries / run.wallMs));
  printReport({
    title: `A delivery: ${clients.toLocaleString('en-US')} subscribers, 200 bytes of data`,
    command,
    columns: ['workload', 'µs of CPU a delivery', 'naive', 'ratio', 'deliveries/ms', 'naive', 'busy generator', 'naive'],
    rows: workloads.map(({ name }, at) => {
      const { ours, naive } = figures[at];
      const shares = [share(ours), share(naive)].map((value) => `${Math.round(value * 100)} %${value >= BUSY ? ', bottleneck' : ''}`);
      return [name, cost(ours), cost(naive), cost(ours) / cost(naive), speed(ours), speed(naive), ...shares];
    }),
    notes: [
      `Medians of ${rounds} rounds, each with fresh brokers in turn; every delivery was there once, in order and whole.`,
      'A generator that is the bottleneck changes how fast it goes, and hardly what a delivery costs the broker.',
    ],
  });
}

async function one(broker, { clients, channels, window, scale, ...counts }) {
  const running = await broker.start(0);
  const load = startWorker(new URL('./window-load.mjs', import.meta.url), { cpu: 1 });
  try {
    await load.call('connect', { ...running, clients, channels, bytes: 200, subprotocol: broker.subprotocol });
    return await load.call('run', { notifications: Math.max(channels, counts[broker.name] * scale), window });
  } finally {
    await load.stop();
    await running.stop();
  }
}
