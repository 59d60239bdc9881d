import { describe, expect, it } from 'vitest';
import { startTestBroker } from '../support/broker.js';
import { acknowledge, deliver, isOpen, quickClient, refuse, said } from './conversation.js';
import { eventually, type FakePeer, startFakeBroker } from './fake-broker.js';

const A = { package: 'p', page: 'a' };
const B = { package: 'p', page: 'b' };
const C = { package: 'p', page: 'c' };

/** A list of codes of refusals, and what puts them there. */
function refusals() {
  const told: string[] = [];
  return { told, onRefused: ({ code }: { readonly code: string }) => void told.push(code) };
}

/** The subscriptions that come at `index`. */
async function wantedAt(peer: FakePeer, index: number) {
  return (await said(peer, index)).subscriptions;
}

describe('a refusal of subscriptions (R-5.9)', () => {
  it('takes out the handle at which it points, and the others go on', async () => {
    await using broker = await startFakeBroker();
    await using client = quickClient(broker.url);
    await isOpen(client);
    const peer = await broker.peer(0);
    const heard: unknown[] = [];
    const [one, other] = [refusals(), refusals()];
    const first = client.subscribe([A], ({ notification }) => heard.push(notification.data), one);
    const second = client.subscribe([B, C], () => {}, other);
    await refuse(peer, 0, { path: '/subscriptions/1/filters' });
    await expect(second.ready).rejects.toMatchObject({ code: 'forbidden', path: '/subscriptions/1/filters' });
    expect(await wantedAt(peer, 1)).toEqual([A]);
    await acknowledge(peer, 1, [{ ...A, epoch: 'k', offset: 0 }]);
    expect(await first.ready).toHaveLength(1);
    deliver(peer, A, 1);
    await eventually(() => heard.length === 1, 'the notification');
    expect([one.told, other.told]).toEqual([[], ['forbidden']]);
    expect(broker.peers).toHaveLength(1);
  });

  it('takes out all handles that want what is refused', async () => {
    await using broker = await startFakeBroker();
    await using client = quickClient(broker.url);
    await isOpen(client);
    const peer = await broker.peer(0);
    const all = [refusals(), refusals(), refusals()] as const;
    [[A, B], [B], [A]].map((wanted, at) => client.subscribe(wanted, () => {}, all[at]));
    await refuse(peer, 0, { path: '/subscriptions/1' });
    expect(await wantedAt(peer, 1)).toEqual([A]);
    expect(all.map(({ told }) => told.length)).toEqual([1, 1, 0]);
  });

  it('leaves what stood to a handle whose replacement is refused', async () => {
    await using broker = await startFakeBroker();
    await using client = quickClient(broker.url);
    await isOpen(client);
    const peer = await broker.peer(0);
    const heard: unknown[] = [];
    const { told, onRefused } = refusals();
    const handle = client.subscribe(A, ({ notification }) => heard.push(notification.page), { onRefused });
    client.subscribe(B, () => {});
    await acknowledge(peer, 0);
    await handle.ready;
    const answer = handle.replace(C);
    expect(await wantedAt(peer, 1)).toEqual([B, C]);
    await refuse(peer, 1, { path: '/subscriptions/1' });
    await expect(answer).rejects.toMatchObject({ code: 'forbidden' });
    expect(await wantedAt(peer, 2)).toEqual([B, A]);
    deliver(peer, A, 1);
    await eventually(() => heard.length === 1, 'the notification');
    expect([heard, told]).toEqual([['a'], ['forbidden']]);
  });

  it('without a path blames whoever has changed last', async () => {
    await using broker = await startFakeBroker();
    await using client = quickClient(broker.url);
    await isOpen(client);
    const peer = await broker.peer(0);
    const [one, other] = [refusals(), refusals()];
    const first = client.subscribe(A, () => {}, one);
    client.subscribe(B, () => {}, other);
    await acknowledge(peer, 0);
    await first.ready;
    void first.replace([A, C]);
    await refuse(peer, 1, { code: 'too-many' });
    expect(await wantedAt(peer, 2)).toEqual([B, A]);
    expect([one.told, other.told]).toEqual([['too-many'], []]);
  });

  it('is told to the client where the handle does not listen, and a handle that was refused may want something else', async () => {
    await using broker = await startTestBroker();
    const { told, onRefused } = refusals();
    await using client = quickClient(broker.url, { onProblem: onRefused });
    const handle = client.subscribe({ package: 'p', page: '' }, () => {});
    const other = client.subscribe(B, () => {});
    await expect(handle.ready).rejects.toMatchObject({ code: 'invalid-subscription', path: '/subscriptions/0/page' });
    expect(await other.ready).toMatchObject([B]);
    expect(await handle.replace(A)).toMatchObject([A]);
    expect(told).toEqual(['invalid-subscription']);
    expect(client.stats.reconnects).toBe(0);
  });

  it('is told to nobody whose handle was taken back in the meantime', async () => {
    await using broker = await startFakeBroker();
    const problems: unknown[] = [];
    await using client = quickClient(broker.url, { onProblem: (error) => problems.push(error) });
    await isOpen(client);
    const peer = await broker.peer(0);
    const { told, onRefused } = refusals();
    const handle = client.subscribe(A, () => {}, { onRefused });
    await said(peer, 0);
    handle.unsubscribe();
    await refuse(peer, 0, { path: '/subscriptions/0' });
    await acknowledge(peer, 1);
    const fence = client.subscribe(B, () => {});
    await acknowledge(peer, 2);
    await fence.ready;
    expect([told, problems]).toEqual([[], []]);
  });

  it('that may get better drops the line and asks again for the same, with nobody at fault', async () => {
    await using broker = await startFakeBroker();
    const states: string[] = [];
    const onState = (state: { readonly kind: string; readonly because?: string }) => states.push(state.because ?? state.kind);
    await using client = quickClient(broker.url, { onState });
    const { told, onRefused } = refusals();
    const handle = client.subscribe(A, () => {}, { onRefused });
    await refuse(await broker.peer(0), 0, { code: 'unavailable', message: 'later', retry: true });
    const second = await broker.peer(1);
    const topic = { ...A, epoch: 'k', offset: 1 };
    expect((await acknowledge(second, 0, [topic])).subscriptions).toEqual([A]);
    expect(await handle.ready).toEqual([topic]);
    expect(states).toEqual(['open', 'subscriptions refused for now: later', 'connecting', 'open']);
    expect(told).toEqual([]);
  });
});
