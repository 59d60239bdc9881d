import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import type { Load } from '../../src/bench/load/load.js';
import type { Progress } from '../../src/bench/result/progress.js';
import { startTestBroker } from '../support/broker.js';
import { startFaultyBroker } from './faulty-broker.js';
import { measure, SHORT_LOAD } from './known-answers/measuring.js';

const RIGHT = { expected: 2500, delivered: 2500, lost: 0, duplicated: 0, misdelivered: 0, reordered: 0, corrupt: 0 };
const LONG: Partial<Load> = { phases: { ...SHORT_LOAD.phases, warmUpMs: 0, holdMs: 60_000 } };

describe('a run', () => {
  it.each([
    ['persistent', null],
    ['persistent', 3],
    ['ephemeral', null],
    ['http', 4],
  ] as const)('finds nothing wrong with the broker (%s publishers, connections: %s)', async (kind, connections) => {
    await using broker = await startTestBroker();
    const { deliveries, notifications, connections: peers, used } = await measure(broker.url, { publishers: { kind, connections } });
    expect(deliveries).toMatchObject(RIGHT);
    expect(notifications).toMatchObject({ planned: 500, sent: 500, refused: { count: 0 }, unknown: { count: 0 }, unanswered: 0 });
    expect(peers).toMatchObject({ connected: 20, ready: 20, failed: { count: 0 }, disconnected: { count: 0 } });
    expect(used).toMatchObject({ publishers: kind, subprotocol: 'wsn.v1' });
    if (kind === 'http') expect(notifications.http).toMatchObject({ statusCodes: { 200: expect.any(Number) }, errors: 0 });
    else expect(notifications.http).toBeNull();
  });

  it('speaks the base protocol to a broker that has wsn.v1 when it is told to', async () => {
    await using broker = await startTestBroker();
    const { deliveries, used } = await measure(broker.url, { protocol: 'base' });
    expect(deliveries).toMatchObject(RIGHT);
    expect(used).toMatchObject({ publishers: 'ephemeral', subprotocol: null });
  });

  it('sends as much as the window lets through, and loses nothing of it', async () => {
    await using broker = await startTestBroker();
    const { deliveries, notifications } = await measure(broker.url, { arrivals: { kind: 'max', window: 8 } });
    expect(deliveries).toMatchObject({ lost: 0, duplicated: 0, misdelivered: 0, reordered: 0, corrupt: 0 });
    expect(notifications.sent).toBeGreaterThan(100);
    expect(notifications.planned).toBe(notifications.sent);
    expect(deliveries.delivered).toBe(notifications.sent * 5);
  });

  it('receives in as many threads as it is told to, and counts the same', async () => {
    await using broker = await startTestBroker();
    const { deliveries, settings } = await measure(broker.url, {}, { workers: 3 });
    expect(deliveries).toMatchObject(RIGHT);
    expect(settings.workers).toBe(3);
  });

  it('expects nothing of hostile readers, and everything of the others', async () => {
    await using broker = await startTestBroker();
    const hostile = { slow: 0.05, never: 0.05, 'half-open': 0.05, reconnecting: 0.05 };
    const { deliveries, connections } = await measure(broker.url, { hostile });
    expect(deliveries).toMatchObject({ expected: 2000, delivered: 2000, lost: 0, misdelivered: 0, corrupt: 0 });
    expect(connections.hostile.map(({ kind, count }) => [kind, count])).toEqual(Object.keys(hostile).map((kind) => [kind, 1]));
    expect(connections.disconnected.count).toBe(0);
  });

  it('leaves no connection behind', async () => {
    await using faulty = await startFaultyBroker({ speaksV1: true });
    await measure(faulty.url);
    await vi.waitFor(() => expect(faulty.connections).toBe(0));
  });

  it('tells in which phase it is, in their order, and how far', async () => {
    // What it delays is awaited in the drain, which is too short to be seen otherwise.
    await using faulty = await startFaultyBroker({ speaksV1: true, delayMs: 400 });
    const told: Progress[] = [];
    await measure(faulty.url, {}, { onProgress: (progress) => told.push(progress) });
    expect([...new Set(told.map(({ phase }) => phase))]).toEqual(['ramp', 'warm-up', 'hold', 'drain']);
    const last = told.at(-1);
    expect(last?.subscribers).toEqual({ wanted: 20, connected: 20, ready: 20, failed: 0 });
    expect(last?.notifications).toMatchObject({ planned: 600, sent: 600 });
    expect(told.map(({ delivered }) => delivered)).toEqual(told.map(({ delivered }) => delivered).toSorted((a, b) => a - b));
  });
});

