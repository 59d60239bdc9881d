// A worker: subscribers, and one publisher that is at most a window of notifications ahead of what all of them have received.
import { setTimeout as sleep } from 'node:timers/promises';
import { dial } from '../lib/dial.mjs';
import { notificationFor, numberOf, subscribing } from '../lib/load.mjs';
import { cpuMs } from '../lib/process-cost.mjs';
import { serveCalls } from '../lib/worker.mjs';

/** Connections that are opened at the same time. */
const TOGETHER = 50;
/** Without any delivery for so long, what is missing will not come. */
const PATIENCE_MS = 5_000;
/** For what a broker still has to do when everybody is connected. */
const SETTLE_MS = 500;

const audit = { duplicate: 0, missing: 0, unequal: 0, closed: 0 };
let pid;
let channels;
let fan;
let publisher;
let delivered = 0;
let wake = () => {};

serveCalls({ connect, run });

/**
 * @param {object} plan
 * @param {number} plan.pid of the broker
 * @param {number} plan.port
 * @param {number} plan.clients each one subscribes to one channel, in turn
 * @param {number} plan.channels
 * @param {number} plan.bytes of data in a notification
 * @param {string} [plan.subprotocol] of the publisher, so that the broker lets it stay
 * @param {{ peers: number, subscriptions: number }} [plan.others] peers, each with subscriptions that nothing matches
 */
async function connect(plan) {
  ({ pid } = plan);
  fan = plan.clients / plan.channels;
  channels = Array.from({ length: plan.channels }, (_, index) => ({ sent: 0, ...notificationFor(nameOf(index), plan.bytes) }));
  await inBatches(plan.clients, (index) => subscribe(plan.port, [nameOf(index % plan.channels)], reader(channels[index % plan.channels])));
  const { peers, subscriptions } = plan.others ?? { peers: 0, subscriptions: 0 };
  await inBatches(peers, (peer) =>
    subscribe(
      plan.port,
      Array.from({ length: subscriptions }, (_, index) => `other-${peer}-${index}`),
      unexpected,
    ),
  );
  publisher = await dial({ port: plan.port, subprotocol: plan.subprotocol, onClose: lost });
  await publish(channels.length, 1);
  await sleep(SETTLE_MS);
}

/**
 * Publishes round robin over the channels, and then one more for each channel, which nobody counts: what came twice or out of
 * order is seen by then.
 * @returns what it cost.
 */
async function run({ notifications, window }) {
  const own = process.cpuUsage();
  const cpu = cpuMs(pid);
  const start = performance.now();
  await publish(notifications, window);
  const wallMs = performance.now() - start;
  const brokerMs = cpuMs(pid) - cpu;
  const { user, system } = process.cpuUsage(own);
  await publish(channels.length, window);
  if (Object.values(audit).some((count) => count > 0)) {
    throw new Error(`found ${JSON.stringify(audit)}; expected each of ${notifications * fan} deliveries once, in order and whole`);
  }
  return { deliveries: notifications * fan, wallMs, brokerMs, ownShare: (user + system) / 1_000 / wallMs };
}

function publish(notifications, window) {
  delivered = 0;
  let sent = 0;
  return new Promise((resolve, reject) => {
    let seen = -1;
    const timer = setInterval(() => {
      if (delivered === seen)
        settle(() => reject(new Error(`${notifications * fan - delivered} of ${notifications * fan} deliveries are missing`)));
      seen = delivered;
    }, PATIENCE_MS);
    let isPlanned = false;
    const settle = (how) => {
      clearInterval(timer);
      wake = () => {};
      how();
    };
    const pump = () => {
      isPlanned = false;
      if (delivered >= notifications * fan) return settle(resolve);
      while (sent < notifications && sent - Math.floor(delivered / fan) < window) {
        const channel = channels[sent++ % channels.length];
        publisher.send(channel.numbered(channel.sent++));
      }
    };
    wake = () => {
      if (isPlanned) return;
      isPlanned = true;
      setImmediate(pump);
    };
    pump();
  });
}

/** Checks every delivery of one subscriber: its number is one more than that of the one before, and it is whole. */
function reader(channel) {
  let next = 0;
  return (bytes, start, end) => {
    const number = numberOf(bytes, end);
    if (end - start !== channel.length) audit.unequal++;
    if (number < next) audit.duplicate++;
    else {
      audit.missing += number - next;
      delivered += number - next + 1;
      next = number + 1;
    }
    wake();
  };
}

async function subscribe(port, names, onText) {
  const line = await dial({ port, onText, onClose: lost });
  line.send(subscribing(names));
  await line.barrier();
}

async function inBatches(count, open) {
  for (let at = 0; at < count; at += TOGETHER) {
    await Promise.all(Array.from({ length: Math.min(TOGETHER, count - at) }, (_, index) => open(at + index)));
  }
}

function nameOf(index) {
  return String(index).padStart(6, '0');
}

function unexpected() {
  audit.unequal++;
}

function lost() {
  audit.closed++;
}
