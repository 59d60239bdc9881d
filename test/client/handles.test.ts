import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { ClosedError, createClient, type SubscriptionHandle } from '../../src/client/index.js';
import { startTestBroker } from '../support/broker.js';
import { acknowledge, countingSignal, deliver, isOpen, quickClient, refuse, said } from './conversation.js';
import { eventually, startFakeBroker } from './fake-broker.js';

const A = { package: 'p', page: 'a' };
const B = { package: 'p', page: 'b' };
const C = { package: 'p', page: 'c' };

/** A list, and what puts the data of notifications into it. */
function ear<T = unknown>() {
  const heard: T[] = [];
  return { heard, hear: ({ notification }: { notification: { data?: unknown } }) => void heard.push(notification.data as T) };
}

describe('several handles', () => {
  it('are one message for all calls of a turn, with equal subscriptions once (R-2.2)', async () => {
    await using broker = await startFakeBroker();
    await using client = quickClient(broker.url);
    await isOpen(client);
    const handles = Array.from({ length: 100 }, (_, index) => client.subscribe([A, { ...B, filters: { n: index % 2 } }], () => {}));
    const peer = await broker.peer(0);
    const { subscriptions } = await acknowledge(peer, 0, [{ ...A, epoch: 'k', offset: 1 }]);
    expect(subscriptions).toEqual([A, { ...B, filters: { n: 0 } }, { ...B, filters: { n: 1 } }]);
    await Promise.all(handles.map(({ ready }) => ready));
    void client.publish(C).catch(() => {}); // a fence
    expect((await said(peer, 1)).notification).toEqual(C);
  });

  it('are told of their own topics when they are in force (R-5.4)', async () => {
    await using broker = await startFakeBroker();
    await using client = quickClient(broker.url);
    const [one, other] = [client.subscribe(A, () => {}), client.subscribe([B, C], () => {})];
    const topics = [A, B, C].map((topic, offset) => ({ ...topic, epoch: 'k', offset }));
    await acknowledge(await broker.peer(0), 0, topics);
    expect(await one.ready).toEqual(topics.slice(0, 1));
    expect(await other.ready).toEqual(topics.slice(1));
  });

  it('come and go without a connection anew, and the last to go leaves an empty set (R-2.2)', async () => {
    await using broker = await startFakeBroker();
    await using client = quickClient(broker.url);
    await isOpen(client);
    const peer = await broker.peer(0);
    const one = client.subscribe(A, () => {});
    expect((await acknowledge(peer, 0)).subscriptions).toEqual([A]);
    const other = client.subscribe(B, () => {});
    expect((await acknowledge(peer, 1)).subscriptions).toEqual([A, B]);
    await other.ready;
    void one.replace([C]);
    expect((await acknowledge(peer, 2)).subscriptions).toEqual([B, C]);
    one.unsubscribe();
    expect((await acknowledge(peer, 3)).subscriptions).toEqual([B]);
    {
      using _ = other;
    }
    expect((await acknowledge(peer, 4)).subscriptions).toEqual([]);
    expect([broker.peers.length, client.stats.reconnects]).toEqual([1, 0]);
  });

  it('are told on the next line what the union is, and where each topic stands (R-5.4)', async () => {
    const told: unknown[] = [];
    await using broker = await startFakeBroker();
    await using client = quickClient(broker.url, { onReset: (topics) => told.push(['client', topics]) });
    const tell = (name: string) => ({
      onReset: (topics: readonly object[]) => told.push([name, 'lost', topics]),
      onRecovered: (topics: readonly object[]) => told.push([name, 'kept', topics]),
    });
    client.subscribe(A, () => {}, tell('one'));
    client.subscribe([A, B], () => {}, tell('other'));
    const [first, at] = [await broker.peer(0), { epoch: 'k', offset: 1 }];
    await acknowledge(first, 0, [
      { ...A, ...at },
      { ...B, ...at },
    ]);
    deliver(first, A, 2);
    await eventually(() => client.stats.received === 1, 'the delivery');
    first.socket.terminate();
    client.subscribe(B, () => {}, tell('late'));
    const second = await broker.peer(1);
    const kept = { ...A, epoch: 'k', offset: 2, recovered: true, replayed: 0 };
    const lost = { ...B, epoch: 'l', offset: 7 };
    const { resume } = await acknowledge(second, 0, [kept, lost]);
    expect(resume).toEqual([
      { ...A, epoch: 'k', offset: 2 },
      { ...B, ...at },
    ]);
    await eventually(() => told.length === 4, 'what they are told');
    expect(told).toEqual([
      ['client', [lost]],
      ['other', 'lost', [lost]],
      ['one', 'kept', [kept]],
      ['other', 'kept', [kept]],
    ]);
  });

  it('hear what is published by the same client right after they were made', async () => {
    await using broker = await startTestBroker();
    await using client = quickClient(broker.url);
    await isOpen(client);
    const { heard, hear } = ear();
    client.subscribe(A, hear);
    const receipt = await client.publish({ ...A, data: 'own' });
    expect(receipt?.matched).toBe(1);
    await eventually(() => heard.length === 1, 'its own');
    expect(heard).toEqual(['own']);
  });

  it('go on when one of them throws, which is an unhandled rejection', async () => {
    const unhandled: unknown[] = [];
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    process.on('unhandledRejection', (reason) => unhandled.push(reason));
    onTestFinished(() => {
      process.removeAllListeners('unhandledRejection');
      for (const listener of others) process.on('unhandledRejection', listener);
    });
    await using broker = await startFakeBroker();
    const problems: unknown[] = [];
    await using client = quickClient(broker.url, { onProblem: (error) => problems.push(error) });
    const { heard, hear } = ear();
    const bad = new Error('a bug of the app');
    const fail = () => {
      throw bad;
    };
    client.subscribe(A, fail);
    client.store.subscribe(fail);
    client.subscribe(A, hear);
    const peer = await broker.peer(0);
    await acknowledge(peer, 0);
    deliver(peer, A, 1);
    deliver(peer, A, 2);
    await eventually(() => heard.length === 2 && unhandled.length >= 4, 'both');
    expect([heard, problems]).toEqual([[1, 2], []]);
    expect(new Set(unhandled)).toEqual(new Set([bad]));
    expect(client.state.kind).toBe('open');
  });

  it('hear nothing any more once they were taken back, also by one that is told of the same notification', async () => {
    await using broker = await startFakeBroker();
    await using client = quickClient(broker.url);
    const { heard, hear } = ear();
    let other: SubscriptionHandle | undefined;
    client.subscribe(A, () => other?.unsubscribe());
    other = client.subscribe(A, hear);
    const fence = ear();
    client.subscribe(A, fence.hear);
    const peer = await broker.peer(0);
    await acknowledge(peer, 0);
    deliver(peer, A, 1);
    await eventually(() => fence.heard.length === 1, 'the fence');
    expect(heard).toEqual([]);
  });
});

