import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ClientState, LostTopic } from '../../src/client/index.js';
import { acknowledge, isOpen, quickClient, said, silentWebSocket } from './conversation.js';
import { eventually, startFakeBroker } from './fake-broker.js';

const A = { package: 'p', page: 'a' };
const B = { package: 'p', page: 'b' };

afterEach(() => {
  vi.useRealTimers();
});

describe('where the platform does not say why a connection was not opened (R-5.1)', () => {
  it('a server that declines is known after one attempt without an offer and one more with it', async () => {
    const { offers, WebSocket } = silentWebSocket();
    await using broker = await startFakeBroker({ speaksV1: false });
    await using client = quickClient(broker.url, { WebSocket });
    await isOpen(client);
    expect(client.state).toMatchObject({ dialect: 'base' });
    expect(offers).toEqual([['wsn.v1'], [], ['wsn.v1'], []]);
  });

  it.each([1, 2, 3, 4])(
    'a broker of wsn.v1 that was down for the first %i attempts is never spoken to in the base protocol',
    async (down) => {
      await using broker = await startFakeBroker();
      const { offers, WebSocket: Real } = silentWebSocket();
      let attempts = 0;
      const WebSocket = new Proxy(Real, {
        construct: (target, [url, protocols]) => new target(++attempts > down ? url : 'ws://127.0.0.1:1', protocols),
      });
      const states: ClientState[] = [];
      await using client = quickClient(broker.url, { WebSocket, onState: (state) => states.push(state) });
      await isOpen(client);
      expect(states.flatMap((state) => (state.kind === 'open' ? [state.dialect] : []))).toEqual(['v1']);
      expect(offers.at(-1)).toEqual(['wsn.v1']);
    },
  );

  it('a token is never left out', async () => {
    const { offers, WebSocket } = silentWebSocket();
    await using broker = await startFakeBroker({ speaksV1: false });
    await using client = quickClient(broker.url, { WebSocket, token: 't' });
    await eventually(() => offers.length >= 4, 'four attempts');
    expect(offers.every((offer) => offer.join() === 'wsn.v1,wsn.token.t')).toBe(true);
    expect(client.state.kind).not.toBe('open');
  });
});

describe('with the base protocol', () => {
  it('what was subscribed to is lost with each line, and has no position', async () => {
    await using broker = await startFakeBroker({ speaksV1: false });
    const told: unknown[] = [];
    await using client = quickClient(broker.url, { onReset: (topics) => told.push(['client', topics]) });
    const tell = (name: string) => ({ onReset: (topics: readonly LostTopic[]) => told.push([name, topics]) });
    const one = client.subscribe([A, { ...A, filters: { n: 1 } }], () => {}, tell('one'));
    await Promise.all([one.ready, client.subscribe(B, () => {}, tell('other')).ready]);
    const [first] = broker.peers.slice(-1);
    await first?.heard(0);
    expect(told).toEqual([]);
    first?.socket.terminate();
    await eventually(() => told.length >= 3, 'what is lost');
    expect(told).toEqual([
      ['client', [A, B]],
      ['one', [A]],
      ['other', [B]],
    ]);
    expect(client.state).toMatchObject({ kind: 'open', dialect: 'base' });
  });

  it('what was subscribed to is lost when a broker of wsn.v1 takes the place of the server, and not what is new', async () => {
    let speaksV1 = false;
    await using broker = await startFakeBroker({ speaksV1: () => speaksV1 });
    const told: unknown[] = [];
    await using client = quickClient(broker.url, { onReset: (topics) => told.push(topics) });
    const handle = client.subscribe(A, () => {}, { onReset: (topics) => told.push(topics) });
    await handle.ready;
    const first = broker.peers.at(-1);
    await first?.heard(0);
    speaksV1 = true;
    const before = broker.peers.length;
    first?.socket.terminate();
    const second = await broker.peer(before);
    await eventually(() => client.state.kind === 'open' && client.state.dialect === 'v1', 'wsn.v1');
    client.subscribe(B, () => {});
    const topics = [A, B].map((topic) => ({ ...topic, epoch: 'k', offset: 3 }));
    await acknowledge(second, 0, topics.slice(0, 1));
    await acknowledge(second, 1, topics);
    await eventually(() => told.length === 2, 'what is lost');
    expect(told).toEqual([topics.slice(0, 1), topics.slice(0, 1)]);
  });
});

describe('a publication on a connection of its own (R-2.10)', () => {
  it('may have been published when the server closes without a code', async () => {
    await using broker = await startFakeBroker({
      speaksV1: false,
      onPeer: ({ socket }) => socket.on('message', (text) => `${text}`.includes('notification') && socket.close()),
    });
    await using client = quickClient(broker.url, { protocols: [] });
    await client.subscribe(A, () => {}).ready;
    await expect(client.publish(A)).rejects.toMatchObject({ name: 'ClosedError', code: 1005 });
    expect([client.state.kind, client.stats.published]).toEqual(['open', 0]);
  });

  it('ends after 10 s with a server that says nothing', async () => {
    await using broker = await startFakeBroker({ speaksV1: false });
    await using client = quickClient(broker.url, { protocols: [] });
    await client.subscribe(A, () => {}).ready;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const answer = client.publish(A);
    answer.catch(() => {});
    vi.advanceTimersByTime(10_000);
    vi.useRealTimers();
    await expect(answer).rejects.toMatchObject({ name: 'ClosedError', code: 1006, reason: 'no answer within 10 s' });
    expect(client.state.kind).toBe('open');
  });

  it('ends with its client, and so does its connection', async () => {
    await using broker = await startFakeBroker({ speaksV1: false });
    const client = quickClient(broker.url, { protocols: [] });
    await client.subscribe(A, () => {}).ready;
    const answer = client.publish(A);
    const alone = await broker.peer(1);
    expect((await said(alone, 0)).notification).toEqual(A);
    const closed = new Promise((resolve) => alone.socket.once('close', resolve));
    const rejected = expect(answer).rejects.toMatchObject({ name: 'ClosedError', code: 1000 });
    await client.close();
    await rejected;
    await closed;
  });
});
