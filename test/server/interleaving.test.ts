import { describe, expect, it } from 'vitest';
import { startTestBroker } from '../support/broker.js';
import { ENDINGS, endInStorm, STORM_OPTIONS, shutDownInStorm } from '../support/delivery-storm.js';
import { connectV1, nextData, notice, publish, subscriber } from '../support/peers.js';
import { dice } from './hostile-messages.js';

const CASES = Object.entries(ENDINGS).flatMap(([name, ending]) => ending.dialects.map((dialect) => ({ name, ending, dialect })));

describe('under a storm of deliveries a socket carries whole frames up to its close frame', () => {
  it.each(CASES)('when a $dialect peer ends it by $name (R-2.9, R-4.1)', async ({ ending, dialect }) => {
    await using broker = await startTestBroker(STORM_OPTIONS);
    await using publisher = await connectV1(broker, { onMessage: () => {} });
    await endInStorm({ broker, publisher, roll: dice(ending.code), reader: { dialect } }, ending);
    await publisher.barrier();
    await using control = await subscriber(broker);
    await publish(broker, notice('control'));
    expect(await nextData(control)).toBe('control');
  });

  it.each(['base', 'v1'] as const)('when the broker shuts down, for a %s peer (R-4.1)', async (dialect) => {
    await using broker = await startTestBroker(STORM_OPTIONS);
    await using publisher = await connectV1(broker, { onMessage: () => {} });
    await shutDownInStorm({ broker, publisher, roll: dice(1001), reader: { dialect } });
  });
});