describe('a handle', () => {
  it('ends with its signal, on which nobody listens then', async () => {
    await using broker = await startFakeBroker();
    await using client = quickClient(broker.url);
    await isOpen(client);
    const peer = await broker.peer(0);
    const { signal, abort, listeners } = countingSignal();
    const [first, second] = [client.subscribe(A, () => {}, { signal }), client.subscribe(B, () => {}, { signal })];
    await acknowledge(peer, 0);
    await Promise.all([first.ready, second.ready]);
    expect(listeners()).toBe(2);
    first.unsubscribe();
    expect(listeners()).toBe(1);
    await said(peer, 1);
    abort();
    expect((await said(peer, 2)).subscriptions).toEqual([]);
    expect(listeners()).toBe(0);
    const late = client.subscribe(C, () => {}, { signal });
    await expect(late.ready).rejects.toMatchObject({ name: 'ClosedError', reason: 'unsubscribed' });
    expect((await said(peer, 3)).subscriptions).toEqual([]);
    expect(listeners()).toBe(0);
  });

  it('ends with its client, after which nobody listens on any signal', async () => {
    await using broker = await startFakeBroker();
    const [own, whole] = [countingSignal(), countingSignal()];
    const client = quickClient(broker.url, { signal: whole.signal });
    const { ready, replace } = client.subscribe(A, () => {}, { signal: own.signal });
    whole.abort();
    await expect(ready).rejects.toBeInstanceOf(ClosedError);
    await expect(replace(B)).rejects.toMatchObject({ name: 'ClosedError', code: 1000 });
    const late = client.subscribe(A, () => {}, { signal: own.signal });
    await expect(late.ready).rejects.toMatchObject({ name: 'ClosedError', code: 1000 });
    expect([own.listeners(), whole.listeners()]).toEqual([0, 0]);
    await client.close();
  });

  it('is not made by a client whose signal has aborted before', () => {
    const reason = new Error('too late');
    const options = { url: 'ws://127.0.0.1:1', WebSocket, signal: AbortSignal.abort(reason) };
    expect(() => createClient(options)).toThrow(reason);
  });

  it('can be taken back before it was sent: it never is', async () => {
    await using broker = await startFakeBroker();
    await using client = quickClient(broker.url);
    const gone = client.subscribe(A, () => {});
    gone.unsubscribe();
    await expect(gone.ready).rejects.toMatchObject({ code: 1000, reason: 'unsubscribed' });
    await isOpen(client);
    client.subscribe(B, () => {});
    expect((await said(await broker.peer(0), 0)).subscriptions).toEqual([B]);
    gone.unsubscribe(); // once more is nothing
  });

  it('hears what it wanted before until a replacement is in force, or for good when that is refused', async () => {
    await using broker = await startFakeBroker();
    await using client = quickClient(broker.url);
    await isOpen(client);
    const peer = await broker.peer(0);
    const { heard, hear } = ear();
    const lost: unknown[] = [];
    const handle = client.subscribe(A, hear, { onReset: (topics) => lost.push(...topics) });
    await acknowledge(peer, 0);
    await handle.ready;
    const refused = expect(handle.replace(B)).rejects.toMatchObject({ code: 'forbidden' });
    await said(peer, 1);
    deliver(peer, A, 1);
    peer.say({ sender: 'server', reset: [{ ...A, epoch: 'k', offset: 1 }] });
    await refuse(peer, 1);
    await refused;
    expect(lost).toEqual([{ ...A, epoch: 'k', offset: 1 }]);
    deliver(peer, A, 2);
    await acknowledge(peer, 2);
    const taken = handle.replace(C);
    await said(peer, 3);
    deliver(peer, A, 3);
    await acknowledge(peer, 3);
    await taken;
    deliver(peer, A, 4);
    deliver(peer, C, 1, 'c');
    await eventually(() => heard.at(-1) === 'c', 'the last');
    expect(heard).toEqual([1, 2, 3, 'c']);
  });

  it('that cannot be sent is thrown back, and leaves no listener and nobody else behind', async () => {
    await using broker = await startFakeBroker();
    await using client = quickClient(broker.url);
    await isOpen(client);
    const { signal, listeners } = countingSignal();
    expect(() => client.subscribe([undefined as never], () => {}, { signal })).toThrow('expected subscriptions, found null');
    expect(() => client.subscribe([{ ...A, filters: { values: 1n as never } }], () => {}, { signal })).toThrow(TypeError);
    expect(listeners()).toBe(0);
    client.subscribe(B, () => {});
    expect((await said(await broker.peer(0), 0)).subscriptions).toEqual([B]);
  });

  it('answers calls of `replace` in their order, each with what it asked for', async () => {
    await using broker = await startFakeBroker();
    await using client = quickClient(broker.url);
    await isOpen(client);
    const peer = await broker.peer(0);
    const handle = client.subscribe(A, () => {});
    await said(peer, 0);
    const second = handle.replace(B);
    await said(peer, 1);
    const at = { epoch: 'k', offset: 1 };
    await acknowledge(peer, 0, [{ ...A, ...at }]);
    expect(await handle.ready).toEqual([{ ...A, ...at }]);
    await refuse(peer, 1);
    await expect(second).rejects.toMatchObject({ code: 'forbidden' });
    expect((await said(peer, 2)).subscriptions).toEqual([A]);
  });
});
