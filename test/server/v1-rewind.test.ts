import { describe, expect, it } from 'vitest';
import type { Broker } from '../../src/server/index.js';
import { startTestBroker } from '../support/broker.js';
import { ask, connect, connectV1, nextData, notice, publish, publishMany, type Said, said, TOPIC } from '../support/peers.js';

type Told = { readonly [name: string]: unknown };

function topicOf(answer: Said): Told {
  return (answer.subscribed as unknown as { topics: readonly Told[] }).topics[0] as Told;
}

/** Notifications whose `values` are `a` and `b` in turn, with their numbers as data. */
async function publishTwoKinds(broker: Broker, count: number): Promise<void> {
  for (let number = 1; number <= count; number++) {
    await publish(broker, { ...notice(number), filters: { values: number % 2 === 1 ? 'a' : 'b' } });
  }
}

describe('a subscription that is rewound', () => {
  it.each([
    ['fewer than there are', 2, { rewound: 2, complete: false }, [4, 5]],
    ['as many as there are', 5, { rewound: 5, complete: true }, [1, 2, 3, 4, 5]],
    ['more than there are', 1000, { rewound: 5, complete: true }, [1, 2, 3, 4, 5]],
  ])('brings the last: %s, oldest first, then what is live (R-5.4)', async (_, rewind, told, numbers) => {
    await using broker = await startTestBroker();
    await publishMany(broker, 5);
    await using peer = await connectV1(broker);
    const answer = await ask(peer, { sender: 'client', id: 's', subscriptions: [{ ...TOPIC, rewind }] });
    expect(topicOf(answer)).toEqual({ ...TOPIC, epoch: expect.any(String), offset: 5, ...told });
    for (const offset of numbers) expect(await said(peer)).toMatchObject({ notification: notice(offset), position: { offset } });
    await publish(broker, notice('live'));
    expect(await nextData(peer)).toBe('live');
  });

  it('counts what it matches alone (R-5.4)', async () => {
    await using broker = await startTestBroker();
    await publishTwoKinds(broker, 7);
    await using peer = await connectV1(broker);
    const subscriptions = [{ ...TOPIC, filters: { values: 'b' }, rewind: 2 }];
    expect(topicOf(await ask(peer, { sender: 'client', subscriptions }))).toMatchObject({ offset: 7, rewound: 2, complete: false });
    expect([await nextData(peer), await nextData(peer)]).toEqual([4, 6]);
  });

  it('and another of its topic bring together what each asks for, once (R-5.4)', async () => {
    await using broker = await startTestBroker();
    await publishTwoKinds(broker, 8);
    await using peer = await connectV1(broker);
    const subscriptions = [
      { ...TOPIC, filters: { values: 'a' }, rewind: 1 },
      { ...TOPIC, filters: { values: true }, rewind: 2 },
      { ...TOPIC, filters: { values: 'b' } },
    ];
    expect(topicOf(await ask(peer, { sender: 'client', subscriptions }))).toMatchObject({ rewound: 2, complete: false });
    expect([await nextData(peer), await nextData(peer)]).toEqual([7, 8]);
  });

  it('brings nothing where nothing was published, and that is complete (R-5.4)', async () => {
    await using broker = await startTestBroker();
    await using peer = await connectV1(broker);
    expect(topicOf(await ask(peer, { sender: 'client', subscriptions: [{ ...TOPIC, rewind: 3 }] }))).toMatchObject({
      offset: 0,
      rewound: 0,
      complete: true,
    });
  });

  it('is not complete where what came before has been trimmed (R-5.4)', async () => {
    await using broker = await startTestBroker({ historyNotifications: 3 });
    await publishMany(broker, 4);
    await using peer = await connectV1(broker);
    expect(topicOf(await ask(peer, { sender: 'client', subscriptions: [{ ...TOPIC, rewind: 10 }] }))).toMatchObject({
      rewound: 3,
      complete: false,
    });
  });

  it('is void where its topic is recovered, and done where it is not (R-5.4)', async () => {
    await using broker = await startTestBroker();
    await publishMany(broker, 4);
    await using peer = await connectV1(broker);
    const subscriptions = [{ ...TOPIC, rewind: 1 }];
    const { epoch } = topicOf(await ask(peer, { sender: 'client', subscriptions: [TOPIC] }));
    const recovered = await ask(peer, { sender: 'client', subscriptions, resume: [{ ...TOPIC, epoch, offset: 2 }] });
    expect(topicOf(recovered)).toEqual({ ...TOPIC, epoch, offset: 4, recovered: true, replayed: 2 });
    expect([await nextData(peer), await nextData(peer)]).toEqual([3, 4]);
    const lost = await ask(peer, { sender: 'client', subscriptions, resume: [{ ...TOPIC, epoch: 'other', offset: 2 }] });
    expect(topicOf(lost)).toEqual({ ...TOPIC, epoch, offset: 4, recovered: false, replayed: 0, rewound: 1, complete: false });
    expect(await nextData(peer)).toBe(4);
  });

  it('brings the newest that fit into half of the outbox (R-5.4)', async () => {
    await using broker = await startTestBroker({ maxOutboxBytes: 64 * 1024 });
    const data = 'x'.repeat(10_000);
    for (let count = 0; count < 5; count++) await publish(broker, notice(data));
    await using peer = await connectV1(broker);
    expect(topicOf(await ask(peer, { sender: 'client', subscriptions: [{ ...TOPIC, rewind: 5 }] }))).toMatchObject({
      rewound: 3,
      complete: false,
    });
    for (const offset of [3, 4, 5]) expect((await said(peer)).position).toMatchObject({ offset });
  });

  it.each([0, -1, 1.5, 1001, '3', null, true, []].map((rewind) => [rewind]))('by %j is refused (R-5.4)', async (rewind) => {
    await using broker = await startTestBroker();
    await using peer = await connectV1(broker);
    expect(await ask(peer, { sender: 'client', id: '1', subscriptions: [TOPIC, { ...TOPIC, rewind }] })).toMatchObject({
      id: '1',
      error: { code: 'invalid-subscription', path: '/subscriptions/1/rewind' },
    });
  });

  it('means nothing in the base protocol (R-2.1)', async () => {
    await using broker = await startTestBroker();
    await publishMany(broker, 2);
    await using peer = await connect(broker);
    peer.send(JSON.stringify({ sender: 'client', subscriptions: [{ ...TOPIC, rewind: 'all' }] }));
    await peer.barrier();
    await publish(broker, notice('live'));
    expect(await nextData(peer)).toBe('live');
  });
});
