import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Filters, matches, type Subscription } from '../../../src/protocol/index.js';
import type { Durability } from '../../../src/server/options.js';
import { startMortalBroker } from '../../support/mortal-broker.js';
import { type Client, createClient } from '../../support/one-set-client.js';
import { patiently } from '../../support/patiently.js';
import { readStored, type Stored } from '../../support/stored.js';
import { notificationOf, PAGES, startPublisher, WAYS, type Way } from './publishers.js';

/** `KILL_ROUNDS=50` for the whole of it; rounds for each durability. */
const ROUNDS = Number(process.env.KILL_ROUNDS ?? 3);

/** What the subscribers want of each page. */
const WANTED: readonly Filters[] = [{}, { way: true }, { way: 'http' }, { way: ['client with retry', 'client without retry'] }];

/** An application that follows every page with the same filters. */
class Follower {
  readonly heard: Stored[] = [];
  readonly client: Client;
  readonly #subscriptions: readonly Subscription[];
  resets = 0;
  recovered = 0;

  constructor(url: string, filters: Filters) {
    this.#subscriptions = PAGES.map((page) => ({ package: 'p', page, filters }));
    this.client = createClient({
      url,
      WebSocket,
      backoff: { initialMs: 5, maxMs: 50 },
      onNotification: ({ notification, position }) => {
        if (position) this.heard.push({ notification, position });
      },
      onReset: () => this.resets++,
      onRecovered: (topics) => {
        for (const { replayed = 0 } of topics) this.recovered += replayed;
      },
    });
  }

  async begin(): Promise<void> {
    await this.client.subscribe(this.#subscriptions);
  }

  dueOf(stored: readonly Stored[]): readonly Stored[] {
    return byPage(stored.filter(({ notification }) => this.#subscriptions.some((subscription) => matches(subscription, notification))));
  }
}

/** In the order of each topic; of two topics nobody is promised an order. */
function byPage(all: readonly Stored[]): readonly Stored[] {
  return PAGES.flatMap((page) => all.filter(({ notification }) => notification.page === page));
}

/** How often each number of a publisher is in the log. */
function countsOf(stored: readonly Stored[], way: Way): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { notification } of stored) {
    if ((notification.filters as { way: string }).way !== way) continue;
    const number = notification.data as number;
    counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  return counts;
}

test.each<Durability>(['batched', 'fsync'])(
  'a broker with a log that is %s is killed again and again: all that it acknowledged is there once, and everybody hears it once (R-5.7, R-5.8, R-5.4)',
  async (durability) => {
    await using broker = await startMortalBroker(durability);
    const followers = WANTED.map((filters) => new Follower(broker.url, filters));
    await Promise.all(followers.map((follower) => follower.begin()));
    const publishers = WAYS.map((way) => startPublisher(way, broker.url));
    for (let round = 0; round < ROUNDS; round++) {
      await sleep(50 + Math.random() * 250);
      await broker.kill();
      await broker.start();
    }
    await sleep(50);
    await Promise.all(publishers.map((publisher) => publisher.stop()));

    // A fence in every topic: whatever came twice has come before it.
    await using last = createClient({ url: broker.url, WebSocket });
    for (const number of PAGES.keys()) await last.publish(notificationOf('http', 1_000_000 + number));
    await last.publish(notificationOf('client with retry', 1_000_000));
    await last.publish(notificationOf('client with retry', 1_000_001));
    const fences = (follower: Follower) => follower.heard.filter(({ notification }) => (notification.data as number) >= 1_000_000).length;
    await patiently(() => followers.every((follower, index) => fences(follower) === (index < 2 ? 4 : 2)), 'the fences');
    await Promise.all([...followers, { client: last }].map(({ client }) => client.close()));
    await broker.stop();

    const stored = await readStored(broker.folder);
    for (const page of PAGES) {
      const positions = stored.filter(({ notification }) => notification.page === page).map(({ position }) => position);
      // One epoch through all lives, from its first notification, without a hole.
      expect(positions.map(({ offset }) => offset)).toEqual(positions.map((_, index) => index + 1));
      expect(new Set(positions.map(({ epoch }) => epoch)).size).toBe(1);
    }
    for (const { way, acknowledged, begun } of publishers) {
      const counts = countsOf(stored, way);
      const missing = [...acknowledged].filter((number) => !counts.has(number));
      const twice = [...counts].filter(([, count]) => count > 1).map(([number]) => number);
      expect({ way, missing, twice }).toEqual({ way, missing: [], twice: [] });
      expect(acknowledged.size).toBeGreaterThan(way === 'client without retry' ? 0 : begun - 1);
    }
    for (const follower of followers) {
      expect(byPage(follower.heard)).toEqual(follower.dueOf(stored));
      expect(follower.resets).toBe(0);
    }
    if (process.env.KILL_ROUNDS) {
      const recovered = followers.map((follower) => follower.recovered);
      const acknowledged = publishers.map((publisher) => publisher.acknowledged.size);
      process.stdout.write(`${JSON.stringify({ durability, rounds: ROUNDS, stored: stored.length, acknowledged, recovered })}\n`);
    }
  },
  30_000 + ROUNDS * 5000,
);