describe('a run that cannot begin', () => {
  it.each([
    [true, 'the broker does not take notifications from here: forbidden: go away'],
    [false, 'the broker does not take notifications from here: closed with 4403 go away'],
  ])('says so where publishing is refused (wsn.v1: %s)', async (speaksV1, message) => {
    await using faulty = await startFaultyBroker({ speaksV1, refuse: () => 'go away' });
    const failure = await measure(faulty.url).catch((error) => error);
    expect(failure).toMatchObject({ name: 'BenchError', kind: 'refused', message });
  });

  it('says that a broker of the base protocol cannot have persistent publishers', async () => {
    await using faulty = await startFaultyBroker();
    const running = measure(faulty.url, { publishers: { kind: 'persistent', connections: null } });
    await expect(running).rejects.toThrow(
      'the broker did not select wsn.v1, which persistent publishers need; ephemeral ones work with any broker',
    );
  });

  it('says that nobody listens', async () => {
    const faulty = await startFaultyBroker();
    await faulty[Symbol.asyncDispose]();
    const failure = await measure(faulty.url).catch((error) => error);
    expect(failure).toMatchObject({ name: 'BenchError', kind: 'unreachable', message: `cannot reach ${faulty.url}: nobody listens there` });
  });

  it('says why nobody hears when every subscriber is sent away', async () => {
    await using broker = await startDismissiveBroker();
    const failure = await measure(broker.url).catch((error) => error);
    expect(failure).toMatchObject({
      name: 'BenchError',
      kind: 'refused',
      message: 'no subscriber received a canary before its connection ended: closed with 1000 thanks',
    });
  });
});

/** Answers whatever it is told with 1000, as a broker of the base protocol answers publishers alone. */
async function startDismissiveBroker() {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: () => false });
  await once(server, 'listening');
  server.on('connection', (socket) => socket.once('message', () => socket.close(1000, 'thanks')));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('a run that does not go to its end', () => {
  it('stops sending when it is interrupted, drains, and reports what it had sent', async () => {
    await using faulty = await startFaultyBroker({ speaksV1: true });
    const controller = new AbortController();
    const onProgress = ({ phase, notifications }: Progress) => {
      if (phase === 'hold' && notifications.sent > 60) controller.abort();
    };
    const result = await measure(faulty.url, LONG, { signal: controller.signal, onProgress });
    expect(result).toMatchObject({ isAborted: true, isBrokerGone: false });
    expect(result.deliveries).toMatchObject({ lost: 0, duplicated: 0, expected: result.notifications.sent * 5 });
    expect(result.deliveries.delivered).toBe(result.deliveries.expected);
    expect(result.notifications.sent).toBeLessThan(30_000);
  });

  it('ends when every connection has ended, and says so', async () => {
    await using faulty = await startFaultyBroker({ speaksV1: true });
    const onProgress = ({ phase, delivered }: Progress) => {
      if (phase === 'hold' && delivered > 100) faulty.hangUp();
    };
    const result = await measure(faulty.url, LONG, { onProgress });
    expect(result).toMatchObject({ isAborted: false, isBrokerGone: true });
    expect(result.connections.disconnected).toEqual({ count: 20, first: 'closed with 1011 it died' });
  });

  it('does not know what became of a publication whose line broke, and does not call it refused', async () => {
    let notifications = 0;
    await using faulty = await startFaultyBroker({ breakOff: () => ++notifications % 50 === 0 });
    const result = await measure(faulty.url, { phases: { ...SHORT_LOAD.phases, warmUpMs: 0 } });
    expect(result.notifications).toMatchObject({ refused: { count: 0 }, unknown: { count: 10 } });
    expect(result.notifications.unknown.first).toContain('1006');
  });
});
