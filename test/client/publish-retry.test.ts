import { describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { newKey } from '../../src/client/key.js';
import type { ProtocolError } from '../../src/protocol/index.js';
import { type ClientOptions, createClient } from '../support/one-set-client.js';
import { eventually, type FakePeer, startFakeBroker } from './fake-broker.js';

const TOPIC = { package: 'p', page: 'q' };
const AT_ONCE = { initialMs: 0, stableMs: 0 };
const UNAVAILABLE = { code: 'unavailable', message: 'the log cannot be written', retry: true };

function connect(url: string, options: Partial<ClientOptions> = {}) {
  return createClient({ url, WebSocket, backoff: AT_ONCE, ...options });
}

/** What a client published at `index`. */
async function published(peer: FakePeer, index: number) {
  return JSON.parse(await peer.heard(index)) as { id: string; key?: string; notification: { data: unknown } };
}

function receipt(id: string, offset: number, duplicate = false): object {
  return { sender: 'server', id, receipt: { position: { epoch: 'k', offset }, matched: 0, duplicate } };
}

async function acknowledge(peer: FakePeer, index: number, duplicate = false): Promise<void> {
  peer.say(receipt((await published(peer, index)).id, index + 1, duplicate));
}

async function refuse(peer: FakePeer, index: number, error: object = UNAVAILABLE): Promise<void> {
  peer.say({ sender: 'server', id: (await published(peer, index)).id, error });
}

/** Waits until `count` messages have come, and gives their data. */
async function dataOf(peer: FakePeer, count: number): Promise<unknown[]> {
  return Promise.all(Array.from({ length: count }, async (_, index) => (await published(peer, index)).notification.data));
}

describe('publish with retry', () => {
  it('sends what has no receipt again on the next line, in its order, before later ones, with the same key (R-5.8)', async () => {
    let lineEnded = () => {};
    const end = new Promise<void>((resolve) => {
      lineEnded = resolve;
    });
    await using broker = await startFakeBroker();
    await using client = connect(broker.url, { onState: ({ kind }) => kind === 'waiting' && lineEnded() });
    const answers = [1, 2, 3].map((data) => client.publish({ ...TOPIC, data }, { retry: true, ...(data === 2 ? { key: 'two' } : {}) }));
    const first = await broker.peer(0);
    const keys = await Promise.all([0, 1, 2].map(async (index) => (await published(first, index)).key));
    expect(keys).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), 'two', expect.stringMatching(/^[0-9a-f]{32}$/)]);
    await acknowledge(first, 1);
    await answers[1];
    first.socket.terminate();
    await end;
    answers.push(client.publish({ ...TOPIC, data: 4 }, { retry: true }));
    const second = await broker.peer(1);
    expect(await dataOf(second, 3)).toEqual([1, 3, 4]);
    expect((await published(second, 0)).key).toBe(keys[0]);
    expect((await published(second, 1)).key).toBe(keys[2]);
    for (const index of [2, 1]) await acknowledge(second, index);
    await acknowledge(second, 0, true);
    expect(await Promise.all(answers)).toMatchObject([{ duplicate: true }, {}, {}, {}]);
    expect(client.stats.published).toBe(4);
    expect(second.messages).toHaveLength(3);
  });

  it.each([
    ['unavailable', { ...UNAVAILABLE }],
    ['internal', { code: 'internal', message: 'oops', retry: true }],
  ])('tries again after a refusal that may get better (%s), and tells it once for each wait (R-5.9)', async (code, error) => {
    const problems: ProtocolError[] = [];
    await using broker = await startFakeBroker();
    await using client = connect(broker.url, { onProblem: (problem) => problems.push(problem) });
    const answers = [1, 2].map((data) => client.publish({ ...TOPIC, data }, { retry: true }));
    const peer = await broker.peer(0);
    await dataOf(peer, 2);
    const [first, second] = [await published(peer, 0), await published(peer, 1)];
    peer.socket.send(JSON.stringify({ sender: 'server', id: second.id, error }));
    peer.socket.send(JSON.stringify({ sender: 'server', id: first.id, error }));
    await eventually(() => peer.messages.length >= 4, 'both again');
    const again = new Map(await Promise.all([2, 3].map(async (at) => [(await published(peer, at)).notification.data, at] as const)));
    expect([...again.keys()].sort()).toEqual([1, 2]);
    for (const at of again.values()) await acknowledge(peer, at);
    await Promise.all(answers);
    expect((await published(peer, again.get(1) ?? 0)).key).toBe(first.key);
    expect(new Set(problems.map((problem) => problem.code))).toEqual(new Set([code]));
    expect(client.stats.published).toBe(2);
  });

  it('sends nothing that came later before what was refused for now', async () => {
    await using broker = await startFakeBroker();
    await using client = connect(broker.url, { backoff: { initialMs: 100 }, random: () => 0.99 });
    const first = client.publish({ ...TOPIC, data: 1 }, { retry: true });
    const peer = await broker.peer(0);
    await refuse(peer, 0);
    const told = client.subscribe([]); // a fence: its answer comes behind the refusal
    const { id } = JSON.parse(await peer.heard(1)) as { id: string };
    peer.say({ sender: 'server', id, subscribed: { topics: [] } });
    await told;
    const second = client.publish({ ...TOPIC, data: 2 }, { retry: true });
    expect((await published(peer, 2)).notification.data).toBe(1);
    expect((await published(peer, 3)).notification.data).toBe(2);
    for (const index of [2, 3]) await acknowledge(peer, index);
    await Promise.all([first, second]);
  });

  it('does not hold up the rest any more when what was refused for now is given up', async () => {
    await using broker = await startFakeBroker();
    const problem = new Promise<void>((resolve) => {
      broker.peer(0).then((peer) => refuse(peer, 0).then(resolve));
    });
    let isTold = false;
    await using client = connect(broker.url, {
      backoff: { initialMs: 60_000, maxMs: 60_000 },
      random: () => 0.99,
      onProblem: () => {
        isTold = true;
      },
    });
    const controller = new AbortController();
    const first = client.publish({ ...TOPIC, data: 1 }, { retry: true, signal: controller.signal });
    await problem;
    await eventually(() => isTold, 'the refusal');
    const second = client.publish({ ...TOPIC, data: 2 });
    controller.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    const peer = await broker.peer(0);
    expect((await published(peer, 1)).notification.data).toBe(2);
    await acknowledge(peer, 1);
    await second;
  });

  it('ends with a refusal that cannot get better (R-5.9)', async () => {
    await using broker = await startFakeBroker();
    await using client = connect(broker.url);
    const answer = client.publish(TOPIC, { retry: true });
    await refuse(await broker.peer(0), 0, { code: 'key-reused', message: 'other bytes', retry: false });
    await expect(answer).rejects.toMatchObject({ name: 'ProtocolError', code: 'key-reused' });
  });

  it('ends with its signal: it is not sent again', async () => {
    await using broker = await startFakeBroker();
    await using client = connect(broker.url);
    const controller = new AbortController();
    const answer = client.publish({ ...TOPIC, data: 1 }, { retry: true, signal: controller.signal });
    const first = await broker.peer(0);
    await first.heard(0);
    controller.abort(new Error('too late'));
    await expect(answer).rejects.toThrow('too late');
    first.socket.terminate();
    const fence = client.publish({ ...TOPIC, data: 'fence' }, { retry: true });
    const second = await broker.peer(1);
    expect((await published(second, 0)).notification.data).toBe('fence');
    await acknowledge(second, 0);
    await fence;
  });

  it.each([
    ['close()', 1000, (_: FakePeer, client: { close(): void }) => client.close()],
    ['a close after which a client stops', 4403, (peer: FakePeer) => peer.socket.close(4403)],
  ])('ends with %s (R-4.1)', async (_, code, end) => {
    await using broker = await startFakeBroker();
    await using client = connect(broker.url);
    const answer = client.publish(TOPIC, { retry: true });
    const peer = await broker.peer(0);
    await peer.heard(0);
    end(peer, client);
    await expect(answer).rejects.toMatchObject({ name: 'ClosedError', code });
  });

  it('sends nothing over a connection of the base protocol, which has no keys', async () => {
    await using broker = await startFakeBroker();
    await using client = connect(broker.url, { protocols: [] });
    await expect(client.publish({ ...TOPIC, data: 1 }, { retry: true })).rejects.toThrow('the base protocol has no receipts');
    void client.publish({ ...TOPIC, data: 'fence' }).catch(() => {});
    expect(await (await broker.peer(0)).heard(0)).toContain('fence');
  });

  it.each([
    ['by the wall clock, for the machine has slept', 115_000, 0],
    ['by the steady clock, for the other was put back', -3_600_000, 115_000],
  ])('is not sent again when keys may have been forgotten since: it could be there twice; %s (R-5.8)', async (_, wallMs, steadyMs) => {
    await using broker = await startFakeBroker();
    await using client = connect(broker.url);
    const sent = client.publish({ ...TOPIC, data: 1 }, { retry: true });
    const first = await broker.peer(0);
    await first.heard(0);
    const now = Date.now();
    const steadyNow = performance.now();
    vi.spyOn(Date, 'now').mockImplementation(() => now + wallMs);
    vi.spyOn(performance, 'now').mockImplementation(() => steadyNow + steadyMs);
    try {
      const unsent = new Promise((resolve, reject) => {
        // Never sent before: it has all the time.
        first.socket.once('close', () => client.publish({ ...TOPIC, data: 2 }, { retry: true }).then(resolve, reject));
      });
      first.socket.terminate();
      await expect(sent).rejects.toMatchObject({ name: 'ClosedError', code: 1006, message: expect.stringContaining('no receipt came') });
      const second = await broker.peer(1);
      expect((await published(second, 0)).notification.data).toBe(2);
      await acknowledge(second, 0);
      await unsent;
    } finally {
      vi.restoreAllMocks();
    }
  });

  it('makes keys that differ, with and without a crypto of the platform', () => {
    const keys = [newKey(), newKey(), newKey(undefined), newKey(undefined)];
    expect(new Set(keys).size).toBe(4);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{32}$/);
  });
});
