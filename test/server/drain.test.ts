import { afterEach, describe, expect, it, vi } from 'vitest';
import { HandshakeRefused } from '../../src/peer/index.js';
import { spreadGoodbyes } from '../../src/server/shutdown.js';
import { startTestBroker } from '../support/broker.js';
import { askHttp } from '../support/http.js';
import { connect, connectV1, nextData, notice, publication, said, subscriber } from '../support/peers.js';

afterEach(() => vi.useRealTimers());

describe('goodbyes', () => {
  it('are told one after the other, evenly over their window (R-4.1)', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const told: number[] = [];
    const members = Array.from({ length: 10 }, (_, index) => ({ isOpen: true, leave: () => told.push(index) }));
    const done = spreadGoodbyes(members, 1000, new AbortController().signal);
    for (let count = 1; count <= 10; count++) {
      await vi.advanceTimersByTimeAsync(99);
      expect(told).toHaveLength(count - 1);
      await vi.advanceTimersByTimeAsync(1);
      expect(told).toHaveLength(count);
    }
    await done;
    expect(told).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

describe('a shutdown that is spread', () => {
  it('closes all peers with 1001, whatever they speak, and the last not before its window is over (R-4.1)', async () => {
    const drainMs = 300;
    await using broker = await startTestBroker({ drainMs });
    const peers = await Promise.all(Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? connect(broker) : connectV1(broker))));
    const startedAt = performance.now();
    await broker.close();
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(drainMs);
    const ends = await Promise.all(peers.map(({ closed }) => closed));
    expect(new Set(ends.map(({ code }) => code))).toEqual(new Set([1001]));
  });

  it('is not ready from its first moment on, and takes nobody new, while who is here is served (R-4.6, R-6.4)', async () => {
    // Long enough that nobody is closed meanwhile, however slow the machine.
    await using broker = await startTestBroker({ drainMs: 600_000 });
    await using publisher = await connectV1(broker);
    await using reader = await subscriber(broker);
    const closing = broker.close();
    expect(await askHttp(broker, { method: 'GET', path: '/readyz' })).toMatchObject({ status: 503 });
    expect(await askHttp(broker, { method: 'GET', path: '/healthz' })).toMatchObject({ status: 200 });
    expect(await askHttp(broker, { body: JSON.stringify(notice(1)) })).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    await expect(connect(broker)).rejects.toThrow(HandshakeRefused);
    publisher.send(publication(notice('during'), { id: '1' }));
    expect(await nextData(reader)).toBe('during');
    expect(await said(publisher)).toMatchObject({ id: '1', receipt: { matched: 1 } });
    broker.terminate();
    await closing;
  });

  it('tells v1 clients its window, or the jitter if that is longer (R-5.3)', async () => {
    for (const [drainMs, jitterMs] of [
      [60_000, 60_000],
      [1000, 5000],
    ] as const) {
      await using broker = await startTestBroker({ drainMs });
      await using peer = await connect(broker, { subprotocols: ['wsn.v1'] });
      expect(await said(peer)).toMatchObject({ hello: { jitterMs } });
      await peer.close(1000);
    }
  });

  it('is over at once when everybody has gone, and when the broker is terminated (R-4.1)', async () => {
    await using empty = await startTestBroker({ drainMs: 600_000 });
    await empty.close();
    await using broker = await startTestBroker({ drainMs: 600_000 });
    await using gone = await connect(broker);
    const closing = broker.close();
    await gone.close(1000);
    await closing;
    await using other = await startTestBroker({ drainMs: 600_000 });
    await using peer = await connect(other);
    const ended = other.close();
    other.terminate();
    await ended;
    expect((await peer.closed).code).toBe(1006);
  });
});
