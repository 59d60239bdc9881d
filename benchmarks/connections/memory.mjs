import { setTimeout as sleep } from 'node:timers/promises';
import { residentBytes } from '../lib/process-cost.mjs';
import { printReport } from '../lib/report.mjs';
import { median } from '../lib/statistics.mjs';
import { startWorker } from '../lib/worker.mjs';
import { BROKERS, CLIENT_CPU } from './brokers.mjs';

const COUNTS = [1_000, 8_000];
const SETTLE_MS = 10_000;

/** Resident memory that connections with one subscription each add to a broker that has just started. */
export async function measureMemory({ rounds, isQuick, command }) {
  const counts = isQuick ? [100] : COUNTS;
  const rows = [];
  for (const count of counts) {
    const figures = BROKERS.map(() => []);
    for (let round = 0; round < rounds; round++) {
      for (const [at, broker] of BROKERS.entries()) figures[at].push(await bytesEach(broker, count, isQuick ? 100 : SETTLE_MS));
    }
    for (const [at, { name }] of BROKERS.entries()) {
      rows.push([name, count, kilobytes(figures[at], 'atOnce'), kilobytes(figures[at], 'settled')]);
    }
  }
  printReport({
    title: 'Resident memory of a connection with one subscription',
    command,
    columns: ['broker', 'connections', 'kB each, as soon as they are open', `kB each, ${SETTLE_MS / 1_000} s later`],
    rows,
    notes: [
      `Medians of ${rounds} rounds; what the process has more than before the first connection, garbage that is not collected yet included.`,
      'Of the first thousand connections most is what the heap grows by anyhow. What the kernel keeps for a socket is not in it.',
    ],
  });
}

async function bytesEach(broker, count, settleMs) {
  const running = await broker.start();
  const clients = startWorker(new URL('./clients-load.mjs', import.meta.url), { cpu: CLIENT_CPU });
  try {
    const before = residentBytes(running.pid);
    await clients.call('open', { port: running.port, count });
    const atOnce = residentBytes(running.pid);
    await sleep(settleMs);
    const settled = residentBytes(running.pid);
    return { atOnce: (atOnce - before) / count, settled: (settled - before) / count };
  } finally {
    await clients.stop();
    await running.stop();
  }
}

function kilobytes(figures, when) {
  return median(figures.map((figure) => figure[when])) / 1_000;
}
