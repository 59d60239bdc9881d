import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker } from '../lib/broker.mjs';
import { cpuMs } from '../lib/process-cost.mjs';
import { NOTIFICATION, openSubscribers, WAYS } from '../lib/publish-ways.mjs';
import { printReport } from '../lib/report.mjs';
import { median } from '../lib/statistics.mjs';

/** Publishers at the same time, each with 8 notifications under way. */
const PUBLISHERS = [1, 16];
const LOGS = ['memory', 'batched', 'fsync'];
const SUBSCRIBERS = 10;

/**
 * Notifications a second, and what one costs, with the log in memory and on disk.
 * @param {{ readonly rounds: number, readonly isQuick: boolean, readonly command: string }} how
 */
export async function measureLog({ rounds, isQuick, command }) {
  const count = isQuick ? 400 : 20_000;
  /** @type {Map<string, { rate: number[], cost: number[] }>} */
  const measured = new Map();
  for (let round = 0; round < rounds; round++) {
    for (const publishers of PUBLISHERS) {
      for (const log of LOGS) {
        const { rate, cost } = await measure(log, publishers, count);
        const key = `${log} ${publishers}`;
        const kept = measured.get(key) ?? { rate: [], cost: [] };
        kept.rate.push(rate);
        kept.cost.push(cost);
        measured.set(key, kept);
      }
    }
  }
  printReport({
    title: 'What a log on disk costs',
    command,
    columns: ['log', 'publishers', 'notifications/s', 'of memory', 'CPU each, µs', 'of memory'],
    rows: PUBLISHERS.flatMap((publishers) => LOGS.map((log) => rowOf(measured, log, publishers))),
    notes: [
      `Each publisher keeps a v1 connection and 8 notifications (${NOTIFICATION.length} bytes) under way; ${SUBSCRIBERS} subscribers get all of them; medians of ${rounds} rounds.`,
      `${count} notifications, after a quarter as many that are not counted; broker on one core, the rest on another.`,
    ],
  });
}

async function measure(log, publishers, count) {
  const folder = mkdtempSync(join(tmpdir(), 'wsn-bench-data-'));
  const options = log === 'memory' ? [] : ['--data', folder, '--durability', log];
  const broker = await startBroker(['--publish-rate', '0', ...options], { cpu: 0 });
  try {
    const readers = await openSubscribers(broker.port, SUBSCRIBERS);
    const lines = await Promise.all(Array.from({ length: publishers }, () => WAYS['v1 kept open'](broker.port)));
    const each = Math.ceil(count / publishers);
    let total = 0;
    const publish = async (ofEach) => {
      await Promise.all(lines.map((line) => line.publish(ofEach)));
      total += ofEach * publishers;
      await readers.received(total);
    };
    await publish(Math.ceil(each / 4));
    const cpuBefore = cpuMs(broker.pid);
    const before = performance.now();
    await publish(each);
    const seconds = (performance.now() - before) / 1000;
    const cost = ((cpuMs(broker.pid) - cpuBefore) * 1000) / (each * publishers);
    for (const line of lines) line.close();
    readers.close();
    return { rate: (each * publishers) / seconds, cost };
  } finally {
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function rowOf(measured, log, publishers) {
  const own = measured.get(`${log} ${publishers}`);
  const memory = measured.get(`memory ${publishers}`);
  const [rate, cost] = [median(own.rate), median(own.cost)];
  return [log, publishers, rate, (rate / median(memory.rate)).toFixed(2), cost, (cost / median(memory.cost)).toFixed(2)];
}
