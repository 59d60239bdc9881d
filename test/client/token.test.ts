import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type ClientOptions, createClient, type TokenSource } from '../../src/client/index.js';
import { ALL, ON, publishWithKey, tokenOf } from '../server/access/support.js';
import { startTestBroker } from '../support/broker.js';
import { notice, TOPIC } from '../support/peers.js';
import { isOpen, quickClient, silentWebSocket } from './conversation.js';
import { eventually, type FakePeer, startFakeBroker } from './fake-broker.js';

/** A token source that keeps what it was asked, and gives what `next` does for each time, from 1. */
function asking(next: (time: number, isRefused: boolean) => ReturnType<TokenSource>) {
  const asked: boolean[] = [];
  const token: TokenSource = ({ isRefused }) => next(asked.push(isRefused), isRefused);
  return { asked, token };
}

/** States in words, as a list that grows. */
function watching() {
  const states: string[] = [];
  const onState: ClientOptions['onState'] = (state) => void states.push(state.kind === 'waiting' ? state.because : state.kind);
  return { states, onState };
}

/** A token that is given when `give` is called. */
function later() {
  let give = (_: string) => {};
  const promise = new Promise<string>((resolve) => {
    give = resolve;
  });
  return { promise, give: (token: string) => give(token) };
}

const refusing = (until: number) => (peer: FakePeer, index: number) => index < until && peer.socket.close(4401, 'ended');

/** A token for `TOPIC` that ends in so many ms. */
function tokenFor(ms: number): Promise<string> {
  return tokenOf({ subscribe: ALL }, { exp: (Date.now() + ms) / 1000 });
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a token', () => {
  it.each([
    ['that is a string', 'abc.def'],
    ['that is given', () => 'abc.def'],
    ['that is given later', async () => 'abc.def'],
  ])('%s is offered beside the subprotocol (R-7.2)', async (_, token) => {
    await using broker = await startFakeBroker();
    await using client = quickClient(broker.url, { token });
    expect((await broker.peer(0)).offered).toEqual(['wsn.v1', 'wsn.token.abc.def']);
    await isOpen(client);
  });

  it('is none where the function gives none', async () => {
    await using broker = await startFakeBroker();
    await using _ = quickClient(broker.url, { token: () => undefined });
    expect((await broker.peer(0)).offered).toEqual(['wsn.v1']);
  });

  it('that is a string ends with the first 4401 (R-4.1)', async () => {
    await using broker = await startFakeBroker({ hello: false, onPeer: refusing(9) });
    await using client = quickClient(broker.url, { token: 'old' });
    await eventually(() => client.state.kind === 'closed', 'the end');
    expect(client.state).toEqual({ kind: 'closed', code: 4401, reason: 'ended' });
    expect(broker.peers).toHaveLength(1);
  });

  it('that cannot be offered is no reason to come without one, and is not told', async () => {
    const { token } = asking((time) => (time === 1 ? 'not a token' : 'good'));
    const { states, onState } = watching();
    await using broker = await startFakeBroker();
    await using client = quickClient(broker.url, { token, onState });
    await isOpen(client);
    expect(broker.peers.map(({ offered }) => offered)).toEqual([['wsn.v1', 'wsn.token.good']]);
    expect(states).toEqual(['a bad url, or a token that cannot be sent', 'connecting', 'open']);
    expect(() => createClient({ url: broker.url, WebSocket, token: 'not a token' })).toThrow('subprotocol');
  });

  it('is not blamed for a bad url, whose secrets are not told', async () => {
    await using client = createClient({ url: 'wss://u:geheim@h h/', WebSocket, token: () => undefined });
    await eventually(() => client.state.kind === 'waiting', 'the failure');
    expect(client.state).toMatchObject({ because: 'a bad url, or a token that cannot be sent' });
  });
});

