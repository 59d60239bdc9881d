// A worker: subscribers, and one publisher that sends at planned moments, whatever the broker does.
import { setTimeout as sleep } from 'node:timers/promises';
import { dial } from '../lib/dial.mjs';
import { notificationFor, numberOf, subscribing } from '../lib/load.mjs';
import { cpuMs } from '../lib/process-cost.mjs';
import { percentile } from '../lib/statistics.mjs';
import { serveCalls } from '../lib/worker.mjs';

/** How long what is under way at the end may take. */
const PATIENCE_MS = 10_000;

let pid;
let notification;
let publisher;
let readers = 0;
/** Of one run, as far as they have come; in ms. */
let latencies = new Float64Array(0);
let count = 0;
/** Of all runs since `connect`. */
let all = [];
let failure;
/** Microseconds of this process's clock, and the number of the last notification. */
let sentLast = 0;
let wake = () => {};

serveCalls({ connect, run, summary });

async function connect(plan) {
  ({ pid, clients: readers } = plan);
  notification = notificationFor(plan.channel, plan.bytes);
  for (let index = 0; index < readers; index++) {
    const line = await dial({ port: plan.port, onText: reader(), onClose: lost });
    line.send(subscribing([plan.channel]));
    await line.barrier();
  }
  publisher = await dial({ port: plan.port, subprotocol: plan.subprotocol, onClose: lost });
  await run({ rate: 100, seconds: 1 });
  all = [];
}

/**
 * Latencies count from the moment of writing to that at which a subscriber has the whole delivery; no writing waits for one.
 * @returns the p99 in ms, microseconds of the broker's CPU a notification, and this process's share of its own CPU.
 */
async function run({ rate, seconds }) {
  const sends = rate * seconds;
  count = 0;
  latencies = new Float64Array(sends * readers);
  const arrived = new Promise((resolve) => {
    wake = resolve;
  });
  const own = process.cpuUsage();
  const cpu = cpuMs(pid);
  const start = performance.now();
  for (let index = 0; index < sends; index++) {
    await reach(start + (index * 1_000) / rate);
    sentLast = Math.max(sentLast + 1, Math.round(performance.now() * 1_000));
    publisher.send(notification.numbered(sentLast));
  }
  const late = setTimeout(wake, PATIENCE_MS);
  await arrived;
  clearTimeout(late);
  const { user, system } = process.cpuUsage(own);
  failure ??= count === latencies.length ? undefined : `${latencies.length - count} of ${latencies.length} deliveries are missing`;
  if (failure !== undefined) throw new Error(`found that ${failure}; expected every delivery once, in order and whole`);
  all.push(latencies);
  return {
    p99: percentile(latencies, 0.99),
    cpuUs: ((cpuMs(pid) - cpu) * 1_000) / sends,
    ownShare: (user + system) / 1_000 / (performance.now() - start),
  };
}

/** Percentiles of all that was run, in ms. */
function summary() {
  const together = all.flatMap((run) => [...run]);
  return { p50: percentile(together, 0.5), p99: percentile(together, 0.99), p999: percentile(together, 0.999) };
}

/** A timer ticks each millisecond, so it may be that much late; what it is late does not add up. */
async function reach(moment) {
  const rest = moment - performance.now();
  if (rest > 0) await sleep(rest);
}

/** The number of a notification is the moment at which it was written, so it grows. */
function reader() {
  let last = 0;
  return (bytes, start, end) => {
    const number = numberOf(bytes, end);
    if (number <= last) failure ??= 'a delivery came twice or out of order';
    if (end - start !== notification.length) failure ??= 'a delivery was not whole';
    last = number;
    latencies[count++] = performance.now() - number / 1_000;
    if (count === latencies.length) wake();
  };
}

function lost() {
  failure ??= 'the broker closed a connection';
  wake();
}
