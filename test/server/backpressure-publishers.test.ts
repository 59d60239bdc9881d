import { Agent } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { Peer } from '../../src/peer/index.js';
import type { Broker } from '../../src/server/index.js';
import { startTestBroker } from '../support/broker.js';
import { askHttp } from '../support/http.js';
import { burstText, openOrderedReader } from '../support/ordered-reader.js';
import { connect, connectV1, subscriber } from '../support/peers.js';
import { openSluggishReader } from '../support/sluggish-reader.js';

const KIB = 1024;
/** Nobody is judged: who reads nothing is still there at the end. */
const LENIENT = { slowReaderTimeoutMs: 3_600_000, maxOutboxBytes: KIB * KIB * KIB };
const PUBLISHERS = Array.from({ length: 20 }, (_, index) => index);
/** Together, with `PUBLISHERS`, about 60 MB for a reader. */
const COUNT = 50;
const BYTES = 60 * KIB;

function texts(publisher: number): readonly string[] {
  return Array.from({ length: COUNT }, (_, index) => burstText(publisher, index + 1, BYTES));
}

/** What one publisher does; resolves with the number of its receipts. */
const WAYS: readonly (readonly [way: string, publish: (broker: Broker, publisher: number) => Promise<number>])[] = [
  [
    'by wsn.v1, all at once',
    async (broker, publisher) => {
      await using peer = await connectV1(broker);
      for (const text of texts(publisher)) peer.send(text);
      for (let receipts = 0; receipts < COUNT; receipts++) await peer.next({ what: 'a receipt', timeoutMs: 30_000 });
      return COUNT;
    },
  ],
  [
    'by connections of their own',
    async (broker, publisher) => {
      let receipts = 0;
      for (const text of texts(publisher)) {
        await using peer = await connect(broker);
        peer.send(text);
        if ((await peer.closed).code === 1000) receipts++;
      }
      return receipts;
    },
  ],
  [
    'by HTTP',
    async (broker, publisher) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      let receipts = 0;
      for (const body of texts(publisher)) if ((await askHttp(broker, { body, agent })).status === 200) receipts++;
      agent.destroy();
      return receipts;
    },
  ],
];

async function stuckReaders(broker: Broker): Promise<readonly Peer[]> {
  const peers = await Promise.all([1, 2, 3].map(() => subscriber(broker)));
  for (const peer of peers) peer.pause();
  return peers;
}

describe('publishers beside readers that never read', () => {
  it.each(WAYS)(
    '%s get all their receipts while those readers have taken nothing (R-5.7)',
    async (_, publish) => {
      await using broker = await startTestBroker(LENIENT);
      const stuck = await stuckReaders(broker);
      const healthy = await openOrderedReader(broker, 'v1');
      const receipts = await Promise.all(PUBLISHERS.map((publisher) => publish(broker, publisher)));
      expect(receipts).toEqual(PUBLISHERS.map(() => COUNT));
      // They are still there, and have had nothing of it: nobody waited for them.
      expect(broker.stats()).toMatchObject({ tooSlow: 0, registry: { memberships: 4 } });
      expect(stuck.map(({ inbox }) => inbox.length)).toEqual([0, 0, 0]);
      await expect.poll(() => healthy.count, { timeout: 30_000 }).toBe(PUBLISHERS.length * COUNT);
      expect(healthy.faults).toEqual([]);
      for (const peer of [healthy.peer, ...stuck]) await peer[Symbol.asyncDispose]();
    },
    60_000,
  );

  it.each(WAYS)(
    '%s get all their receipts before one that takes little by little has all (R-5.7)',
    async (_, publish) => {
      await using broker = await startTestBroker(LENIENT);
      await using slow = await openSluggishReader(broker, { restMs: 500 });
      slow.startResting();
      const receipts = await Promise.all(PUBLISHERS.map((publisher) => publish(broker, publisher)));
      expect(receipts).toEqual(PUBLISHERS.map(() => COUNT));
      expect(slow.count).toBeLessThan((PUBLISHERS.length * COUNT) / 2);
      expect(broker.stats().tooSlow).toBe(0);
    },
    60_000,
  );
});
