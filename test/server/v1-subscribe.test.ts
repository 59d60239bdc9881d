import { describe, expect, it } from 'vitest';
import { OPCODE, writeFrame } from '../../src/peer/index.js';
import { startTestBroker } from '../support/broker.js';
import { ask, connect, connectV1, notice, publication, publish, said, subscriptionsText, TOPIC } from '../support/peers.js';

const OTHER = { package: 'p', page: 'q' };

describe('negotiation', () => {
  it.each([
    ['wsn.v1 alone', ['wsn.v1'], 'wsn.v1'],
    ['wsn.v1 behind others', ['graphql-ws', 'mqtt', 'wsn.v1'], 'wsn.v1'],
    ['others only', ['wsn.v2', 'WSN.V1'], undefined],
    ['nothing', [], undefined],
  ])('of %s selects what the broker knows, or nothing (R-5.1)', async (_, subprotocols, selected) => {
    await using broker = await startTestBroker();
    await using peer = await connect(broker, { subprotocols });
    expect(peer.subprotocol).toBe(selected);
  });

  it('without wsn.v1 keeps all of its messages away, whatever the peer sends (R-5.1)', async () => {
    await using broker = await startTestBroker({ pingIntervalMs: 50 });
    const opcodes: number[] = [];
    await using peer = await connect(broker, { subprotocols: ['other'], onFrame: ({ opcode }) => opcodes.push(opcode) });
    peer.send(subscriptionsText([TOPIC], { id: '1', resume: [] }));
    await expect.poll(() => opcodes.filter((opcode) => opcode === OPCODE.ping).length).toBeGreaterThan(2);
    peer.send(publication(notice('mine'), { id: '2' }));
    await peer.closed;
    expect(peer.inbox).toEqual([JSON.stringify({ sender: 'server', notification: notice('mine') })]);
  });
});

describe('the hello', () => {
  it('comes before anything else, with what a client has to know (R-5.3)', async () => {
    await using broker = await startTestBroker({ pingIntervalMs: 12_345, reconnectJitterMs: 678 });
    await using peer = await connect(broker, { subprotocols: ['wsn.v1'], glued: frameOf(subscriptionsText([TOPIC], { id: '1' })) });
    expect(await said(peer)).toEqual({
      sender: 'server',
      hello: { version: 1, connection: expect.stringMatching(/^c[0-9a-z]+$/), heartbeatMs: 12_345, jitterMs: 678 },
    });
    expect(await said(peer)).toMatchObject({ id: '1', subscribed: {} });
  });

  it('names each connection differently (R-5.3)', async () => {
    await using broker = await startTestBroker();
    const names = new Set<unknown>();
    for (let count = 0; count < 40; count++) {
      await using peer = await connect(broker, { subprotocols: ['wsn.v1'] });
      names.add(((await said(peer)).hello as { connection: string }).connection);
    }
    expect(names.size).toBe(40);
  });
});

