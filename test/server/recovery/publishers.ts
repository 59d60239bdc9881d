import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Notification } from '../../../src/protocol/index.js';
import { createClient } from '../../support/one-set-client.js';

export const PAGES = ['a', 'b'] as const;

/** How many of one publisher are on their way at the same time. */
const UNDER_WAY = 32;

/** Between two of one publisher. */
const PAUSE_MS = 1;

/** The ways to publish; all but the last try again with a key until there is a receipt. */
export const WAYS = ['client with retry', 'http', 'client without retry'] as const;

export type Way = (typeof WAYS)[number];

/** Publishes until it is told to stop, and remembers what was acknowledged. */
export interface BusyPublisher {
  readonly way: Way;
  /** Numbers of those that the broker has acknowledged. */
  readonly acknowledged: ReadonlySet<number>;
  /** How many it has begun, from 1 up. */
  readonly begun: number;
  /** Begins no more; resolves when all that it has begun has ended. */
  stop(): Promise<void>;
}

/** What one publication carries: who it is from, and the how-manieth of it. */
export function notificationOf(way: Way, number: number): Notification {
  return { package: 'p', page: PAGES[number % PAGES.length] as string, filters: { way }, data: number };
}

export function startPublisher(way: Way, url: string): BusyPublisher {
  const client = createClient({ url, WebSocket, backoff: { initialMs: 5, maxMs: 20 } });
  const acknowledged = new Set<number>();
  const underWay = new Set<Promise<void>>();
  let begun = 0;
  let isStopped = false;
  const publish = async (number: number): Promise<void> => {
    const notification = notificationOf(way, number);
    if (way === 'http') await post(url, notification, `${way} ${number}`);
    else await client.publish(notification, { retry: way === 'client with retry' });
    acknowledged.add(number);
  };
  const work = async (): Promise<void> => {
    while (!isStopped) {
      // Without a key nobody knows what became of one that was on its way when the broker died.
      const one = publish(++begun).catch((error: unknown) => {
        if (way !== 'client without retry') throw error;
      });
      underWay.add(one);
      void one.finally(() => underWay.delete(one)).catch(() => {});
      if (underWay.size >= UNDER_WAY) await Promise.race(underWay);
      await sleep(PAUSE_MS);
    }
    await Promise.all(underWay);
    await client.close();
  };
  const done = work();
  return {
    way,
    acknowledged,
    get begun() {
      return begun;
    },
    stop() {
      isStopped = true;
      return done;
    },
  };
}

/** Asks again and again with the same key until the broker has answered with a receipt. */
async function post(url: string, notification: Notification, key: string): Promise<void> {
  for (;;) {
    try {
      const response = await fetch(`${url.replace('ws:', 'http:')}/notify`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify(notification),
      });
      const text = await response.text();
      if (response.ok) return;
      if (response.status !== 503) throw new RangeError(text);
    } catch (error) {
      if (error instanceof RangeError) throw error;
    }
    await sleep(10);
  }
}
