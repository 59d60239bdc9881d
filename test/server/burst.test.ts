import { Agent } from 'node:http';
import { describe, expect, it } from 'vitest';
import { OPCODE, writeFrame } from '../../src/peer/index.js';
import type { Broker } from '../../src/server/index.js';
import { startTestBroker } from '../support/broker.js';
import { askHttp } from '../support/http.js';
import { burstText, type OrderedReader, openOrderedReader } from '../support/ordered-reader.js';
import { connect, connectV1 } from '../support/peers.js';

/** How much one publisher sends: so many notifications of about so many bytes. */
interface Burst {
  readonly count: number;
  readonly bytes: number;
}

const PUBLISHERS = Array.from({ length: 100 }, (_, index) => index);
/** A minute: a burst is a lot of work, and machines differ. */
const PATIENCE = { timeout: 60_000 };

function texts(publisher: number, { count, bytes }: Burst): readonly string[] {
  return Array.from({ length: count }, (_, index) => burstText(publisher, index + 1, bytes));
}

/** Everything at once on one connection that stays open; resolves with the number of receipts when all are there. */
async function publishV1(broker: Broker, publisher: number, burst: Burst): Promise<number> {
  let receipts = 0;
  const onMessage = (message: Buffer) => {
    if (message.includes('"receipt"') && ++receipts === burst.count) void peer.close(1000);
  };
  const peer = await connectV1(broker, { onMessage });
  peer.bytes(Buffer.concat(texts(publisher, burst).map((payload) => writeFrame({ opcode: OPCODE.text, payload }))));
  await peer.closed;
  return receipts;
}

/** A connection for each, one after the other; resolves with the number that was closed with 1000. */
async function publishEphemeral(broker: Broker, publisher: number, burst: Burst): Promise<number> {
  let receipts = 0;
  for (const text of texts(publisher, burst)) {
    await using peer = await connect(broker);
    peer.send(text);
    if ((await peer.closed).code === 1000) receipts++;
  }
  return receipts;
}

/** One request after the other on a connection that is kept alive; resolves with the number of 200s. */
async function publishHttp(broker: Broker, publisher: number, burst: Burst): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let receipts = 0;
  for (const body of texts(publisher, burst)) if ((await askHttp(broker, { body, agent })).status === 200) receipts++;
  agent.destroy();
  return receipts;
}

/** All in one list. */
async function publishList(broker: Broker, publisher: number, burst: Burst): Promise<number> {
  const notifications = texts(publisher, burst).map((text) => JSON.parse(text).notification as object);
  const { json } = await askHttp(broker, { body: JSON.stringify({ notifications }) });
  return (json?.receipts as readonly object[] | undefined)?.length ?? 0;
}

type Publish = (broker: Broker, publisher: number, burst: Burst) => Promise<number>;

const WAYS: readonly (readonly [way: string, bytes: number, count: number, publish: Publish])[] = [
  ['on connections that stay open', 2000, 200, publishV1],
  ['on connections that stay open', 64 * 1024, 20, publishV1],
  ['on a connection for each', 2000, 20, publishEphemeral],
  ['by HTTP', 2000, 50, publishHttp],
  ['in lists by HTTP', 2000, 400, publishList],
];

async function openReaders(broker: Broker): Promise<readonly OrderedReader[]> {
  return Promise.all((['v1', 'base', 'v1', 'base'] as const).map((dialect) => openOrderedReader(broker, dialect)));
}

describe('a burst of 100 publishers at once', () => {
  it.each(WAYS)(
    '%s, of %i bytes %i times each, reaches all who keep reading, in order and without a hole (R-2.9)',
    async (...way) => {
      const [, bytes, count, publish] = way;
      await using broker = await startTestBroker();
      const readers = await openReaders(broker);
      const receipts = await Promise.all(PUBLISHERS.map((publisher) => publish(broker, publisher, { count, bytes })));
      expect(receipts).toEqual(PUBLISHERS.map(() => count));
      const total = PUBLISHERS.length * count;
      await expect.poll(() => readers.map((reader) => reader.count), PATIENCE).toEqual(readers.map(() => total));
      expect(readers.flatMap(({ faults }) => faults)).toEqual([]);
      expect(broker.stats()).toMatchObject({ published: total, delivered: total * readers.length, tooSlow: 0, silent: 0 });
      for (const { peer } of readers) await peer[Symbol.asyncDispose]();
    },
    90_000,
  );
});
