/**
 * What a publication costs the broker, by the way on which it comes: CPU of the broker's process a notification, in its
 * first thousands (cold) and when it has run for a while (warm), without subscribers and with ten that it matches.
 *
 *   node benchmarks/publish.mjs [--quick] [--rounds N] [--only WAY,…]
 *
 * Every way has the same number of publications under way, each waits for its own answer: a receipt, a 200, or the
 * close frame that a base publisher gets. A round runs all ways in turn, each against a fresh broker.
 */
import { startBroker } from './lib/broker.mjs';
import { cpuMs } from './lib/process-cost.mjs';
import { NOTIFICATION, openSubscribers, WAYS } from './lib/publish-ways.mjs';
import { printReport } from './lib/report.mjs';
import { isQuick, roundsFrom } from './lib/rounds.mjs';
import { median } from './lib/statistics.mjs';

const SUBSCRIBERS = [0, 10];
const BASELINE = 'ephemeral';

const quick = isQuick(process.argv);
const rounds = roundsFrom(process.argv);
const counts = quick ? { cold: 500, warmUp: 0, warm: 500 } : { cold: 5000, warmUp: 8000, warm: 8000 };
const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1]?.split(',') : undefined;
const names = Object.keys(WAYS).filter((name) => !only || only.includes(name));

/** @type {Map<string, { cold: number[], warm: number[] }>} */
const measured = new Map();
for (let round = 0; round < rounds; round++) {
  for (const subscribers of SUBSCRIBERS) {
    for (const name of names) {
      const costs = await measure(name, subscribers);
      const key = keyOf(name, subscribers);
      const kept = measured.get(key) ?? { cold: [], warm: [] };
      kept.cold.push(costs.cold);
      kept.warm.push(costs.warm);
      measured.set(key, kept);
    }
  }
}

printReport({
  title: 'What a publication costs',
  command: 'npm run bench:publish',
  columns: ['way', 'matching', 'cold, µs', 'warm, µs', `cold / ${BASELINE}`, `warm / ${BASELINE}`],
  rows: SUBSCRIBERS.flatMap((subscribers) => names.map((name) => rowOf(name, subscribers))),
  notes: [
    `CPU of the broker's process a notification (${NOTIFICATION.length} bytes), medians of ${rounds} rounds; the log is on, as by default.`,
    `cold: the first ${counts.cold} of a fresh broker; warm: ${counts.warm} after ${counts.cold + counts.warmUp}.`,
    'With matching subscribers the cost of the deliveries is in it.',
  ],
});

/**
 * @param {string} name
 * @param {number} subscribers
 * @returns {Promise<{ cold: number, warm: number }>} microseconds a notification
 */
async function measure(name, subscribers) {
  const broker = await startBroker([], { cpu: 0 });
  try {
    const readers = await openSubscribers(broker.port, subscribers);
    const publisher = await /** @type {import('./lib/publish-ways.mjs').Way} */ (WAYS[name])(broker.port);
    let total = 0;
    /** @param {number} count */
    const costOf = async (count) => {
      const before = cpuMs(broker.pid);
      await publisher.publish(count);
      total += count;
      await readers.received(total);
      return ((cpuMs(broker.pid) - before) * 1000) / count;
    };
    const cold = await costOf(counts.cold);
    if (counts.warmUp > 0) await costOf(counts.warmUp);
    const warm = await costOf(counts.warm);
    publisher.close();
    readers.close();
    return { cold, warm };
  } finally {
    await broker.stop();
  }
}

/**
 * @param {string} name
 * @param {number} subscribers
 */
function rowOf(name, subscribers) {
  const baseline = measured.get(keyOf(BASELINE, subscribers));
  const own = /** @type {{ cold: number[], warm: number[] }} */ (measured.get(keyOf(name, subscribers)));
  const ratio = (/** @type {'cold' | 'warm'} */ kind) => (baseline ? (median(own[kind]) / median(baseline[kind])).toFixed(2) : '');
  return [name, subscribers, median(own.cold).toFixed(1), median(own.warm).toFixed(1), ratio('cold'), ratio('warm')];
}

/**
 * @param {string} name
 * @param {number} subscribers
 */
function keyOf(name, subscribers) {
  return `${name} ${subscribers}`;
}
