import { createServer } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type Client, type ClientOptions, type ClientState, createClient, type WebSocketConstructor } from '../support/one-set-client.js';
import { silentWebSocket } from './conversation.js';
import { eventually, type FakePeer, HELLO, startFakeBroker } from './fake-broker.js';

const AT_ONCE = { backoff: { initialMs: 0, stableMs: 0 }, WebSocket };

/** A client whose states are kept. */
function watched(options: ClientOptions): { client: Client; states: ClientState[] } {
  const states: ClientState[] = [];
  const client = createClient({ ...AT_ONCE, ...options, onState: (state) => states.push(state) });
  return { client, states };
}

function whenState<K extends ClientState['kind']>(client: Client, kind: K): Promise<Extract<ClientState, { kind: K }>> {
  return eventually(
    () => (client.state.kind === kind ? (client.state as Extract<ClientState, { kind: K }>) : undefined),
    `the state ${kind}`,
  );
}

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('connecting', () => {
  it('is open with wsn.v1 when the hello has come (R-5.1, R-5.3)', async () => {
    await using broker = await startFakeBroker();
    const { client, states } = watched({ url: broker.url });
    await using _ = client;
    expect(client.state).toEqual({ kind: 'connecting', attempt: 1 });
    await whenState(client, 'open');
    expect(states).toEqual([{ kind: 'open', dialect: 'v1', since: expect.any(Number) }]);
    expect((await broker.peer(0)).offered).toEqual(['wsn.v1']);
  });

  it('falls back to the base protocol when the server selects no subprotocol, and remembers it (R-5.1)', async () => {
    await using broker = await startFakeBroker({ speaksV1: false });
    const { client, states } = watched({ url: broker.url });
    await using _ = client;
    expect(await whenState(client, 'open')).toMatchObject({ dialect: 'base' });
    expect(states.map(({ kind }) => kind)).toEqual(['connecting', 'open']); // at once, without waiting
    (await broker.peer(0)).socket.terminate();
    expect((await broker.peer(1)).offered).toEqual([]);
  });

  it('falls back, too, where the platform does not tell why a handshake failed (R-5.1)', async () => {
    await using broker = await startFakeBroker({ speaksV1: false });
    const { client, states } = watched({ url: broker.url, WebSocket: silentWebSocket().WebSocket });
    await using _ = client;
    expect(await whenState(client, 'open')).toMatchObject({ dialect: 'base' });
    expect(states[0]).toMatchObject({ kind: 'waiting', because: 'it could not be opened' });
  });

  it('offers nothing when it is told to speak the base protocol (R-5.1)', async () => {
    await using broker = await startFakeBroker();
    await using client = createClient({ url: broker.url, WebSocket, protocols: [] });
    expect(await whenState(client, 'open')).toMatchObject({ dialect: 'base' });
    expect((await broker.peer(0)).offered).toEqual([]);
  });

  it('uses the WebSocket of the platform when none is given', async () => {
    vi.stubGlobal('WebSocket', WebSocket);
    await using broker = await startFakeBroker();
    await using client = createClient({ url: broker.url });
    await whenState(client, 'open');
  });

  it('says what to do on a platform without a WebSocket', () => {
    vi.stubGlobal('WebSocket', undefined);
    expect(() => createClient({ url: 'ws://127.0.0.1:1' })).toThrow(
      'there is no WebSocket here: give one to createClient, such as that of the package ws',
    );
  });

  it('throws what the WebSocket says of a URL that is none', () => {
    expect(() => createClient({ url: 'nowhere', WebSocket })).toThrow('Invalid URL: nowhere');
  });

  it('backs off while nobody listens, and says why', async () => {
    await using broker = await startFakeBroker();
    const { url } = broker;
    await broker[Symbol.asyncDispose]();
    await using client = createClient({ url, WebSocket, random: () => 0.5 });
    const before = Date.now();
    const waiting = await whenState(client, 'waiting');
    expect(waiting).toMatchObject({ attempt: 2, because: `connect ECONNREFUSED ${url.slice('ws://'.length)}` });
    expect(waiting.retryAt).toBeGreaterThanOrEqual(before + 250);
  });

  it('backs off, too, where a failed handshake has an error event but no close event, as in Node 22', async () => {
    class NeverClosing extends EventTarget {
      readonly protocol = '';
      constructor() {
        super();
        setImmediate(() => this.dispatchEvent(Object.assign(new Event('error'), { message: 'network error' })));
      }
      send() {}
      close() {}
    }
    await using client = createClient({ url: 'ws://127.0.0.1:1', WebSocket: NeverClosing as unknown as WebSocketConstructor });
    expect(await whenState(client, 'waiting')).toMatchObject({ attempt: 2, because: 'network error' });
  });

  it('tells what the WebSocket knows of its trouble, as an HTTP status that came instead of a connection', async () => {
    class Refused extends EventTarget {
      readonly protocol = '';
      readonly trouble = { status: 403, detail: 'no', because: 'answered with HTTP 403' };
      constructor() {
        super();
        setImmediate(() => this.dispatchEvent(Object.assign(new Event('error'), { message: 'closed before it was open' })));
      }
      send() {}
      close() {}
    }
    await using client = createClient({ url: 'ws://127.0.0.1:1', WebSocket: Refused as unknown as WebSocketConstructor });
    const waiting = await whenState(client, 'waiting');
    expect(waiting).toMatchObject({ attempt: 2, status: 403, detail: 'no', because: 'answered with HTTP 403' });
  });

  it('gives up an attempt that has no answer in 10 s', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const client = createClient({ url: `ws://127.0.0.1:${port}`, WebSocket });
    await vi.advanceTimersByTimeAsync(9999);
    expect(client.state.kind).toBe('connecting');
    await vi.advanceTimersByTimeAsync(1);
    expect(client.state).toMatchObject({ kind: 'waiting', because: 'no answer within 10 s' });
    vi.useRealTimers();
    await client.close();
    server.close();
  });
});

