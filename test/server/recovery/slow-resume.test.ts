import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Filters, matches, type Notification } from '../../../src/protocol/index.js';
import type { Broker } from '../../../src/server/index.js';
import { startTestBroker } from '../../support/broker.js';
import { type Client, createClient } from '../../support/one-set-client.js';
import { patiently } from '../../support/patiently.js';

const TOPIC = { package: 'p', page: 'q' };

/** More for each channel than the kernel takes for a reader that does not read (10 MiB with Linux's defaults). */
const COUNT = 1900;
const BYTES = 16 * 1024;

/** What readers want: about half of all each. */
const WANTED: readonly Filters[] = [{ channel: '0' }, { channel: ['1', '7'] }, { tags: { odd: true } }];

function notificationOf(number: number): Notification {
  const isOdd = number % 2 === 1;
  const filters = { channel: String(number % 2), tags: isOdd ? { odd: number } : {} };
  return { ...TOPIC, filters, data: number, message: 'm'.repeat(BYTES) };
}

/** An application that can stop reading. */
class Reader {
  readonly heard: number[] = [];
  readonly client: Client;
  readonly #sockets: WebSocket[] = [];
  readonly #filters: Filters;
  resets = 0;
  recovered = 0;

  constructor(broker: Broker, filters: Filters) {
    const sockets = this.#sockets;
    this.#filters = filters;
    this.client = createClient({
      url: broker.url,
      WebSocket: class extends WebSocket {
        constructor(url: string, protocols?: string[]) {
          super(url, protocols);
          sockets.push(this);
        }
      },
      subscriptions: [{ ...TOPIC, filters }],
      backoff: { initialMs: 5, maxMs: 20 },
      onNotification: ({ notification }) => this.heard.push(notification.data as number),
      onReset: () => this.resets++,
      onRecovered: (topics) => {
        for (const { replayed = 0 } of topics) this.recovered += replayed;
      },
    });
  }

  /** Resolves when the subscription is in force. */
  async begin(): Promise<void> {
    await this.client.subscribe([{ ...TOPIC, filters: this.#filters }]);
  }

  stopReading(): void {
    this.#sockets.at(-1)?.pause();
  }

  readAgain(): void {
    this.#sockets.at(-1)?.resume();
  }

  get due(): readonly number[] {
    const numbers = Array.from({ length: COUNT }, (_, index) => index + 1);
    return numbers.filter((number) => matches({ ...TOPIC, filters: this.#filters }, notificationOf(number)));
  }
}

async function publishAll(broker: Broker): Promise<void> {
  await using publisher = createClient({ url: broker.url, WebSocket });
  for (let number = 1; number <= COUNT; number++) {
    const receipt = publisher.publish(notificationOf(number));
    if (number % 20 === 0 || number === COUNT) await receipt;
  }
}

describe('readers that are cut off because they take nothing', { timeout: 60_000 }, () => {
  it('lose nothing: the history gives them the rest, once and in order, and nobody else waits for it (R-4.1, R-5.4)', async () => {
    const MIB = 1024 * 1024;
    await using broker = await startTestBroker({ slowReaderTimeoutMs: 300, maxOutboxBytes: 64 * MIB, historyBytes: 256 * MIB });
    const readers = WANTED.map((filters) => new Reader(broker, filters));
    const quick = new Reader(broker, {});
    await Promise.all([...readers, quick].map((reader) => reader.begin()));
    for (const reader of readers) reader.stopReading();
    await publishAll(broker);
    await patiently(() => quick.heard.length === COUNT, 'the one that reads to have heard everything');
    await patiently(() => broker.stats().tooSlow === readers.length, 'the others to be cut off');
    for (const reader of readers) reader.readAgain();
    await patiently(() => readers.every((reader) => reader.heard.length >= reader.due.length), 'the rest');
    await Promise.all([...readers, quick].map(({ client }) => client.close()));
    for (const reader of readers) {
      expect(reader.heard).toEqual(reader.due);
      expect([reader.client.stats.reconnects, reader.resets]).toEqual([1, 0]);
      expect(reader.recovered).toBeGreaterThan(0);
    }
    expect(quick.client.stats.reconnects).toBe(0);
  });

  it('are told that something is lost when it is more than a replay may bring, and hear what comes then (R-5.4)', async () => {
    await using broker = await startTestBroker({ slowReaderTimeoutMs: 300, maxOutboxBytes: 1024 * 1024, historyBytes: 256 * 1024 * 1024 });
    const reader = new Reader(broker, {});
    await using _ = reader.client;
    await reader.begin();
    reader.stopReading();
    await publishAll(broker);
    await patiently(() => broker.stats().tooSlow === 1, 'it to be cut off');
    reader.readAgain();
    await patiently(() => reader.resets === 1, 'it to be told');
    await reader.client.publish({ ...TOPIC, data: -1 });
    await patiently(() => reader.heard.at(-1) === -1, 'what is live');
    const numbers = reader.heard.slice(0, -1);
    expect(numbers).toEqual(numbers.map((_number, index) => index + 1));
    expect(numbers.length).toBeLessThan(COUNT);
  });
});
