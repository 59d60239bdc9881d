import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Subscription } from '../../src/protocol/index.js';
import { type Client, type ClientOptions, createClient, type Delivery } from '../support/one-set-client.js';
import { eventually, startFakeBroker } from './fake-broker.js';

const A: Subscription = { package: 'p', page: 'a' };
const B: Subscription = { package: 'p', page: 'b', filters: { values: { channel: ['2'] } } };
const AT_ONCE = { initialMs: 0, stableMs: 0 };

function connect(url: string, options: Omit<ClientOptions, 'url'> = {}): Client {
  return createClient({ url, WebSocket, backoff: AT_ONCE, ...options });
}

/** The message of a client, parsed. */
async function parsed(text: Promise<string>): Promise<Record<string, unknown>> {
  return JSON.parse(await text) as Record<string, unknown>;
}

function subscribed(id: unknown, topics: readonly object[] = []): object {
  return { sender: 'server', id, subscribed: { topics } };
}

function refusal(id: unknown, error: object = { code: 'forbidden', path: '/subscriptions/0', message: 'not yours', retry: false }): object {
  return { sender: 'server', id, error };
}

function delivery(offset: number, epoch = 'k'): object {
  return { sender: 'server', notification: { ...A, data: { offset } }, position: { epoch, offset } };
}

describe('subscribe', () => {
  it('sends the whole set with an id and resolves with the topics of the acknowledgement (R-5.4)', async () => {
    await using broker = await startFakeBroker();
    await using client = connect(broker.url);
    const answer = client.subscribe([A, B]);
    const peer = await broker.peer(0);
    const message = await parsed(peer.heard(0));
    expect(message).toEqual({ sender: 'client', id: expect.any(String), subscriptions: [A, B] });
    const topics = [{ ...A, epoch: 'k', offset: 3 }];
    peer.say(subscribed(message.id, topics));
    expect(await answer).toEqual(topics);
  });

  it('sends neither id nor any member of wsn.v1 with the base protocol, which has no acknowledgement (R-2.2)', async () => {
    await using broker = await startFakeBroker();
    await using client = connect(broker.url, { protocols: [] });
    expect(await client.subscribe([A])).toEqual([]);
    const peer = await broker.peer(0);
    expect(await peer.heard(0)).toBe('{"sender":"client","subscriptions":[{"package":"p","page":"a"}]}');
  });

  it('says nothing for a client that has never subscribed, and an empty list for one that has ended all (R-2.2)', async () => {
    await using broker = await startFakeBroker();
    await using client = connect(broker.url, { protocols: [] });
    await eventually(() => client.state.kind === 'open', 'the connection');
    await client.subscribe([]);
    const peer = await broker.peer(0);
    expect(await peer.heard(0)).toBe('{"sender":"client","subscriptions":[]}');
  });

  it('sends the latest set again on each new connection, and answers there who still waits (R-2.2)', async () => {
    await using broker = await startFakeBroker({
      onPeer: (peer, index) => index > 0 || peer.socket.once('message', () => peer.socket.terminate()),
    });
    await using client = connect(broker.url, { subscriptions: [A] });
    const answer = client.subscribe([A, B]);
    const second = await broker.peer(1);
    const message = await parsed(second.heard(0));
    expect(message.subscriptions).toEqual([A, B]);
    second.say(subscribed(message.id));
    await answer;
  });

  it('rejects with the refusal, and goes on with the set before it (R-5.9)', async () => {
    await using broker = await startFakeBroker();
    await using client = connect(broker.url, { subscriptions: [A] });
    const first = await broker.peer(0);
    first.say(subscribed((await parsed(first.heard(0))).id));
    const answer = client.subscribe([B]);
    first.say(refusal((await parsed(first.heard(1))).id));
    await expect(answer).rejects.toMatchObject({
      name: 'ProtocolError',
      code: 'forbidden',
      path: '/subscriptions/0',
      message: 'not yours',
    });
    first.socket.terminate();
    const second = await broker.peer(1);
    expect((await parsed(second.heard(0))).subscriptions).toEqual([A]);
  });
});

describe('notifications', () => {
  it('are delivered with their position and the whole text as it came (R-2.3, R-5.5)', async () => {
    const text =
      '{"sender":"server", "notification":{"package":"p","page":"a","data":12345678901234567890},"position":{"epoch":"k","offset":1}}';
    const deliveries: Delivery[] = [];
    await using broker = await startFakeBroker({ onPeer: (peer) => peer.socket.send(text) });
    await using client = connect(broker.url, { subscriptions: [A], onNotification: (found) => deliveries.push(found) });
    const found = await eventually(() => deliveries[0], 'the notification');
    expect(found).toMatchObject({ notification: { package: 'p', page: 'a' }, position: { epoch: 'k', offset: 1 }, text });
    expect(client.stats.received).toBe(1);
  });

  it('are delivered once: what stands at or before a known position is a repeat (R-2.9)', async () => {
    const deliveries: Delivery[] = [];
    await using broker = await startFakeBroker({
      onPeer: (peer) => {
        const mark = { sender: 'server', mark: [{ ...A, epoch: 'k', offset: 4 }] };
        for (const message of [delivery(1), delivery(1), delivery(2), mark, delivery(4), delivery(5), delivery(1, 'l')]) peer.say(message);
      },
    });
    await using _ = connect(broker.url, { subscriptions: [A], onNotification: (found) => deliveries.push(found) });
    await eventually(() => deliveries.at(-1)?.position?.epoch === 'l', 'the last notification');
    expect(deliveries.map(({ position }) => `${position?.epoch}${position?.offset}`)).toEqual(['k1', 'k2', 'k5', 'l1']);
  });

  it('begin anew after a reset, which is told (R-5.6)', async () => {
    const told: unknown[] = [];
    await using broker = await startFakeBroker({
      onPeer: (peer) => {
        peer.say(delivery(7));
        peer.say({ sender: 'server', reset: [{ ...A, epoch: 'k', offset: 0 }] });
        peer.say(delivery(1));
      },
    });
    await using _ = connect(broker.url, {
      subscriptions: [A],
      onNotification: ({ position }) => told.push(position?.offset),
      onReset: (topics) => told.push(topics),
    });
    await eventually(() => told.length === 3, 'all of it');
    expect(told).toEqual([7, [{ ...A, epoch: 'k', offset: 0 }], 1]);
  });

  it.each([
    ['text that is not JSON', 'oops', 'not understood: not JSON'],
    ['a message whose sender is no server', '{"sender":"client"}', 'not understood: not from a server'],
    ['a binary message', Buffer.from('{}'), 'not understood: binary'],
  ])('go on after %s, which is reported', async (_, bad, described) => {
    const told: unknown[] = [];
    await using broker = await startFakeBroker({
      onPeer: (peer) => {
        peer.socket.send(bad);
        peer.say({ sender: 'server', something: 'of a later version' });
        peer.say(delivery(1));
      },
    });
    await using client = connect(broker.url, {
      subscriptions: [A],
      onNotification: ({ position }) => told.push(position?.offset),
      onProblem: (error) => told.push(error.described),
    });
    await eventually(() => told.length === 2, 'the notification');
    expect(told).toEqual([described, 1]);
    expect(client.state.kind).toBe('open');
  });
});
