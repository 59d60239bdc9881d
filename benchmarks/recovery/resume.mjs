import { startBroker } from '../lib/broker.mjs';
import { dial } from '../lib/dial.mjs';
import { cpuMs } from '../lib/process-cost.mjs';
import { printReport } from '../lib/report.mjs';
import { median } from '../lib/statistics.mjs';

const TOPIC = { package: 'bench', page: 'recovery' };
const SUBSCRIPTION = { ...TOPIC, filters: { values: { channel: ['1', '2', '3'] } } };
const MESSAGE = JSON.stringify({
  sender: 'server',
  notification: { ...TOPIC, filters: { values: { channel: '2' } }, data: 'x'.repeat(200) },
});

/**
 * What it costs the broker that many clients come back and get what they missed, beside delivering the same to them live.
 * @param {{ readonly rounds: number, readonly isQuick: boolean, readonly command: string }} how
 */
export async function measureResume({ rounds, isQuick, command }) {
  const clients = isQuick ? 50 : 1000;
  const missed = isQuick ? 10 : 100;
  const measured = { live: [], burst: [], connecting: [], resuming: [] };
  for (let round = 0; round < rounds; round++) {
    const costs = await measure(clients, missed);
    for (const [name, kept] of Object.entries(measured)) kept.push(costs[name]);
  }
  const live = median(measured.live);
  const row = (what, name) => [what, median(measured[name]), (median(measured[name]) / live).toFixed(2)];
  printReport({
    title: 'What coming back costs',
    command,
    columns: ['what', 'CPU, ms', 'of live'],
    rows: [
      row('live, one at a time', 'live'),
      row('live, all at once', 'burst'),
      row('resuming', 'resuming'),
      row('connecting again, before that', 'connecting'),
    ],
    notes: [
      `CPU of the broker's process for ${clients} clients of wsn.v1 and ${missed} notifications to each of them, whose filters match; medians of ${rounds} rounds.`,
      'Resuming is from the message of subscriptions to the last notification of the replay.',
    ],
  });
}

async function measure(clients, missed) {
  const broker = await startBroker(['--publish-rate', '0'], { cpu: 0 });
  try {
    const costOf = async (act) => {
      const before = cpuMs(broker.pid);
      await act();
      return cpuMs(broker.pid) - before;
    };
    const publisher = await openPublisher(broker.port);
    const crowd = await openCrowd(broker.port, clients);
    const { epoch } = await crowd.subscribe(undefined);
    await publisher.oneByOne(missed);
    await crowd.received(missed);
    const live = await costOf(async () => {
      await publisher.oneByOne(missed);
      await crowd.received(2 * missed);
    });
    const burst = await costOf(async () => {
      await publisher.atOnce(missed);
      await crowd.received(3 * missed);
    });
    crowd.close();
    await publisher.atOnce(missed);
    let back;
    const connecting = await costOf(async () => {
      back = await openCrowd(broker.port, clients);
    });
    const resuming = await costOf(async () => {
      await back.subscribe({ ...TOPIC, epoch, offset: 3 * missed });
      await back.received(missed);
    });
    back.close();
    publisher.close();
    return { live, burst, connecting, resuming };
  } finally {
    await broker.stop();
  }
}

/** Publishes on one connection and counts receipts. */
async function openPublisher(port) {
  let receipts = 0;
  let look = () => {};
  const line = await dial({
    port,
    subprotocol: 'wsn.v1',
    onText(bytes, start, end) {
      if (bytes.includes('"receipt"', start) && end > start) receipts++;
      look();
    },
  });
  const until = (count) =>
    new Promise((resolve) => {
      look = () => {
        if (receipts >= count) resolve(undefined);
      };
      look();
    });
  return {
    async oneByOne(count) {
      for (let sent = 0; sent < count; sent++) {
        const target = receipts + 1;
        line.send(MESSAGE);
        await until(target);
      }
    },
    async atOnce(count) {
      const target = receipts + count;
      for (let sent = 0; sent < count; sent++) line.send(MESSAGE);
      await until(target);
    },
    close: () => line.socket.destroy(),
  };
}

/** Clients that count what they get: first of all the hello, and one answer to their subscription. */
async function openCrowd(port, count) {
  let texts = 0;
  let other = 0;
  let epoch;
  let look = () => {};
  const onText = (bytes, start, end) => {
    // A delivery is longer than what else comes, and its notification stands first.
    if (bytes[start + 20] === 0x6e) texts++;
    else {
      other++;
      epoch ??= /"epoch":"([^"]+)"/.exec(bytes.toString('latin1', start, end))?.[1];
    }
    look();
  };
  const until = (isSo) =>
    new Promise((resolve) => {
      look = () => {
        if (isSo()) resolve(undefined);
      };
      look();
    });
  const lines = [];
  for (let opened = 0; opened < count; opened += 50) {
    const some = Array.from({ length: Math.min(50, count - opened) }, () => dial({ port, subprotocol: 'wsn.v1', onText }));
    lines.push(...(await Promise.all(some)));
  }
  await until(() => other >= count);
  return {
    async subscribe(position) {
      const resume = position ? { resume: [position] } : {};
      const text = JSON.stringify({ sender: 'client', id: 's', subscriptions: [SUBSCRIPTION], ...resume });
      for (const line of lines) line.send(text);
      await until(() => other >= 2 * count);
      return { epoch };
    },
    received: (each) => until(() => texts >= each * count),
    close() {
      for (const line of lines) line.socket.destroy();
    },
  };
}