describe('a token that is a function', () => {
  it('is asked for a fresh one at once after 4401, and says so again until a hello has come (R-4.1)', async () => {
    await using broker = await startFakeBroker({ onPeer: (peer, index) => index === 0 && peer.socket.close(4401) });
    const { asked, token } = asking((time) => `t${time}`);
    const { states, onState } = watching();
    await using client = quickClient(broker.url, {
      token,
      onState,
      backoff: { initialMs: 3_600_000, maxMs: 3_600_000 },
      random: () => 0.9,
    });
    const second = await broker.peer(1);
    await isOpen(client);
    expect(asked).toEqual([false, true]);
    expect(second.offered).toContain('wsn.token.t2');
    expect(states).toEqual(['open', 'closed with 4401', 'connecting', 'open']);
  });

  it('stops when the fresh one is refused too, before any hello (R-4.1)', async () => {
    await using broker = await startFakeBroker({ hello: false, onPeer: refusing(9) });
    const { asked, token } = asking(() => 't');
    await using client = quickClient(broker.url, { token });
    await eventually(() => client.state.kind === 'closed', 'the end');
    expect(client.state).toEqual({ kind: 'closed', code: 4401, reason: 'ended' });
    expect(asked).toEqual([false, true]);
  });

  it.each([
    ['says so', WebSocket],
    ['does not say why', silentWebSocket().WebSocket],
  ])('is asked for a fresh one when the handshake is refused, where the platform %s (R-7.2)', async (_, Platform) => {
    await using broker = await startTestBroker(ON);
    const { asked, token } = asking((_, isRefused) => (isRefused ? tokenFor(3_600_000) : 'not.of.it'));
    await using client = quickClient(broker.url, { token, WebSocket: Platform });
    await isOpen(client);
    expect(asked).toEqual([false, true]);
    expect(client.state).toMatchObject({ dialect: 'v1' });
  });

  it('may be refused as often as it was taken in between', async () => {
    await using broker = await startFakeBroker({ onPeer: refusing(4) });
    const { asked, token } = asking(() => 't');
    await using client = quickClient(broker.url, { token });
    await broker.peer(4);
    await isOpen(client);
    expect(asked).toEqual([false, true, true, true, true]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('signed out of every subprotocol');
      },
    ],
    ['rejects', () => Promise.reject(new Error('signed out of every subprotocol'))],
  ])('that %s is an attempt that failed: it backs off, says why and asks again', async (_, fail) => {
    await using broker = await startFakeBroker();
    const { asked, token } = asking((time) => (time < 3 ? fail() : 't'));
    const { states, onState } = watching();
    const client = quickClient(broker.url, { token, onState });
    expect([client.state, states]).toEqual([{ kind: 'connecting', attempt: 1 }, []]);
    await using _client = client;
    await isOpen(client);
    const why = 'no token: signed out of every subprotocol'; // which is no server's answer to an offer
    expect(states).toEqual([why, 'connecting', why, 'connecting', 'open']);
    expect(asked).toEqual([false, false, false]);
    expect(broker.peers).toHaveLength(1);
  });

  it('that does not answer in 10 s is an attempt that failed; what it gives after that is nothing', async () => {
    await using broker = await startFakeBroker();
    const late = later();
    const { token } = asking((time) => (time === 1 ? late.promise : 'second'));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await using client = quickClient(broker.url, { token });
    vi.advanceTimersByTime(10_000);
    expect(client.state).toMatchObject({ kind: 'waiting', because: 'no answer within 10 s' });
    late.give('first');
    vi.advanceTimersByTime(1);
    vi.useRealTimers();
    await isOpen(client);
    expect(broker.peers.map(({ offered }) => offered[1])).toEqual(['wsn.token.second']);
  });

  it('leaves nothing when the client is closed while it is awaited', async () => {
    await using broker = await startFakeBroker();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { promise, give } = later();
    const client = quickClient(broker.url, { token: () => promise });
    await client.close();
    give('t');
    await promise;
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
    await using fence = quickClient(broker.url);
    await isOpen(fence);
    expect(broker.peers).toHaveLength(1);
  });

  it('is not asked by a client that was closed as soon as it told that it connects', async () => {
    await using broker = await startFakeBroker({ onPeer: (peer, index) => index === 0 && peer.socket.close(1013) });
    const { asked, token } = asking(() => 't');
    const client = quickClient(broker.url, { token, onState: ({ kind }) => kind === 'connecting' && void client.close() });
    await eventually(() => client.state.kind === 'closed', 'the end');
    await using fence = quickClient(broker.url);
    await isOpen(fence);
    expect([asked, broker.peers.length]).toEqual([[false], 2]);
  });

  it('is fresh again and again at a broker whose tokens end, and nothing is missed (R-5.4, R-7.2)', async () => {
    await using broker = await startTestBroker({ ...ON, authClockToleranceMs: 0 });
    const { asked, token } = asking((time) => tokenFor(time < 4 ? 600 : 3_600_000));
    const heard: unknown[] = [];
    const lost: unknown[] = [];
    await using client = quickClient(broker.url, { token, onReset: (topics) => lost.push(topics) });
    await client.subscribe(TOPIC, ({ notification }) => heard.push(notification.data)).ready;
    let sent = 0;
    while (asked.length < 4) {
      await publishWithKey(broker, notice(++sent));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await publishWithKey(broker, notice(++sent));
    await eventually(() => heard.length >= sent && client.state.kind === 'open', 'all of them');
    expect(heard).toEqual(Array.from({ length: sent }, (_, index) => index + 1));
    expect([asked, lost]).toEqual([[false, true, true, true], []]);
  });
});