describe('after a close', () => {
  const closeWith = (code: number) => (peer: FakePeer) => (code === 1005 ? peer.socket.close() : peer.socket.close(code, 'because'));

  it.each([1000, 1002, 1003, 1007, 1008, 1009, 4400, 4401, 4403, 4404, 4499])('stops for good after %i (R-4.1, R-4.2)', async (code) => {
    await using broker = await startFakeBroker({ onPeer: closeWith(code) });
    await using client = createClient({ ...AT_ONCE, url: broker.url });
    expect(await whenState(client, 'closed')).toEqual({ kind: 'closed', code, reason: 'because' });
    await expect(client.subscribe([])).rejects.toMatchObject({ name: 'ClosedError', code, reason: 'because' });
    await expect(client.publish({ package: 'p', page: 'q' })).rejects.toMatchObject({ name: 'ClosedError', code });
  });

  it.each([
    [1001, 'closed with 1001: because'],
    [1005, 'closed with 1005'],
    [1011, 'closed with 1011: because'],
    [1013, 'closed with 1013: because'],
    [3999, 'closed with 3999: because'],
    [4408, 'closed with 4408: because'],
    [4429, 'closed with 4429: because'],
  ])('connects again after %i (R-4.1, R-4.2)', async (code, because) => {
    const close = closeWith(code);
    await using broker = await startFakeBroker({ onPeer: (peer, index) => index === 0 && close(peer) });
    const { client, states } = watched({ url: broker.url });
    await using _ = client;
    await broker.peer(1);
    await whenState(client, 'open');
    expect(states.map(({ kind }) => kind)).toEqual(['open', 'waiting', 'connecting', 'open']);
    expect(states[1]).toMatchObject({ because });
    expect(client.stats.reconnects).toBe(1);
  });

  it('does the same when the close comes instead of the hello (R-4.1)', async () => {
    await using broker = await startFakeBroker({
      hello: false,
      onPeer: (peer, index) => peer.socket.close(index === 0 ? 1013 : 4403, 'no'),
    });
    const { client, states } = watched({ url: broker.url });
    await using _ = client;
    expect(await whenState(client, 'closed')).toEqual({ kind: 'closed', code: 4403, reason: 'no' });
    expect(states[0]).toMatchObject({ kind: 'waiting', because: 'closed with 1013: no' });
  });

  it('connects again when the line breaks without a close frame (R-4.1)', async () => {
    await using broker = await startFakeBroker({ onPeer: (peer, index) => index === 0 && peer.socket.terminate() });
    const { client, states } = watched({ url: broker.url, protocols: [] });
    await using _ = client;
    await broker.peer(1);
    await whenState(client, 'open');
    expect(states).toContainEqual(expect.objectContaining({ kind: 'waiting', because: 'the line broke' }));
  });

  it('waits for a random part of the jitter that the hello names after a 1001 (R-5.3)', async () => {
    const hello = { sender: 'server', hello: { ...HELLO.hello, jitterMs: 60_000 } };
    await using broker = await startFakeBroker({ hello, onPeer: (peer) => peer.socket.close(1001) });
    await using client = createClient({ url: broker.url, WebSocket, random: () => 0.5 });
    const before = Date.now();
    const { retryAt } = await whenState(client, 'waiting');
    expect(retryAt - before).toBeGreaterThanOrEqual(30_000);
    expect(retryAt - before).toBeLessThan(40_000);
  });

  it.each([
    ['too many messages: at most 10 a second; try again in 7 s', 7000],
    ['too many subscriptions', 0],
    ['try again in 999999999 s', 3_600_000],
  ])('waits after a 4429 as long as its reason says: %s (R-7.6)', async (reason, leastMs) => {
    await using broker = await startFakeBroker({ onPeer: (peer) => peer.socket.close(4429, reason) });
    await using client = createClient({ url: broker.url, WebSocket, random: () => 0 });
    const before = Date.now();
    const { retryAt } = await whenState(client, 'waiting');
    expect(retryAt - before).toBeGreaterThanOrEqual(leastMs);
    expect(retryAt - before).toBeLessThan(leastMs + 5000);
  });

  it('counts attempts until a connection was stable', async () => {
    await using broker = await startFakeBroker({ onPeer: (peer, index) => index < 3 && peer.socket.close(1013) });
    const { client, states } = watched({ url: broker.url, backoff: { initialMs: 0, stableMs: 60_000 } });
    await using _ = client;
    await broker.peer(3);
    await whenState(client, 'open');
    expect(states.flatMap((state) => (state.kind === 'waiting' ? [state.attempt] : []))).toEqual([2, 3, 4]);
  });
});

