import { describe, expect, it } from 'vitest';
import { startTestBroker } from '../support/broker.js';
import {
  connect,
  EVERYTHING,
  nextData,
  notice,
  publication,
  publish,
  said,
  subscribe,
  subscriber,
  subscriptionsText,
  TOPIC,
} from '../support/peers.js';

const SEED_1 = { ...TOPIC, filters: { values: { channel: ['2', '3', '5'] } } };
const SEED_2 = { ...TOPIC, page: 'oee', filters: { values: { oee: true } } };

describe('the examples of the protocol', () => {
  it('gives the subscriber of channels 2, 3 and 5 what is published for 2, and not what is for 4 (R-3.2)', async () => {
    await using broker = await startTestBroker();
    await using peer = await subscriber(broker, [SEED_1]);
    await publish(broker, notice('four', { values: '4' }));
    await publish(broker, notice('two', { values: '2' }));
    expect(await said(peer)).toEqual({ sender: 'server', notification: notice('two', { values: '2' }) });
  });

  it('gives the subscriber of every oee value each of them (R-3.2)', async () => {
    await using broker = await startTestBroker();
    await using peer = await subscriber(broker, [SEED_2]);
    await publish(broker, { ...TOPIC, page: 'oee', filters: { values: { other: 1 } }, data: 'other' });
    await publish(broker, { ...TOPIC, page: 'oee', filters: { values: { oee: 85.5 } }, data: 'oee' });
    expect(await nextData(peer)).toBe('oee');
  });

  it.each([
    ['another package', { ...TOPIC, package: 'other' }],
    ['another page', { ...TOPIC, page: 'other' }],
    ['the same names cut elsewhere', { package: `${TOPIC.package}${TOPIC.page[0]}`, page: TOPIC.page.slice(1) }],
    ['the name in capitals', { ...TOPIC, page: 'Messages' }],
    ['the name with a space behind it', { ...TOPIC, page: 'messages ' }],
  ])('keeps what is published in %s from a subscriber (R-2.4)', async (_, topic) => {
    await using broker = await startTestBroker();
    await using peer = await subscriber(broker);
    await publish(broker, { ...topic, data: 'elsewhere' });
    await publish(broker, notice('here'));
    expect(await nextData(peer)).toBe('here');
  });
});

describe('a set of subscriptions', () => {
  it('is replaced whole by the next message (R-2.2)', async () => {
    await using broker = await startTestBroker();
    await using peer = await subscriber(broker, [{ ...TOPIC, filters: { values: '2' } }]);
    await subscribe(peer, [{ ...TOPIC, filters: { values: '3' } }]);
    await publish(broker, notice('two', { values: '2' }));
    await publish(broker, notice('three', { values: '3' }));
    expect(await nextData(peer)).toBe('three');
  });

  it('is ended by an empty list, and the connection stays open (R-2.2)', async () => {
    await using broker = await startTestBroker();
    await using peer = await subscriber(broker);
    await subscribe(peer, []);
    expect(broker.stats().registry.memberships).toBe(0);
    await publish(broker, notice('to nobody'));
    await subscribe(peer, EVERYTHING);
    await publish(broker, notice('to somebody'));
    expect(await nextData(peer)).toBe('to somebody');
  });

  it('is in force when the ping behind it is answered, ten times over (R-2.8)', async () => {
    await using broker = await startTestBroker();
    await using peer = await connect(broker);
    for (let round = 1; round <= 10; round++) {
      await subscribe(peer, [{ ...TOPIC, filters: { values: round } }]);
      await publish(broker, notice(`was ${round}`, { values: round - 1 }));
      await publish(broker, notice(round, { values: round }));
      expect(await nextData(peer)).toBe(round);
    }
  });

  it('is the last of those that came in one segment (R-2.8)', async () => {
    await using broker = await startTestBroker();
    await using peer = await connect(broker);
    for (const wanted of ['1', '2', '3']) peer.send(subscriptionsText([{ ...TOPIC, filters: { values: wanted } }]));
    await peer.barrier();
    for (const given of ['1', '2', '3']) await publish(broker, notice(given, { values: given }));
    expect(await nextData(peer)).toBe('3');
    expect(broker.stats().registry.memberships).toBe(1);
  });

  it('may name members that no rule knows, id and resume too (R-2.1)', async () => {
    await using broker = await startTestBroker();
    await using peer = await connect(broker);
    peer.send(subscriptionsText([{ ...TOPIC, name: 'mine' }], { id: 7, resume: 'never', token: 1, key: {}, notification: 3, extra: [] }));
    await peer.barrier();
    await publish(broker, notice('heard'));
    expect(await said(peer)).toEqual({ sender: 'server', notification: notice('heard') });
  });

  it('need not come at all: a peer that asks for nothing is left alone (R-2.2)', async () => {
    await using broker = await startTestBroker();
    await using peer = await connect(broker);
    await publish(broker, notice('not yours'));
    await peer.barrier();
    await subscribe(peer, EVERYTHING);
    await publish(broker, notice('yours'));
    expect(await nextData(peer)).toBe('yours');
  });

  it('is forgotten with its connection, however that ends (R-2.2)', async () => {
    await using broker = await startTestBroker();
    const closing = await subscriber(broker);
    const ending = await subscriber(broker);
    const dying = await subscriber(broker);
    await closing.close(1000);
    ending.end();
    dying.destroy();
    await expect.poll(() => broker.stats().peers).toBe(0);
    expect(broker.stats().registry).toMatchObject({ memberships: 0, groups: 0, topics: 0 });
  });
});

describe('the path and the frames', () => {
  it.each(['/', '/ws', '/notify', '/healthz', '/a/b?c=d#e', '/%00', '//', '*'])('mean nothing: %s is accepted (R-2.1)', async (path) => {
    await using broker = await startTestBroker();
    await using peer = await subscriber(broker, EVERYTHING, { path });
    await publish(broker, notice(path));
    expect(await nextData(peer)).toBe(path);
  });

  it('mean nothing: a message in pieces of one byte is one message (R-2.1)', async () => {
    await using broker = await startTestBroker();
    await using peer = await subscriber(broker);
    await using publisher = await connect(broker);
    const bytes = Buffer.from(publication(notice('é𝄞')));
    for (let at = 0; at < bytes.length; at++) {
      publisher.frame({ opcode: at === 0 ? 1 : 0, fin: at === bytes.length - 1, payload: bytes.subarray(at, at + 1) });
    }
    expect((await publisher.closed).code).toBe(1000);
    expect(await nextData(peer)).toBe('é𝄞');
  });
});
