import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Subscription } from '../../src/protocol/index.js';
import { startTestBroker } from '../support/broker.js';
import { type Client, type ClientOptions, createClient, type Delivery } from '../support/one-set-client.js';
import { eventually } from './fake-broker.js';

const N = { package: 'amaiia_msg_srv', page: 'messages', filters: { values: '2' }, data: { messageId: '12345', channelId: '2' } };
const WANTED: Subscription = { ...topicOf(N), filters: { values: { channel: ['2', '3', '5'] } } };

function topicOf({ package: name, page }: Subscription) {
  return { package: name, page };
}

function connect(url: string, options: Partial<ClientOptions> = {}): { client: Client; deliveries: Delivery[] } {
  const deliveries: Delivery[] = [];
  const client = createClient({
    url,
    WebSocket,
    backoff: { initialMs: 20, maxMs: 200 },
    onNotification: (delivery) => deliveries.push(delivery),
    ...options,
  });
  return { client, deliveries };
}

describe('a client and the broker', () => {
  it('speak wsn.v1: the set is acknowledged, the receipt counts who got it, the delivery has its position (R-5.4, R-5.5, R-5.7)', async () => {
    await using broker = await startTestBroker();
    const { client, deliveries } = connect(broker.url);
    await using _ = client;
    const [topic] = await client.subscribe([WANTED]);
    expect(topic).toEqual({ ...topicOf(N), epoch: expect.any(String), offset: 0 });
    await using publisher = connect(broker.url).client;
    const receipt = await publisher.publish(N);
    expect(receipt).toEqual({ position: { epoch: topic?.epoch, offset: 1 }, matched: 1, duplicate: false });
    const delivery = await eventually(() => deliveries[0], 'the notification');
    expect(delivery).toMatchObject({ notification: N, position: receipt?.position });
    expect(client.state).toMatchObject({ kind: 'open', dialect: 'v1' });
  });

  it('speak the base protocol when nothing is offered: a close 1000 is the receipt (R-2.10)', async () => {
    await using broker = await startTestBroker();
    const { client } = connect(broker.url, { protocols: [] });
    await using _ = client;
    expect(await client.publish(N)).toBeUndefined();
    expect(client.state).toEqual({ kind: 'closed', code: 1000, reason: '' });
  });

  it('publish with the base protocol on a connection of its own where there is one that hears (R-2.10)', async () => {
    await using broker = await startTestBroker();
    const { client, deliveries } = connect(broker.url, { protocols: [], subscriptions: [WANTED] });
    await using _ = client;
    for (const data of [1, 2]) expect(await client.publish({ ...N, data })).toBeUndefined();
    await eventually(() => deliveries.length === 2, 'both notifications');
    expect(deliveries).toMatchObject([{ notification: { data: 1 } }, { notification: { data: 2 } }]);
    expect(deliveries[0]?.position).toBeUndefined();
    expect([client.state.kind, client.stats]).toMatchObject(['open', { published: 2, reconnects: 0 }]);
    await expect(client.publish({ json: '{"package":"p"}' })).rejects.toMatchObject({ name: 'ClosedError', code: 4400 });
  });

  it('tell a refusal by its code and pointer; what was in force before stands (R-5.9)', async () => {
    await using broker = await startTestBroker();
    const { client, deliveries } = connect(broker.url);
    await using _ = client;
    await client.subscribe([WANTED]);
    await expect(client.subscribe([{ package: 'p', page: '' }])).rejects.toMatchObject({
      code: 'invalid-subscription',
      path: '/subscriptions/0/page',
    });
    await expect(client.publish({ json: '{"package":"p"}' })).rejects.toMatchObject({
      code: 'invalid-notification',
      path: '/notification/page',
    });
    await client.publish(N);
    await eventually(() => deliveries[0], 'the notification');
  });

  it('close a base peer with 4400 and the reason instead, after which the client stops (R-4.1)', async () => {
    await using broker = await startTestBroker();
    const { client } = connect(broker.url, { protocols: [] });
    await using _ = client;
    await expect(client.publish({ json: '{"package":"p"}' })).rejects.toMatchObject({
      name: 'ClosedError',
      code: 4400,
      reason: '/notification/page: expected a non-empty string, found nothing',
    });
    expect(client.state).toMatchObject({ kind: 'closed', code: 4400 });
  });

  it('find each other again after a restart, with the whole set in force (R-4.1, R-2.2)', async () => {
    const options = { reconnectJitterMs: 0 };
    const first = await startTestBroker(options);
    const { client, deliveries } = connect(first.url, { subscriptions: [WANTED] });
    await using _ = client;
    await client.subscribe([WANTED]);
    await first.close();
    await using second = await startTestBroker({ ...options, port: first.port });
    await eventually(() => second.stats().registry.topics === 1, 'the subscription at the second broker');
    const receipt = await client.publish(N);
    expect(receipt).toMatchObject({ position: { offset: 1 }, matched: 1 });
    await eventually(() => deliveries[0], 'the notification of the second broker');
    expect(client.stats).toEqual({ received: 1, recovered: 0, repeats: 0, reconnects: 1, published: 1 });
  });

  it('stay together while nothing happens, because marks come (R-5.6)', async () => {
    await using broker = await startTestBroker({ pingIntervalMs: 200 });
    const states: string[] = [];
    const { client } = connect(broker.url, { onState: ({ kind }) => states.push(kind) });
    await using _ = client;
    await client.subscribe([WANTED]);
    const until = Date.now() + 1000; // twice as long as a line without marks would live
    await eventually(() => Date.now() > until, 'the time to go by');
    await client.publish(N);
    expect(states).toEqual(['open']);
  });
});