describe('a line that is dead', () => {
  const hello = (heartbeatMs: number) => ({ sender: 'server', hello: { ...HELLO.hello, heartbeatMs } });

  it('is given up after two missed heartbeats, and another one made (R-5.6)', async () => {
    await using broker = await startFakeBroker({ hello: hello(40) });
    const { client, states } = watched({ url: broker.url });
    await using _ = client;
    await broker.peer(1);
    expect(states[1]).toMatchObject({ kind: 'waiting', because: expect.stringMatching(/^nothing heard for .* s$/) });
  });

  it('is not one over which marks come (R-5.6)', async () => {
    let beats = 0;
    let fences = 0;
    await using broker = await startFakeBroker({
      hello: hello(400),
      onPeer: (peer) => {
        // Half as long again as a silent line would live, then a message that must arrive on the same line.
        const timer = setInterval(() => {
          if (beats++ < 30) peer.say({ sender: 'server', mark: [] });
          else {
            clearInterval(timer);
            peer.say({ sender: 'server', notification: { package: 'p', page: 'q' } });
          }
        }, 50);
      },
    });
    const { client, states } = watched({ url: broker.url, subscriptions: [{ package: 'p', page: 'q' }], onNotification: () => fences++ });
    await using _ = client;
    await eventually(() => fences === 1, 'the message behind the marks');
    expect(states.map(({ kind }) => kind)).toEqual(['open']);
    expect(broker.peers).toHaveLength(1);
  });
});

describe('close', () => {
  it('says 1000, is idempotent and resolves when the line is gone', async () => {
    await using broker = await startFakeBroker();
    const { client, states } = watched({ url: broker.url });
    await whenState(client, 'open');
    const peer = await broker.peer(0);
    const code = new Promise((resolve) => peer.socket.once('close', resolve));
    await Promise.all([client.close(), client.close()]);
    await client.close();
    expect(await code).toBe(1000);
    expect(states.slice(1)).toEqual([{ kind: 'closed', code: 1000, reason: '' }]);
  });

  it('lets go of a broker that does not answer the close', async () => {
    await using broker = await startFakeBroker();
    const client = createClient({ url: broker.url, WebSocket });
    await whenState(client, 'open');
    const peer = await broker.peer(0);
    peer.socket.pause();
    await client.close();
    peer.socket.resume();
    await eventually(() => peer.socket.readyState === WebSocket.CLOSED, 'the end of the connection');
  });

  it('ends an attempt that is under way and a wait for the next one', async () => {
    await using broker = await startFakeBroker();
    const connecting = createClient({ url: broker.url, WebSocket });
    await connecting.close();
    expect(connecting.state).toEqual({ kind: 'closed', code: 1000, reason: '' });
    const { url } = broker;
    await broker[Symbol.asyncDispose]();
    const waiting = createClient({ url, WebSocket });
    await whenState(waiting, 'waiting');
    await waiting.close();
    expect(waiting.state.kind).toBe('closed');
  });

  it('happens when the signal is aborted', async () => {
    await using broker = await startFakeBroker();
    const controller = new AbortController();
    const client = createClient({ url: broker.url, WebSocket, signal: controller.signal });
    await whenState(client, 'open');
    controller.abort();
    expect(client.state.kind).toBe('closed');
    await client.close();
    expect(() => createClient({ url: broker.url, WebSocket, signal: controller.signal })).toThrow();
  });

  it('rejects what waits for an answer', async () => {
    await using broker = await startFakeBroker();
    const client = createClient({ url: broker.url, WebSocket });
    await whenState(client, 'open');
    const calls = [client.subscribe([]), client.publish({ package: 'p', page: 'q' })];
    const settled = Promise.allSettled(calls);
    await client.close();
    for (const result of await settled) expect(result).toMatchObject({ status: 'rejected', reason: { name: 'ClosedError', code: 1000 } });
  });
});
