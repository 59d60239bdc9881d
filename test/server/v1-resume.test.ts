import { describe, expect, it } from 'vitest';
import type { Peer } from '../../src/peer/index.js';
import type { Broker } from '../../src/server/index.js';
import { startTestBroker } from '../support/broker.js';
import { ask, connectV1, nextData, notice, publication, publish, publishMany, type Said, said, TOPIC } from '../support/peers.js';

const OTHER = { package: 'p', page: 'q' };

interface Topic {
  readonly epoch: string;
  readonly offset: number;
  readonly recovered?: boolean;
  readonly replayed?: number;
}

function topicsOf(answer: Said): readonly Topic[] {
  return (answer.subscribed as unknown as { topics: readonly Topic[] }).topics;
}

/** Where `TOPIC` stands. */
async function head(broker: Broker): Promise<Topic> {
  await using peer = await connectV1(broker);
  return topicsOf(await ask(peer, { sender: 'client', subscriptions: [TOPIC] }))[0] as Topic;
}

/** Subscribes to `TOPIC` from a position on; returns what the answer says of the topic. */
async function resume(peer: Peer, position: object, subscription: object = TOPIC): Promise<Topic | undefined> {
  const message = { sender: 'client', id: 'r', subscriptions: [subscription], resume: [{ ...TOPIC, ...position }] };
  return topicsOf(await ask(peer, message))[0];
}

