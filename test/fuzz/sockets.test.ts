import { describe, test } from 'vitest';
import type { BrokerOptions } from '../../src/server/index.js';
import { dice } from '../server/hostile-messages.js';
import { connectV1 } from '../support/peers.js';
import { endure, inTurns, pipeline, pour } from './endure.js';
import { frames, request } from './frames.js';
import { GOOD_MESSAGES } from './good-messages.js';
import { mutate, pick } from './mutate.js';
import { SEED } from './seed.js';

const BROKERS: readonly (readonly [what: string, options: Partial<BrokerOptions>])[] = [
  ['of an open broker', {}],
  ['of a tolerant broker', { tolerant: true }],
];
const CREDENTIALS = ['', '', 'Authorization: Bearer a.b.c\r\n', 'X-Api-Key: k\r\n'];

describe.each(BROKERS)('wounded input %s', (_, options) => {
  test.each([
    ['base', []],
    ['v1', ['wsn.v1']],
  ] as const)(
    'in 12,000 frames of %s peers leaves nobody behind and another served (R-4.4)',
    { timeout: 60_000 },
    async (_, subprotocols) => {
      const roll = dice(SEED + 3);
      await endure(options, (broker) =>
        inTurns(3000, async () => {
          await pour(broker, { subprotocols: [...subprotocols], glued: frames(roll, 4) });
        }),
      );
    },
  );

  test('in 4,000 requests leaves nobody behind and another served (R-6.2)', { timeout: 60_000 }, async () => {
    const roll = dice(SEED + 4);
    await endure(options, (broker) =>
      inTurns(1000, async () => {
        await pipeline(
          broker,
          Array.from({ length: 4 }, () => request(roll, CREDENTIALS)),
        );
      }),
    );
  });
});

test('10,000 wounded messages leave a v1 peer connected (R-5.9)', { timeout: 60_000 }, async () => {
  const roll = dice(SEED + 5);
  await endure({}, async (broker) => {
    await using peer = await connectV1(broker, { onMessage: () => {} });
    for (let count = 1; count <= 10_000; count++) {
      // What is not UTF-8 would close it (1007).
      peer.send(Buffer.from(mutate(pick(GOOD_MESSAGES, roll), roll).toString('utf8')));
      if (count % 200 === 0) await peer.barrier();
    }
  });
});
