import { describe, expect, it } from 'vitest';
import type { Peer } from '../../src/peer/index.js';
import type { BrokerOptions } from '../../src/server/index.js';
import { startTestBroker } from '../support/broker.js';
import { recordingLog } from '../support/log.js';
import { connect, connectV1, nextData, notice, publication, publish, subscriber, subscriptionsText, TOPIC } from '../support/peers.js';
import { hostileMessages } from './hostile-messages.js';

const OTHER_TOPIC = { ...TOPIC, page: 'control' };

/** Sends one message; resolves when the broker has dealt with it, with the code if it closed the connection. */
async function suffer(peer: Peer, bytes: Uint8Array): Promise<number | undefined> {
  peer.send(bytes);
  return Promise.race([
    peer.barrier().then(
      () => undefined,
      () => peer.closed.then(({ code }) => code),
    ),
    peer.closed.then(({ code }) => code),
  ]);
}

const RUNS: readonly (readonly [
  what: string,
  options: Partial<BrokerOptions>,
  subprotocols: readonly string[],
  codes: readonly unknown[],
])[] = [
  ['base peers', {}, [], [1000, 1007, 4400, 4429, undefined]],
  ['base peers of a tolerant broker', { tolerant: true }, [], [1000, 1007, 4400, 4429, undefined]],
  ['v1 peers', {}, ['wsn.v1'], [1007, undefined]],
];

describe('hundreds of malformed messages', () => {
  it.each(RUNS)(
    'of %s, each from a peer of its own, leave the broker serving a control client (R-4.4)',
    async (_, options, subprotocols, codes) => {
      const log = recordingLog();
      await using broker = await startTestBroker({ ...options, log });
      await using control = await subscriber(broker, [OTHER_TOPIC]);
      const messages = hostileMessages(5, 20_260_101);
      let refused = 0;
      for (const { name, bytes } of messages) {
        await using peer = await connect(broker, { subprotocols, onMessage: () => {} });
        const code = await suffer(peer, bytes);
        expect(codes, `${name}: ${bytes.toString('latin1', 0, 200)}`).toContain(code);
        if (code === 1007) refused++;
      }
      refused += broker.stats().refused;
      expect(refused).toBeGreaterThanOrEqual(200);
      await publish(broker, { ...OTHER_TOPIC, data: 'control' });
      expect(await nextData(control)).toBe('control');
      await expect.poll(() => broker.stats()).toMatchObject({ peers: 1, registry: { memberships: 1, topics: 1 } });
      // Each was refused for what it was: none of them met a bug.
      expect(log.records.filter(({ level }) => level === 'error')).toEqual([]);
    },
  );

  it('from one v1 peer leave it connected, with its set in force (R-5.9)', async () => {
    await using broker = await startTestBroker();
    const heard: string[] = [];
    await using peer = await connectV1(broker, { onMessage: (payload) => heard.push(payload.toString()) });
    const messages = hostileMessages(5, 7).filter(({ bytes }) => bytes.equals(Buffer.from(bytes.toString('utf8'))));
    peer.send(subscriptionsText([OTHER_TOPIC]));
    for (const { bytes } of messages) expect(await suffer(peer, bytes)).toBeUndefined();
    expect(broker.stats().refused).toBeGreaterThanOrEqual(200);
    peer.send(subscriptionsText([OTHER_TOPIC]));
    peer.send(publication({ ...OTHER_TOPIC, data: 'fence' }, { id: 'last' }));
    await expect.poll(() => heard.at(-1)).toContain('"id":"last","receipt"');
    expect(heard.filter((text) => text.includes('"error"'))).toHaveLength(broker.stats().refused);
  });

  it('from one base peer of a tolerant broker end it with the sixtieth, and nobody else (R-4.4)', async () => {
    await using broker = await startTestBroker({ tolerant: true });
    await using control = await subscriber(broker);
    await using peer = await connect(broker);
    let sent = 0;
    let code: number | undefined;
    while (code === undefined && sent < 100) {
      code = await suffer(peer, Buffer.from(`{"sender":"client","n":${++sent}}`));
    }
    expect([code, sent]).toEqual([1008, 60]);
    await publish(broker, notice('control'));
    expect(await nextData(control)).toBe('control');
  });
});

describe('a message that is meant to exhaust the broker', () => {
  it.each([
    ['a million brackets', '['.repeat(1_000_000)],
    ['objects in objects, half a mebibyte deep', '{"a":'.repeat(100_000)],
    ['a million braces in a publication', publication('{'.repeat(1_000_000))],
    ['a hundred thousand members', `{${Array.from({ length: 100_000 }, (_, index) => `"${index}":0`).join()}}`],
    ['a name of a mebibyte', `{"${'n'.repeat(1_000_000)}":0}`],
    ['a number of a mebibyte', '9'.repeat(1_000_000)],
    ['a string of nothing but escapes', `"${'\\u0000'.repeat(170_000)}"`],
    ['a string that is never closed', `{"sender":"${'s'.repeat(1_000_000)}`],
    ['nothing but white space', ' '.repeat(1_000_000)],
    ['a hundred thousand subscriptions', subscriptionsText(Array(10_000).fill(TOPIC))],
  ])('is refused: %s (R-2.5)', async (_, message) => {
    for (const tolerant of [false, true]) {
      await using broker = await startTestBroker({ tolerant });
      await using base = await connect(broker);
      await using v1 = await connectV1(broker);
      v1.send(message);
      expect(JSON.parse(await v1.next()).error.retry).toBe(false);
      const code = await suffer(base, Buffer.from(message));
      expect([4400, 4429, tolerant ? undefined : 4400]).toContain(code);
      expect(broker.stats().refused).toBe(2);
    }
  });
});