describe('an answer to subscriptions', () => {
  it('repeats the id and names each topic once, in the order of first mention, with where it stands (R-5.4)', async () => {
    await using broker = await startTestBroker();
    await using peer = await connectV1(broker);
    await publish(broker, notice('before'));
    const subscriptions = [OTHER, TOPIC, { ...OTHER, filters: { values: '2' } }];
    const answer = await ask(peer, { sender: 'client', id: 'ä', subscriptions });
    expect(answer).toEqual({
      sender: 'server',
      id: 'ä',
      subscribed: {
        topics: [
          { ...OTHER, epoch: expect.any(String), offset: 0 },
          { ...TOPIC, epoch: expect.any(String), offset: 1 },
        ],
      },
    });
  });

  it('has no id when the message has none, and no topics when the list is empty (R-5.4)', async () => {
    await using broker = await startTestBroker();
    await using peer = await connectV1(broker);
    expect(await ask(peer, { sender: 'client', subscriptions: [] })).toEqual({ sender: 'server', subscribed: { topics: [] } });
  });

  it('stands before everything that the new set brings, and behind everything that the old one brought (R-5.4)', async () => {
    await using broker = await startTestBroker();
    await using peer = await connectV1(broker);
    await ask(peer, { sender: 'client', subscriptions: [OTHER] });
    peer.send(publication({ ...OTHER, data: 'old' }, { id: 'a' }));
    peer.send(subscriptionsText([TOPIC], { id: 'b' }));
    peer.send(publication({ ...OTHER, data: 'nobody wants it' }, { id: 'c' }));
    peer.send(publication(notice('new'), { id: 'd' }));
    const heard = [];
    for (let count = 0; count < 6; count++) heard.push(await said(peer));
    expect(heard.map(({ id, notification }) => id ?? notification?.data)).toEqual(['old', 'a', 'b', 'c', 'new', 'd']);
  });

  it('comes for every message, also for the same set again (R-5.4)', async () => {
    await using broker = await startTestBroker();
    await using peer = await connectV1(broker);
    const first = await ask(peer, { sender: 'client', id: '1', subscriptions: [TOPIC] });
    const second = await ask(peer, { sender: 'client', id: '2', subscriptions: [TOPIC] });
    expect(second).toEqual({ ...first, id: '2' });
    expect(broker.stats().registry.memberships).toBe(1);
  });

  it('takes a full set of 1,000 topics (R-2.6)', async () => {
    await using broker = await startTestBroker();
    await using peer = await connectV1(broker);
    const subscriptions = Array.from({ length: 1000 }, (_, index) => ({ package: 'p', page: `page ${index}` }));
    const answer = await ask(peer, { sender: 'client', subscriptions });
    expect((answer.subscribed as { topics: object[] }).topics).toHaveLength(1000);
    expect(broker.stats().registry.topics).toBe(1000);
  });
});

describe('a delivery', () => {
  it('has its position, and a topic counts from one upward (R-5.5)', async () => {
    await using broker = await startTestBroker();
    await using peer = await connectV1(broker);
    await ask(peer, { sender: 'client', subscriptions: [TOPIC, OTHER] });
    for (const data of [1, 2, 3]) await publish(broker, notice(data));
    await publish(broker, { ...OTHER, data: 'other' });
    const heard = [await said(peer), await said(peer), await said(peer), await said(peer)];
    expect(heard.map(({ position }) => position?.offset)).toEqual([1, 2, 3, 1]);
    expect(new Set(heard.map(({ position }) => position?.epoch)).size).toBe(2);
    expect(heard[0]).toEqual({ sender: 'server', notification: notice(1), position: { epoch: expect.any(String), offset: 1 } });
  });

  it('shows a gap where the filters do not match (R-5.5)', async () => {
    await using broker = await startTestBroker();
    await using peer = await connectV1(broker);
    await ask(peer, { sender: 'client', subscriptions: [{ ...TOPIC, filters: { values: '2' } }] });
    for (const values of ['2', '3', '3', '2']) await publish(broker, notice(values, { values }));
    expect([(await said(peer)).position?.offset, (await said(peer)).position?.offset]).toEqual([1, 4]);
  });

  it('is in the base form for a base peer of the same group (R-5.5)', async () => {
    await using broker = await startTestBroker();
    await using base = await connect(broker);
    await using peer = await connectV1(broker);
    base.send(subscriptionsText([TOPIC]));
    await base.barrier();
    await ask(peer, { sender: 'client', subscriptions: [TOPIC] });
    await publish(broker, notice(1));
    expect(Object.keys(await said(base))).toEqual(['sender', 'notification']);
    expect(Object.keys(await said(peer))).toEqual(['sender', 'notification', 'position']);
    expect(broker.stats().registry.groups).toBe(1);
  });
});

function frameOf(text: string): Uint8Array {
  return writeFrame({ opcode: OPCODE.text, payload: text });
}
