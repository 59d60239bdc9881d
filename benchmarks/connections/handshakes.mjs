import { cpuMs } from '../lib/process-cost.mjs';
import { printReport } from '../lib/report.mjs';
import { median } from '../lib/statistics.mjs';
import { startWorker } from '../lib/worker.mjs';
import { BROKERS, CLIENT_CPU } from './brokers.mjs';

const WARM_UP = 2_000;
const COUNT = 8_000;

/** What it costs a broker that a client connects, subscribes and closes. */
export async function measureHandshakes({ rounds, isQuick, command }) {
  const scale = isQuick ? 0.02 : 1;
  const figures = BROKERS.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [at, broker] of BROKERS.entries()) figures[at].push(await costOf(broker, scale));
  }
  const costs = figures.map((ofBroker) => median(ofBroker.map(({ cpuUs }) => cpuUs)));
  printReport({
    title: 'A client that connects, subscribes and closes',
    command,
    columns: ['broker', 'µs of CPU each', 'against naive', 'each second'],
    rows: BROKERS.map(({ name }, at) => [name, costs[at], costs[at] / costs.at(-1), median(figures[at].map(({ aSecond }) => aSecond))]),
    notes: [`Medians of ${rounds} rounds of ${COUNT * scale} clients, 50 at once. Ours writes three lines of log for each, naive none.`],
  });
}

async function costOf(broker, scale) {
  const running = await broker.start();
  const clients = startWorker(new URL('./clients-load.mjs', import.meta.url), { cpu: CLIENT_CPU });
  try {
    await clients.call('comeAndGo', { port: running.port, count: WARM_UP * scale });
    const before = cpuMs(running.pid);
    const count = COUNT * scale;
    const seconds = await clients.call('comeAndGo', { port: running.port, count });
    return { cpuUs: ((cpuMs(running.pid) - before) * 1_000) / count, aSecond: count / seconds };
  } finally {
    await clients.stop();
    await running.stop();
  }
}
