import { startBroker, startNaive } from '../lib/broker.mjs';
import { printReport } from '../lib/report.mjs';
import { median } from '../lib/statistics.mjs';
import { startWorker } from '../lib/worker.mjs';

const FEW = 1_000;
const MANY = 100_000;
const PEERS = 100;
const MATCHING = 10;
const WINDOW = 64;
/** The two brokers of a pair take turns, so that both see the same machine. */
const TURNS = 16;

const BROKERS = [
  { name: 'ours', start: () => startBroker([], { cpu: 0 }), subprotocol: 'wsn.v1', notifications: 48_000 },
  { name: 'naive', start: () => startNaive({ cpu: 0 }), subprotocol: undefined, notifications: 80 },
];

/** What a notification costs beside few and beside many subscriptions of the same topic that do not match it. */
export async function measureBystanders({ rounds, isQuick, command }) {
  const many = isQuick ? MANY / 10 : MANY;
  const brokers = isQuick ? BROKERS.slice(0, 1) : BROKERS;
  const figures = brokers.map(() => ({ few: [], many: [] }));
  for (let round = 0; round < rounds; round++) {
    for (const [at, broker] of brokers.entries()) {
      const notifications = isQuick ? broker.notifications / 20 : broker.notifications;
      const [few, beside] = await pair(broker, [FEW, many], Math.max(1, notifications / TURNS));
      figures[at].few.push(few);
      figures[at].many.push(beside);
    }
  }
  printReport({
    title: `A notification that matches ${MATCHING} of many subscriptions of its topic`,
    command,
    columns: ['broker', `µs of CPU beside ${FEW.toLocaleString('en-US')} others`, `beside ${many.toLocaleString('en-US')}`, 'ratio'],
    rows: brokers.map(({ name }, at) => {
      const [few, beside] = [median(figures[at].few), median(figures[at].many)];
      return [name, few, beside, beside / few];
    }),
    notes: [
      `Medians of ${rounds} rounds; the ${MATCHING} deliveries are in the figure. The others are held by ${PEERS} peers on channels that nobody publishes to.`,
    ],
  });
}

/** Microseconds of CPU a notification of two brokers that differ in how many others they hold. */
async function pair(broker, others, notifications) {
  const sides = [];
  try {
    for (const count of others) sides.push(await side(broker, count));
    // What is not measured: the code is compiled, and what subscribing has left behind is collected.
    for (const { load } of sides) await load.call('run', { notifications, window: WINDOW });
    const costs = sides.map(() => 0);
    for (let turn = 0; turn < TURNS; turn++) {
      for (const [at, { load }] of sides.entries()) {
        const { brokerMs } = await load.call('run', { notifications, window: WINDOW });
        costs[at] += (brokerMs * 1_000) / notifications / TURNS;
      }
    }
    return costs;
  } finally {
    for (const { load, running } of sides) {
      await load.stop();
      await running.stop();
    }
  }
}

async function side(broker, count) {
  const running = await broker.start();
  const load = startWorker(new URL('./window-load.mjs', import.meta.url), { cpu: 1 });
  const others = { peers: PEERS, subscriptions: count / PEERS };
  await load.call('connect', { ...running, clients: MATCHING, channels: 1, bytes: 200, subprotocol: broker.subprotocol, others });
  return { running, load };
}
