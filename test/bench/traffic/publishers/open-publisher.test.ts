import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { openPublisher } from '../../../../src/bench/traffic/publishers/open-publisher.js';
import { openPeer } from '../../../../src/peer/index.js';
import { startTestBroker } from '../../../support/broker.js';
import { notificationText, PROBE, recording } from './recording.js';

const KINDS = ['persistent', 'ephemeral', 'http'] as const;
const hasIPv6 = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1'));
const BROKEN = Buffer.from('{"package":""}');

/** Reads `count` notifications of the load; their numbers in the order in which they came. */
async function reader(port: number) {
  const peer = await openPeer({ host: '127.0.0.1', port });
  peer.send('{"sender":"client","subscriptions":[{"package":"bench","page":"load"}]}');
  await peer.barrier();
  return {
    async numbers(count: number) {
      const found: number[] = [];
      while (found.length < count) found.push(JSON.parse(await peer.next()).notification.data.index);
      return found;
    },
    [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
  };
}

describe.each(KINDS)('a publisher of the kind %s', (kind) => {
  it('sends each notification once and byte for byte, and tells that it was taken', async () => {
    await using broker = await startTestBroker();
    await using subscriber = await openPeer({ host: '127.0.0.1', port: broker.port });
    subscriber.send('{"sender":"client","subscriptions":[{"package":"bench","page":"load"}]}');
    await subscriber.barrier();
    const context = recording(broker.url, { connections: 3 });
    await using publisher = await openPublisher(kind, context, PROBE);
    expect(publisher).toMatchObject({ kind, subprotocol: kind === 'persistent' ? 'wsn.v1' : null, isGone: false, unanswered: 0 });

    const numbers = Array.from({ length: 50 }, (_, index) => index);
    for (const index of numbers) publisher.publish(index);
    expect(publisher.unanswered).toBe(50);
    await context.settled(50);
    expect([...context.sending].sort((a, b) => a - b)).toEqual(numbers);
    expect([...context.acknowledged].sort((a, b) => a - b)).toEqual(numbers);
    expect(publisher).toMatchObject({ isGone: false, unanswered: 0 });
    const came: string[] = [];
    while (came.length < 50) came.push(await subscriber.next());
    expect(came.sort()).toEqual(numbers.map((index) => `{"sender":"server","notification":${notificationText(index)}}`).sort());
  });

  it.skipIf(!hasIPv6)('reaches a broker at an IPv6 address', async () => {
    await using broker = await startTestBroker({ host: '::1' });
    const context = recording(`ws://[::1]:${broker.port}`);
    await using publisher = await openPublisher(kind, context, PROBE);
    publisher.publish(0);
    await context.settled(1);
    expect(context.acknowledged).toEqual([0]);
  });

  it('tells what the broker says of a notification that it does not take, and goes on', async () => {
    await using broker = await startTestBroker();
    const context = recording(broker.url, { notification: (index) => (index === 1 ? BROKEN : Buffer.from(notificationText(index))) });
    await using publisher = await openPublisher(kind, context, PROBE);
    for (const index of [0, 1, 2]) publisher.publish(index);
    await context.settled(3);
    expect([...context.acknowledged].sort()).toEqual([0, 2]);
    expect([...context.refused.keys()]).toEqual([1]);
    expect(context.refused.get(1)).toMatch(/package/);
    expect(context.refused.get(1)).toMatch(
      { persistent: /^invalid-notification at \/notification\/package: /, ephemeral: /^closed with 4\d{3} /, http: /^HTTP 400: / }[kind],
    );
  });

  it('cannot be opened where nobody listens', async () => {
    const { url } = await startTestBroker().then(async (broker) => {
      await broker[Symbol.asyncDispose]();
      return broker;
    });
    await expect(openPublisher(kind, recording(url), PROBE)).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringMatching(/^cannot reach \S+: nobody listens there$/),
    });
  });

  it('cannot be opened where its probe is not taken', async () => {
    await using broker = await startTestBroker();
    await expect(openPublisher(kind, recording(broker.url), String(BROKEN))).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/^the broker does not take notifications from here: .*package/),
    });
  });

  it('is not opened when it was stopped before', async () => {
    await using broker = await startTestBroker();
    const context = recording(broker.url);
    context.abort(new Error('no more'));
    await expect(openPublisher(kind, context, PROBE)).rejects.toThrow('no more');
  });

  it('tells of everything that is published when the broker goes, and does not hold on to it', async () => {
    await using broker = await startTestBroker();
    const context = recording(broker.url, { connections: 2 });
    await using publisher = await openPublisher(kind, context, PROBE);
    publisher.publish(0);
    await context.settled(1);
    await broker.close();
    for (let index = 1; index <= 20; index++) publisher.publish(index);
    await context.settled(21);
    expect(context.acknowledged).toEqual([0]);
    expect(publisher.unanswered).toBe(0);
  });

  it('keeps the order of a channel where a channel has one connection', async () => {
    await using broker = await startTestBroker();
    await using subscriber = await reader(broker.port);
    const context = recording(broker.url, { connections: kind === 'persistent' ? 3 : 1, channelOf: (index) => index % 2 });
    await using publisher = await openPublisher(kind, context, PROBE);
    for (let index = 0; index < 30; index++) publisher.publish(index);
    await context.settled(30);
    const numbers = await subscriber.numbers(30);
    const expected = Array.from({ length: 15 }, (_, place) => 2 * place);
    if (kind !== 'ephemeral') expect(numbers.filter((number) => number % 2 === 0)).toEqual(expected);
    else expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, index) => index));
  });
});