describe('a resume', () => {
  it('from where the topic stands is recovered, with nothing to replay (R-5.4)', async () => {
    await using broker = await startTestBroker();
    await publishMany(broker, 3);
    const { epoch } = await head(broker);
    await using peer = await connectV1(broker);
    expect(await resume(peer, { epoch, offset: 3 })).toEqual({ ...TOPIC, epoch, offset: 3, recovered: true, replayed: 0 });
    await publish(broker, notice('live'));
    expect(await nextData(peer)).toBe('live');
  });

  it('brings what was missed, in order, and then what is live (R-5.4)', async () => {
    await using broker = await startTestBroker();
    await publishMany(broker, 5);
    const { epoch } = await head(broker);
    await using peer = await connectV1(broker);
    expect(await resume(peer, { epoch, offset: 2 })).toMatchObject({ offset: 5, recovered: true, replayed: 3 });
    await publish(broker, notice('live'));
    for (const offset of [3, 4, 5]) {
      expect(await said(peer)).toEqual({ sender: 'server', notification: notice(offset), position: { epoch, offset } });
    }
    expect(await said(peer)).toMatchObject({ notification: notice('live'), position: { epoch, offset: 6 } });
  });

  it('from 0 brings all that is kept from the start (R-5.4)', async () => {
    await using broker = await startTestBroker();
    const { epoch } = await head(broker);
    await publishMany(broker, 2);
    await using peer = await connectV1(broker);
    expect(await resume(peer, { epoch, offset: 0 })).toMatchObject({ recovered: true, replayed: 2 });
    expect([await nextData(peer), await nextData(peer)]).toEqual([1, 2]);
  });

  it('brings only what the new subscriptions match, and each once (R-5.4)', async () => {
    await using broker = await startTestBroker();
    const { epoch } = await head(broker);
    for (const values of ['1', '2', '3', '2']) await publish(broker, notice(values, { values }));
    await using peer = await connectV1(broker);
    const wanted = [
      { ...TOPIC, filters: { values: '2' } },
      { ...TOPIC, filters: { values: ['2', '9'] } },
    ];
    const answer = await ask(peer, { sender: 'client', subscriptions: wanted, resume: [{ ...TOPIC, epoch, offset: 0 }] });
    expect(topicsOf(answer)).toMatchObject([{ offset: 4, recovered: true, replayed: 2 }]);
    expect([(await said(peer)).position?.offset, (await said(peer)).position?.offset]).toEqual([2, 4]);
    await publish(broker, notice('fence', { values: '9' }));
    expect((await said(peer)).position?.offset).toBe(5);
  });

  it('of several topics replays them in the order of the answer, and says nothing of those that are not resumed (R-5.4)', async () => {
    await using broker = await startTestBroker();
    await using asker = await connectV1(broker);
    const subscriptions = [TOPIC, OTHER, { package: 'p', page: 'third' }];
    const before = topicsOf(await ask(asker, { sender: 'client', subscriptions }));
    await publish(broker, { ...OTHER, data: 'o1' });
    await publish(broker, notice('t1'));
    await using peer = await connectV1(broker);
    const positions = [
      { ...OTHER, epoch: before[1]?.epoch, offset: 0 },
      { ...TOPIC, epoch: before[0]?.epoch, offset: 0 },
    ];
    const answer = topicsOf(await ask(peer, { sender: 'client', subscriptions, resume: positions }));
    expect(answer.map(({ replayed }) => replayed)).toEqual([1, 1, undefined]);
    expect(answer[2]).not.toHaveProperty('recovered');
    expect([await nextData(peer), await nextData(peer)]).toEqual(['t1', 'o1']);
  });

  it.each([
    ['another epoch', { offset: 3, epoch: 'unknown' }],
    ['an offset ahead of the topic', { offset: 4 }],
  ])('from %s is not recovered, and nothing is replayed (R-5.4)', async (_, position) => {
    await using broker = await startTestBroker();
    await publishMany(broker, 3);
    const { epoch } = await head(broker);
    await using peer = await connectV1(broker);
    expect(await resume(peer, { epoch, ...position })).toEqual({ ...TOPIC, epoch, offset: 3, recovered: false, replayed: 0 });
    await publish(broker, notice('live'));
    expect(await nextData(peer)).toBe('live');
  });

  it.each([
    ['too many', { historyNotifications: 2 }],
    ['too large together', { historyBytes: 2000 }],
  ])('is not recovered when what was missed has been trimmed, as %s (R-5.4)', async (_, options) => {
    await using broker = await startTestBroker(options);
    await publishMany(broker, 9);
    const { epoch } = await head(broker);
    await using late = await connectV1(broker);
    expect(await resume(late, { epoch, offset: 1 })).toMatchObject({ recovered: false, replayed: 0 });
    await using peer = await connectV1(broker);
    expect(await resume(peer, { epoch, offset: 8 })).toMatchObject({ recovered: true, replayed: 1 });
    expect(await nextData(peer)).toBe(9);
  });

  it('is recovered with 1,000 missed matches, and not with one more (R-5.4)', async () => {
    await using broker = await startTestBroker();
    await publishMany(broker, 1001);
    const { epoch } = await head(broker);
    await using late = await connectV1(broker);
    expect(await resume(late, { epoch, offset: 0 })).toMatchObject({ recovered: false, replayed: 0 });
    await using peer = await connectV1(broker);
    expect(await resume(peer, { epoch, offset: 1 })).toMatchObject({ recovered: true, replayed: 1000 });
    for (let data = 2; data <= 1001; data++) expect(await nextData(peer)).toBe(data);
  });

  it('is not recovered when what was missed would take more than half of the outbox (R-5.4)', async () => {
    await using broker = await startTestBroker({ maxOutboxBytes: 256 * 1024 });
    await using publisher = await connectV1(broker);
    for (let data = 1; data <= 5; data++) await ask(publisher, publication({ ...notice(data), message: 'm'.repeat(30_000) }));
    const { epoch } = await head(broker);
    await using late = await connectV1(broker);
    expect(await resume(late, { epoch, offset: 0 })).toMatchObject({ recovered: false, replayed: 0 });
    await using peer = await connectV1(broker);
    expect(await resume(peer, { epoch, offset: 1 })).toMatchObject({ recovered: true, replayed: 4 });
    for (const data of [2, 3, 4, 5]) expect(await nextData(peer)).toBe(data);
  });

  it('while a publisher floods leaves no hole and repeats nothing, again and again (R-5.4)', async () => {
    await using broker = await startTestBroker();
    const { epoch } = await head(broker);
    await using publisher = await connectV1(broker, { onMessage: () => {} });
    let published = 0;
    const flood = (count: number) => {
      for (let sent = 0; sent < count; sent++) publisher.send(publication(notice(++published)));
    };
    let seen = 0;
    const replayed = new Set<number | undefined>();
    for (let round = 0; round < 60; round++) {
      await using peer = await connectV1(broker);
      // Both sockets are written in one turn, so that the broker meets the resume somewhere within the flood.
      flood(round % 3 === 0 ? 100 : 5);
      const resumed = resume(peer, { epoch, offset: seen });
      flood(50);
      const answer = await resumed;
      expect(answer?.recovered).toBe(true);
      replayed.add(answer?.replayed);
      for (const last = published; seen < last; seen++) {
        const { notification, position } = await said(peer);
        expect([position, notification?.data]).toEqual([{ epoch, offset: seen + 1 }, seen + 1]);
      }
    }
    // It was met at different places: with less and with more to replay, and with something live behind it.
    expect(replayed.size).toBeGreaterThan(1);
    expect(seen).toBe(published);
  });
});
