import { describe, expect, it } from 'vitest';
import type { Broker } from '../../src/server/index.js';
import { startTestBroker } from '../support/broker.js';
import { recordingLog } from '../support/log.js';
import { burstText, openOrderedReader } from '../support/ordered-reader.js';
import { connectV1, subscriber } from '../support/peers.js';
import { ca, SECURED } from '../support/secured.js';
import { openSluggishReader } from '../support/sluggish-reader.js';

const tls = { ca };

const KIB = 1024;
const COUNT = 400;
const PATIENCE = { timeout: 30_000 };

async function publishOneByOne(broker: Broker): Promise<void> {
  await using publisher = await connectV1(broker, { tls });
  for (let number = 1; number <= COUNT; number++) {
    publisher.send(burstText(1, number, 60 * KIB));
    await publisher.next({ what: 'a receipt' });
  }
}

describe('by TLS', () => {
  it.each([
    ['takes nothing for too long', { slowReaderTimeoutMs: 300, maxOutboxBytes: KIB * KIB * KIB }, 'took nothing for too long'],
    ['takes nothing until too much waits', { slowReaderTimeoutMs: 3_600_000, maxOutboxBytes: 64 * KIB }, 'too far behind'],
  ])('a reader that %s is cut off, and one that keeps up gets everything (R-4.1)', async (_, limits, reason) => {
    const log = recordingLog();
    await using broker = await startTestBroker({ ...SECURED, ...limits, log });
    await using stuck = await subscriber(broker, undefined, { tls });
    stuck.pause();
    const healthy = await openOrderedReader(broker, 'v1', { tls });
    await publishOneByOne(broker);
    await expect.poll(() => broker.stats().tooSlow, PATIENCE).toBe(1);
    await expect.poll(() => log.records.filter(({ fields }) => fields.code === 1013)).toMatchObject([{ fields: { by: 'broker', reason } }]);
    await expect.poll(() => healthy.count, PATIENCE).toBe(COUNT);
    expect(healthy.faults).toEqual([]);
    await healthy.peer[Symbol.asyncDispose]();
  });

  it('a reader that takes little by little gets everything (R-4.1)', async () => {
    await using broker = await startTestBroker({ ...SECURED, slowReaderTimeoutMs: 500, maxOutboxBytes: KIB * KIB * KIB });
    await using slow = await openSluggishReader(broker, { restMs: 5 }, { tls });
    slow.startResting();
    await publishOneByOne(broker);
    expect(slow.count).toBeLessThan(COUNT);
    await expect.poll(() => slow.count, PATIENCE).toBe(COUNT);
    expect(slow.faults).toEqual([]);
    expect(broker.stats().tooSlow).toBe(0);
  }, 60_000);
});
