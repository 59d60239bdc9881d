import { describe, expect, it } from 'vitest';
import { startTestBroker } from '../support/broker.js';
import { ENDINGS, endInStorm, STORM_OPTIONS, shutDownInStorm } from '../support/delivery-storm.js';
import { connectV1, nextData, notice, publication, subscriber } from '../support/peers.js';
import { ca, SECURED } from '../support/secured.js';
import { dice } from './hostile-messages.js';

const tls = { ca };

const CASES = Object.entries(ENDINGS).flatMap(([name, ending]) => ending.dialects.map((dialect) => ({ name, ending, dialect })));

describe('under a storm of deliveries a TLS socket carries whole frames up to its close frame', () => {
  it('which is no plain one', async () => {
    await using broker = await startTestBroker(SECURED);
    await expect(subscriber(broker)).rejects.toThrow();
  });

  it.each(CASES)('when a $dialect peer ends it by $name (R-2.9, R-4.1)', async ({ ending, dialect }) => {
    await using broker = await startTestBroker({ ...SECURED, ...STORM_OPTIONS });
    await using publisher = await connectV1(broker, { tls, onMessage: () => {} });
    await endInStorm({ broker, publisher, roll: dice(ending.code), reader: { dialect, ca } }, ending);
    await using control = await subscriber(broker, undefined, { tls });
    publisher.send(publication(notice('control')));
    expect(await nextData(control)).toBe('control');
  });

  it.each(['base', 'v1'] as const)('when the broker shuts down, for a %s peer (R-4.1)', async (dialect) => {
    await using broker = await startTestBroker({ ...SECURED, ...STORM_OPTIONS });
    await using publisher = await connectV1(broker, { tls, onMessage: () => {} });
    await shutDownInStorm({ broker, publisher, roll: dice(1001), reader: { dialect, ca } });
  });
});
