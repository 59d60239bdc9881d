import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createClient } from '../support/one-set-client.js';
import { eventually, startFakeBroker } from './fake-broker.js';

const N = { package: 'p', page: 'q', message: 'Nouveau message reçu' };
const RECEIPT = { position: { epoch: 'k', offset: 1 }, matched: 2, duplicate: false };
const AT_ONCE = { WebSocket, backoff: { initialMs: 0, stableMs: 0 } };

async function idOf(text: Promise<string>): Promise<string> {
  return (JSON.parse(await text) as { id: string }).id;
}

describe('publish with wsn.v1', () => {
  it('resolves each with its own receipt, in whatever order they come (R-5.7)', async () => {
    await using broker = await startFakeBroker();
    await using client = createClient({ ...AT_ONCE, url: broker.url });
    const [first, second] = [client.publish(N), client.publish(N)];
    const peer = await broker.peer(0);
    const ids = [await idOf(peer.heard(0)), await idOf(peer.heard(1))];
    peer.say({ sender: 'server', id: ids[1], receipt: { ...RECEIPT, matched: 9 } });
    peer.say({ sender: 'server', id: ids[0], receipt: RECEIPT });
    expect(await first).toEqual(RECEIPT);
    expect(await second).toMatchObject({ matched: 9 });
    expect(client.stats.published).toBe(2);
    expect(client.state.kind).toBe('open');
  });

  it('sends the text of a notification byte for byte, and its key beside it (R-2.3, R-5.8)', async () => {
    await using broker = await startFakeBroker();
    await using client = createClient({ ...AT_ONCE, url: broker.url });
    const json = '{ "page":"q","package":"p", "data":[12345678901234567890, 85.0, "\\u00e9"] }';
    const answer = client.publish({ json }, { key: 'order-"17"' });
    const peer = await broker.peer(0);
    const text = await peer.heard(0);
    const id = await idOf(peer.heard(0));
    expect(text).toBe(`{"sender":"server","id":"${id}","key":"order-\\"17\\"","notification":${json}}`);
    peer.say({ sender: 'server', id, receipt: RECEIPT });
    await answer;
  });

  it('rejects with the refusal of the broker; the connection stays open (R-5.9)', async () => {
    await using broker = await startFakeBroker();
    await using client = createClient({ ...AT_ONCE, url: broker.url });
    const answer = client.publish(N);
    const peer = await broker.peer(0);
    const error = { code: 'forbidden', message: 'publishing is not allowed from here', retry: false };
    peer.say({ sender: 'server', id: await idOf(peer.heard(0)), error });
    await expect(answer).rejects.toMatchObject({ name: 'ProtocolError', code: 'forbidden', message: error.message });
    expect(client.state.kind).toBe('open');
  });

  it('rejects when the connection ends before the receipt, also with 1000, and does not send it again', async () => {
    await using broker = await startFakeBroker({
      onPeer: (peer, index) => peer.socket.once('message', () => (index === 0 ? peer.socket.terminate() : peer.socket.close(1000))),
    });
    await using client = createClient({ ...AT_ONCE, url: broker.url });
    await expect(client.publish(N)).rejects.toMatchObject({ name: 'ClosedError', code: 1006 });
    await expect(client.publish({ ...N, message: 'second' })).rejects.toMatchObject({ name: 'ClosedError', code: 1000 });
    expect(broker.peers[1]?.messages).toHaveLength(1);
  });

  it('waits for the next connection while there is none', async () => {
    await using broker = await startFakeBroker({ onPeer: (peer, index) => index === 0 && peer.socket.close(1013) });
    let answer: Promise<unknown> | undefined;
    await using client = createClient({
      ...AT_ONCE,
      url: broker.url,
      subscriptions: [],
      onState: ({ kind }) => {
        if (kind === 'waiting') answer ??= client.publish(N);
      },
    });
    const peer = await broker.peer(1);
    // The subscriptions first, so that a client hears its own.
    expect(JSON.parse(await peer.heard(0))).toMatchObject({ sender: 'client' });
    peer.say({ sender: 'server', id: await idOf(peer.heard(1)), receipt: RECEIPT });
    expect(await answer).toEqual(RECEIPT);
  });

  it('stops waiting when its signal is aborted: before it is sent it is not sent at all', async () => {
    await using broker = await startFakeBroker();
    await using client = createClient({ ...AT_ONCE, url: broker.url });
    const controller = new AbortController();
    const aborted = client.publish(N, { signal: controller.signal });
    controller.abort(new Error('too late'));
    await expect(aborted).rejects.toThrow('too late');
    await expect(client.publish(N, { signal: controller.signal })).rejects.toThrow('too late');
    const fence = client.publish({ ...N, message: 'fence' });
    const peer = await broker.peer(0);
    expect(JSON.parse(await peer.heard(0))).toMatchObject({ notification: { message: 'fence' } });
    peer.say({ sender: 'server', id: await idOf(peer.heard(0)), receipt: RECEIPT });
    await fence;
  });

  it('stops waiting for the receipt, too, and takes no harm when it comes later', async () => {
    await using broker = await startFakeBroker();
    await using client = createClient({ ...AT_ONCE, url: broker.url });
    const controller = new AbortController();
    const aborted = client.publish(N, { signal: controller.signal });
    const peer = await broker.peer(0);
    const id = await idOf(peer.heard(0));
    controller.abort(new Error('too late'));
    await expect(aborted).rejects.toThrow('too late');
    peer.say({ sender: 'server', id, receipt: RECEIPT });
    await eventually(() => client.store.getSnapshot().stats.published === 1, 'the store to know of it');
    const fence = client.publish(N);
    peer.say({ sender: 'server', id: await idOf(peer.heard(1)), receipt: RECEIPT });
    await fence;
  });
});

describe('publish with the base protocol', () => {
  it('sends neither id nor key, and takes the close 1000 for the receipt (R-2.10)', async () => {
    await using broker = await startFakeBroker({ onPeer: (peer) => peer.socket.once('message', () => peer.socket.close(1000)) });
    await using client = createClient({ ...AT_ONCE, url: broker.url, protocols: [] });
    expect(await client.publish({ json: '{"package":"p","page":"q"}' }, { key: 'k' })).toBeUndefined();
    expect(broker.peers[0]?.messages).toEqual(['{"sender":"server","notification":{"package":"p","page":"q"}}']);
    expect(client.state).toEqual({ kind: 'closed', code: 1000, reason: '' });
    expect(client.stats.published).toBe(1);
  });

  it.each([1001, 1013, 4400, 4403])('rejects with the code and reason of any other close, as %i', async (code) => {
    await using broker = await startFakeBroker({ onPeer: (peer) => peer.socket.once('message', () => peer.socket.close(code, 'no')) });
    await using client = createClient({ ...AT_ONCE, url: broker.url, protocols: [] });
    await expect(client.publish(N)).rejects.toMatchObject({ name: 'ClosedError', code, reason: 'no' });
  });

  it('does not send a second one over a connection that ends with the first', async () => {
    await using broker = await startFakeBroker({ onPeer: (peer) => peer.socket.once('message', () => peer.socket.close(1000)) });
    await using client = createClient({ ...AT_ONCE, url: broker.url, protocols: [] });
    const [first, second] = await Promise.allSettled([client.publish(N), client.publish(N)]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({
      status: 'rejected',
      reason: { message: 'the connection ends with its first publication' },
    });
  });
});
