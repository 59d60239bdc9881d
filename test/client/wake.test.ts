import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type AppStateLike, appStateWake, browserWake, createClient } from '../../src/client/index.js';
import { acknowledge, isOpen, quickClient, said } from './conversation.js';
import { eventually, startFakeBroker } from './fake-broker.js';

const A = { package: 'p', page: 'a' };

/** A source that can be told to wake, and whether it is still registered. */
function bell() {
  let ring: (() => void) | undefined;
  const source = (wake: () => void) => {
    ring = wake;
    return () => {
      ring = undefined;
    };
  };
  return { source, ring: () => ring?.(), isThere: () => ring !== undefined };
}

/** What listens in a window: counts per type, and what tells those of a type. */
class FakeTarget extends EventTarget {
  readonly counts: Record<string, number> = {};

  override addEventListener(type: string, listener: () => void): void {
    this.counts[type] = (this.counts[type] ?? 0) + 1;
    super.addEventListener(type, listener);
  }

  override removeEventListener(type: string, listener: () => void): void {
    this.counts[type] = (this.counts[type] ?? 0) - 1;
    super.removeEventListener(type, listener);
  }
}

/** Puts a window and its document in place of nothing. */
function fakePage() {
  const [page, document] = [new FakeTarget(), Object.assign(new FakeTarget(), { hidden: false })];
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
  vi.stubGlobal('document', document);
  return { page, document };
}

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a client that is woken', () => {
  it('connects at once when it waits, and counts from the first attempt again', async () => {
    await using broker = await startFakeBroker({ onPeer: (peer, index) => index === 0 && peer.socket.close(1013) });
    const { source, ring } = bell();
    const attempts: number[] = [];
    await using client = createClient({
      url: broker.url,
      WebSocket,
      wake: [source],
      backoff: { initialMs: 3_600_000, maxMs: 3_600_000 },
      random: () => 0.99,
      onState: (state) => state.kind === 'connecting' && attempts.push(state.attempt),
    });
    await eventually(() => client.state.kind === 'waiting', 'the wait');
    ring();
    await broker.peer(1);
    await isOpen(client);
    expect(attempts).toEqual([1]);
  });

  it('stays away as long as the broker has said (R-7.6)', async () => {
    await using broker = await startFakeBroker({ onPeer: (peer, index) => index === 0 && peer.socket.close(4429, 'try again in 60 s') });
    const { source, ring } = bell();
    await using client = quickClient(broker.url, { wake: [source] });
    await eventually(() => client.state.kind === 'waiting', 'the wait');
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.setSystemTime(Date.now() + 30_000);
    ring();
    expect(client.state).toMatchObject({ kind: 'waiting', attempt: 2 });
    vi.setSystemTime(Date.now() + 30_000);
    ring();
    vi.useRealTimers();
    await isOpen(client);
    expect(broker.peers).toHaveLength(2);
  });

  it('asks once when it is open, however often it is woken, and stays when it is answered', async () => {
    await using broker = await startFakeBroker();
    const { source, ring } = bell();
    await using client = quickClient(broker.url, { wake: [source] });
    const handle = client.subscribe(A, () => {});
    const peer = await broker.peer(0);
    await acknowledge(peer, 0);
    await handle.ready;
    for (let count = 0; count < 100; count++) ring();
    expect((await acknowledge(peer, 1)).subscriptions).toEqual([A]);
    void client.publish({ ...A, data: 'fence' }).catch(() => {});
    expect((await said(peer, 2)).notification?.data).toBe('fence');
  });

  it('asks with an empty set where nothing is wanted', async () => {
    await using broker = await startFakeBroker();
    const { source, ring } = bell();
    await using client = quickClient(broker.url, { wake: [source] });
    await isOpen(client);
    ring();
    expect((await said(await broker.peer(0), 0)).subscriptions).toEqual([]);
  });

  it('gives up the line that says nothing in 5 s, and makes another', async () => {
    await using broker = await startFakeBroker();
    const { source, ring } = bell();
    const reasons: unknown[] = [];
    await using client = quickClient(broker.url, {
      wake: [source],
      onState: (state) => state.kind === 'waiting' && reasons.push(state.because),
    });
    await isOpen(client);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    ring();
    vi.advanceTimersByTime(4999);
    ring(); // the second question does not put off the first
    expect(client.state.kind).toBe('open');
    vi.advanceTimersByTime(1);
    expect(client.state.kind).toBe('waiting');
    vi.advanceTimersByTime(1);
    vi.useRealTimers();
    await broker.peer(1);
    await isOpen(client);
    expect(reasons).toEqual(['nothing heard for 5 s']);
  });

  it('asks nothing with the base protocol, which has no answers, nor while it connects', async () => {
    await using broker = await startFakeBroker({ speaksV1: false });
    const { source, ring } = bell();
    await using client = quickClient(broker.url, { wake: [source], protocols: [] });
    ring();
    await isOpen(client);
    ring();
    client.subscribe(A, () => {});
    expect((await said(await broker.peer(0), 0)).subscriptions).toEqual([A]);
    expect(broker.peers).toHaveLength(1);
  });

  it('has no source left when it is closed', async () => {
    await using broker = await startFakeBroker();
    const bells = [bell(), bell()];
    const client = quickClient(broker.url, { wake: bells.map(({ source }) => source) });
    expect(bells.map(({ isThere }) => isThere())).toEqual([true, true]);
    await client.close();
    expect(bells.map(({ isThere }) => isThere())).toEqual([false, false]);
  });
});

