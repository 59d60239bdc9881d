import process from 'node:process';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Filters, matches, type Notification, type Subscription } from '../../../src/protocol/index.js';
import { startTestBroker } from '../../support/broker.js';
import { startFlakyLine } from '../../support/flaky-line.js';
import { type Client, createClient } from '../../support/one-set-client.js';
import { patiently } from '../../support/patiently.js';

/** `CUTS_SECONDS=60` for the whole of it; each run has other luck than the one before, unless `CUTS_SEED` is given. */
const SECONDS = Number(process.env.CUTS_SECONDS ?? 4);
const SEED = Number(process.env.CUTS_SEED ?? Date.now() % 1_000_000);

const SUBSCRIBERS = 200;
const NOTIFICATIONS_A_SECOND = 500;
/** A subscriber is away for up to 2 s, and not for long after it is back. */
const CUTS_A_SECOND = 80;
const TICK_MS = 10;

const CHANNELS = 40;
const PAGES = ['messages', 'orders'] as const;

/** A random number from 0 to below 1, the same ones for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What subscribers ask for: a channel, some channels, whatever is urgent, an object's member. */
function filtersOf(index: number): Filters {
  const channel = String(index % CHANNELS);
  const kinds: readonly Filters[] = [
    { channel },
    { channel: [channel, String((index + 7) % CHANNELS), '3'] },
    { urgent: true },
    { from: { shop: String(index % 10) }, channel: [channel, String((index + 1) % CHANNELS)] },
  ];
  return kinds[index % kinds.length] as Filters;
}

function notificationOf(number: number, random: () => number): Notification {
  const channel = String(Math.floor(random() * CHANNELS));
  const filters = { channel, from: { shop: String(number % 10), user: `u${number % 7}` }, ...(random() < 0.05 ? { urgent: number } : {}) };
  return { package: 'p', page: PAGES[random() < 0.7 ? 0 : 1] as string, filters, data: number, message: 'm'.repeat(100) };
}

/** One application: what it hears, and what it must have heard. */
class Application {
  readonly heard = new Map<string, number[]>();
  readonly due = new Map<string, number[]>();
  readonly client: Client;
  readonly #subscriptions: readonly Subscription[];
  count = 0;
  dueCount = 0;
  resets = 0;

  constructor(url: string, index: number) {
    const pages = index % 5 === 0 ? PAGES : [PAGES[index % 2] as string];
    this.#subscriptions = pages.map((page) => ({ package: 'p', page, filters: filtersOf(index) }));
    this.client = createClient({
      url,
      WebSocket,
      backoff: { initialMs: 2000, maxMs: 2000 },
      onNotification: ({ notification: { page, data } }) => {
        add(this.heard, page, data as number);
        this.count++;
      },
      onReset: () => this.resets++,
    });
  }

  async begin(): Promise<void> {
    await this.client.subscribe(this.#subscriptions);
  }

  published(notification: Notification): void {
    if (!this.#subscriptions.some((subscription) => matches(subscription, notification))) return;
    add(this.due, notification.page, notification.data as number);
    this.dueCount++;
  }
}

function add(lists: Map<string, number[]>, page: string, number: number): void {
  const list = lists.get(page);
  if (list) list.push(number);
  else lists.set(page, [number]);
}

/** Publishes at the rate for the time, and cuts lines meanwhile; resolves when all of it is acknowledged. */
async function storm(publisher: Client, { publish, cut }: { publish(): Promise<unknown>; cut(): void }): Promise<void> {
  const receipts: Promise<unknown>[] = [];
  const begin = performance.now();
  let published = 0;
  let cuts = 0;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const seconds = Math.min(SECONDS, (performance.now() - begin) / 1000);
      for (; published < seconds * NOTIFICATIONS_A_SECOND; published++) receipts.push(publish());
      for (; cuts < seconds * CUTS_A_SECOND; cuts++) cut();
      if (seconds < SECONDS) return;
      clearInterval(timer);
      resolve();
    }, TICK_MS);
  });
  await Promise.all(receipts);
  expect(publisher.stats.published).toBe(SECONDS * NOTIFICATIONS_A_SECOND);
}

test(
  `${SUBSCRIBERS} subscribers whose lines break again and again for up to 2 s miss nothing, hear nothing twice and in order (R-5.4, R-2.9)`,
  async () => {
    const random = seeded(SEED);
    await using broker = await startTestBroker();
    await using line = await startFlakyLine(broker.port);
    await using publisher = createClient({ url: broker.url, WebSocket });
    const applications = Array.from({ length: SUBSCRIBERS }, (_, index) => new Application(line.url, index));
    await Promise.all(applications.map((application) => application.begin()));
    let number = 0;
    await storm(publisher, {
      publish: () => {
        const notification = notificationOf(++number, random);
        for (const application of applications) application.published(notification);
        return publisher.publish(notification);
      },
      cut: () => line.cutOne(random),
    });
    await patiently(() => applications.every(({ count, dueCount }) => count >= dueCount), 'everybody to have heard all of it');
    await Promise.all(applications.map(({ client }) => client.close()));
    const reconnects = applications.reduce((sum, { client }) => sum + client.stats.reconnects, 0);
    const deliveries = applications.reduce((sum, { count }) => sum + count, 0);
    if (process.env.CUTS_SECONDS) process.stdout.write(`${JSON.stringify({ seed: SEED, number, deliveries, reconnects })}\n`);
    for (const [index, { heard, due, resets }] of applications.entries()) {
      expect(heard, `application ${index}, CUTS_SEED=${SEED}`).toEqual(due);
      expect(resets).toBe(0);
    }
    // Everybody lost the line more than once, and most notifications had somebody to hear them.
    expect(reconnects).toBeGreaterThan(SUBSCRIBERS);
    expect(deliveries).toBeGreaterThan(number * 4);
  },
  30_000 + SECONDS * 2000,
);
