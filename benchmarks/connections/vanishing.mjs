import { setTimeout as sleep } from 'node:timers/promises';
import { dial } from '../lib/dial.mjs';
import { cpuMs } from '../lib/process-cost.mjs';
import { printReport } from '../lib/report.mjs';
import { median, percentile } from '../lib/statistics.mjs';
import { startWorker } from '../lib/worker.mjs';
import { BROKERS, CLIENT_CPU } from './brokers.mjs';

const COUNT = 10_000;
/** Long enough for all of them to be forgotten. */
const WATCH_MS = 3_000;

/** What one client sees of a broker that loses all others in one moment, their process having been killed. */
export async function measureVanishing({ rounds, isQuick, command }) {
  const count = isQuick ? 200 : COUNT;
  const figures = BROKERS.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [at, broker] of BROKERS.entries()) figures[at].push(await watch(broker, count));
  }
  const of = (at, name) => median(figures[at].map((figure) => figure[name]));
  printReport({
    title: `${count.toLocaleString('en-US')} clients that vanish at once`,
    command,
    columns: ['broker', 'µs of CPU each', 'longest ping of another client, ms', 'p99 of its pings, ms', 'p99 before, ms'],
    rows: BROKERS.map(({ name }, at) => [name, of(at, 'cpuUs'), of(at, 'longest'), of(at, 'p99'), of(at, 'before')]),
    notes: [
      `Medians of ${rounds} rounds. The other client sends a ping a millisecond after each pong, for ${WATCH_MS / 1_000} s from the end of the others.`,
    ],
  });
}

async function watch(broker, count) {
  const running = await broker.start();
  const clients = startWorker(new URL('./clients-load.mjs', import.meta.url), { cpu: CLIENT_CPU });
  const witness = await dial({ port: running.port });
  try {
    await clients.call('open', { port: running.port, count });
    const before = await pings(witness, WATCH_MS / 3);
    const spent = cpuMs(running.pid);
    const [times] = await Promise.all([pings(witness, WATCH_MS), clients.stop()]);
    const cpuUs = ((cpuMs(running.pid) - spent) * 1_000) / count;
    return { cpuUs, longest: Math.max(...times), p99: percentile(times, 0.99), before: percentile(before, 0.99) };
  } finally {
    witness.socket.destroy();
    await clients.stop();
    await running.stop();
  }
}

/** How long each ping took, in ms. */
async function pings(line, forMs) {
  const times = [];
  for (const end = performance.now() + forMs; performance.now() < end; await sleep(1)) {
    const sent = performance.now();
    await line.barrier();
    times.push(performance.now() - sent);
  }
  return times;
}