describe('browserWake', () => {
  it('wakes when the network comes and goes, and when the page is shown, and leaves nothing behind', () => {
    const { page, document } = fakePage();
    const wake = vi.fn();
    const stop = browserWake()(wake);
    for (const type of ['online', 'offline', 'pageshow']) page.dispatchEvent(new Event(type));
    expect(wake).toHaveBeenCalledTimes(3);
    document.hidden = true;
    document.dispatchEvent(new Event('visibilitychange'));
    expect(wake).toHaveBeenCalledTimes(3);
    document.hidden = false;
    document.dispatchEvent(new Event('visibilitychange'));
    expect(wake).toHaveBeenCalledTimes(4);
    stop();
    expect({ ...page.counts, ...document.counts }).toEqual({ online: 0, offline: 0, pageshow: 0, visibilitychange: 0 });
  });

  it('is what a client uses by default, until it is closed', async () => {
    const { page, document } = fakePage();
    await using broker = await startFakeBroker();
    const client = quickClient(broker.url);
    expect([page.counts.online, document.counts.visibilitychange]).toEqual([1, 1]);
    await client.close();
    expect([page.counts.online, document.counts.visibilitychange]).toEqual([0, 0]);
  });

  it('does nothing where there is no window, and without a document', () => {
    browserWake()(() => expect.unreachable())();
    const { page } = fakePage();
    vi.stubGlobal('document', undefined);
    const wake = vi.fn();
    const stop = browserWake()(wake);
    page.dispatchEvent(new Event('online'));
    stop();
    expect(wake).toHaveBeenCalledOnce();
  });
});

describe('appStateWake', () => {
  it('wakes when the app comes to the foreground, and unsubscribes', () => {
    const listeners = new Set<(state: string) => void>();
    const appState: AppStateLike = {
      addEventListener(_, listener) {
        listeners.add(listener);
        return { remove: () => listeners.delete(listener) };
      },
    };
    const wake = vi.fn();
    const stop = appStateWake(appState)(wake);
    for (const state of ['inactive', 'background', 'active']) for (const listener of listeners) listener(state);
    expect(wake).toHaveBeenCalledOnce();
    stop();
    expect(listeners.size).toBe(0);
  });
});
