import { describe, expect, it } from 'vitest';
import { closePayload, OPCODE, writeFrame } from '../../src/peer/index.js';
import { startTestBroker } from '../support/broker.js';
import { ask, connectV1, nextData, notice, publication, publishMany, said, subscriber, TOPIC } from '../support/peers.js';

describe('a persistent publisher', () => {
  it('gets a receipt for each notification and stays connected (R-5.7)', async () => {
    await using broker = await startTestBroker();
    await using peer = await connectV1(broker);
    for (let offset = 1; offset <= 3; offset++) {
      expect(await ask(peer, publication(notice(offset), { id: `n-${offset}` }))).toEqual({
        sender: 'server',
        id: `n-${offset}`,
        receipt: { position: { epoch: expect.any(String), offset }, matched: 0, duplicate: false },
      });
    }
    expect(broker.stats().peers).toBe(1);
  });

  it('gets its receipt before the answer to its own close frame, when both came in one segment (R-5.7)', async () => {
    await using broker = await startTestBroker();
    await using peer = await connectV1(broker);
    const published = writeFrame({ opcode: OPCODE.text, payload: publication(notice(1), { id: '1' }) });
    peer.bytes(Buffer.concat([published, writeFrame({ opcode: OPCODE.close, payload: closePayload(1000) })]));
    expect(await said(peer)).toMatchObject({ id: '1', receipt: { matched: 0 } });
    expect((await peer.closed).code).toBe(1000);
  });

  it('that may not publish is told so first, whatever else its message has (R-7.1)', async () => {
    await using broker = await startTestBroker();
    await using peer = await connectV1(broker, { headers: { Origin: 'https://example.org' } });
    const answer = await ask(peer, publication(notice(1), { id: '1', key: 'k' }));
    expect(answer).toMatchObject({ id: '1', error: { code: 'forbidden', retry: false } });
  });

  it('gets a receipt without an id for a notification without one (R-5.7)', async () => {
    await using broker = await startTestBroker();
    await using peer = await connectV1(broker);
    expect(Object.keys(await ask(peer, publication(notice(1))))).toEqual(['sender', 'receipt']);
  });

  it('is told how many subscribers it went to, whatever they speak (R-5.7)', async () => {
    await using broker = await startTestBroker();
    await using _one = await subscriber(broker);
    await using _two = await subscriber(broker, [TOPIC, { ...TOPIC, filters: { values: '2' } }]);
    await using _three = await subscriber(broker, [{ ...TOPIC, filters: { values: '3' } }]);
    await using four = await connectV1(broker);
    await ask(four, { sender: 'client', subscriptions: [TOPIC] });
    await using peer = await connectV1(broker);
    expect(await ask(peer, publication(notice(1, { values: '2' })))).toMatchObject({ receipt: { matched: 3 } });
  });

  it('gets its own notification, if that matches, before its receipt, both with one position (R-5.7)', async () => {
    await using broker = await startTestBroker();
    await using peer = await connectV1(broker);
    await ask(peer, { sender: 'client', subscriptions: [TOPIC] });
    const delivery = await ask(peer, publication(notice('mine'), { id: '9' }));
    const receipt = await said(peer);
    expect(delivery.notification).toEqual(notice('mine'));
    expect(receipt).toMatchObject({ id: '9', receipt: { position: delivery.position, matched: 1 } });
  });

  it('may have any number under way, and is answered in order (R-5.7)', async () => {
    await using broker = await startTestBroker();
    await using peer = await connectV1(broker);
    await using reader = await subscriber(broker);
    for (let number = 1; number <= 500; number++) peer.send(publication(notice(number), { id: String(number) }));
    for (let number = 1; number <= 500; number++) {
      expect(await said(peer)).toMatchObject({ id: String(number), receipt: { position: { offset: number } } });
      expect(await nextData(reader)).toBe(number);
    }
  });

  it('publishes what a base publisher and HTTP publish into the same order (R-5.7)', async () => {
    await using broker = await startTestBroker();
    await publishMany(broker, 5);
    await using peer = await connectV1(broker);
    expect(await ask(peer, publication(notice('sixth')))).toMatchObject({ receipt: { position: { offset: 6 } } });
  });

  it('may subscribe in between, and each message has its effect in its place (R-2.8)', async () => {
    await using broker = await startTestBroker();
    await using peer = await connectV1(broker);
    peer.send(publication(notice('unheard'), { id: '1' }));
    peer.send(JSON.stringify({ sender: 'client', id: '2', subscriptions: [TOPIC] }));
    peer.send(publication(notice('heard'), { id: '3' }));
    peer.send(JSON.stringify({ sender: 'client', id: '4', subscriptions: [] }));
    peer.send(publication(notice('unheard'), { id: '5' }));
    const heard = [];
    for (let count = 0; count < 6; count++) heard.push(await said(peer));
    expect(heard.map(({ id, notification }) => id ?? notification?.data)).toEqual(['1', '2', 'heard', '3', '4', '5']);
  });
});

describe('a key', () => {
  it.each([['', 1, null, {}, 'x'.repeat(129), 'é'.repeat(65)].map((key) => [key])].flat())(
    'that is %j is error invalid-key (R-5.8)',
    async (key) => {
      await using broker = await startTestBroker();
      await using peer = await connectV1(broker);
      expect(await ask(peer, publication(notice(1), { id: '1', key }))).toMatchObject({
        id: '1',
        error: { code: 'invalid-key', path: '/key' },
      });
    },
  );
});
