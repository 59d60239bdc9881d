import { startBroker } from '../lib/broker.mjs';
import { printReport } from '../lib/report.mjs';
import { median } from '../lib/statistics.mjs';
import { startWorker } from '../lib/worker.mjs';

const HEALTHY = 100;
const STUCK = 20;
const RATE = 200;
const BYTES = 5_000;
/**
 * Each broker has its turn for a second, so that both see the same machine. All of it is longer than a reader that never
 * reads is kept (the kernel takes some 4 MB for it, the broker 4 MiB), so that dropping it is measured too.
 */
const TURNS = 14;
const CHANNEL = 'latency';

/** What readers that never read cost the healthy ones: two brokers alike, one of which has them. */
export async function measureStuckReaders({ rounds, isQuick, command }) {
  const sides = { without: [], beside: [] };
  let dropped = 0;
  for (let round = 0; round < rounds; round++) {
    const without = await side();
    const beside = await side();
    const stuck = startWorker(new URL('./never-read-load.mjs', import.meta.url), { cpu: 1 });
    try {
      await stuck.call('attach', { port: beside.running.port, readers: STUCK, channel: CHANNEL });
      for (let turn = 0; turn < (isQuick ? 1 : TURNS); turn++) {
        for (const one of [without, beside]) one.turns.push(await one.load.call('run', { rate: RATE, seconds: 1 }));
      }
      sides.without.push(await figuresOf(without));
      sides.beside.push(await figuresOf(beside));
      dropped += await stuck.call('detach');
    } finally {
      await stuck.stop();
      await without.stop();
      await beside.stop();
    }
  }
  print({ sides, dropped, rounds, command });
}

async function side() {
  const running = await startBroker([], { cpu: 0 });
  const load = startWorker(new URL('./rate-load.mjs', import.meta.url), { cpu: 1 });
  const stop = async () => {
    await load.stop();
    await running.stop();
  };
  await load.call('connect', { ...running, clients: HEALTHY, bytes: BYTES, channel: CHANNEL, subprotocol: 'wsn.v1' });
  return { running, load, stop, turns: [] };
}

async function figuresOf({ load, turns }) {
  const of = (name) => median(turns.map((turn) => turn[name]));
  return { ...(await load.call('summary')), p99OfTurn: of('p99'), cpuUs: of('cpuUs'), ownShare: of('ownShare') };
}

const ROWS = [
  ['p50, ms', 'p50'],
  ['p99, ms', 'p99'],
  ['p99.9, ms', 'p999'],
  ['p99 of the median second, ms', 'p99OfTurn'],
  ['µs of CPU a notification', 'cpuUs'],
];

function print({ sides, dropped, rounds, command }) {
  const of = (side, name) => median(sides[side].map((figures) => figures[name]));
  const share = Math.max(of('without', 'ownShare'), of('beside', 'ownShare'));
  printReport({
    title: `${HEALTHY} healthy readers beside ${STUCK} that never read`,
    command,
    columns: ['of the healthy', 'without them', 'beside them', 'ratio'],
    rows: ROWS.map(([title, name]) => [title, of('without', name), of('beside', name), of('beside', name) / of('without', name)]),
    notes: [
      `Medians of ${rounds} rounds: ${RATE} notifications a second with ${BYTES.toLocaleString('en-US')} bytes of data, sent at planned moments whatever the broker does; nothing was missing.`,
      `The broker dropped ${dropped} readers that never read, and each was replaced at once. The generator was busy ${Math.round(share * 100)} % of its time.`,
    ],
  });
}
