import { describe, expect, it } from 'vitest';
import { HandshakeRefused } from '../../src/peer/index.js';
import { startTestBroker } from '../support/broker.js';
import { askHttp } from '../support/http.js';
import { connect, connectV1, nextData, notice, publication, said, subscriber } from '../support/peers.js';

describe('a shutdown that is spread', () => {
  it('closes one peer after the other with 1001 over its window, whatever they speak (R-4.1)', async () => {
    await using broker = await startTestBroker({ drainMs: 600 });
    const peers = await Promise.all(Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? connect(broker) : connectV1(broker))));
    const startedAt = performance.now();
    const closed = peers.map((peer) => peer.closed.then(({ code }) => ({ code, afterMs: performance.now() - startedAt })));
    await broker.close();
    const ends = await Promise.all(closed);
    expect(new Set(ends.map(({ code }) => code))).toEqual(new Set([1001]));
    const times = ends.map(({ afterMs }) => afterMs).toSorted((one, other) => one - other);
    // The order of the thing, not how exact a timer is: the first does not wait for the last.
    expect((times.at(-1) as number) - (times[0] as number)).toBeGreaterThan(300);
    expect(new Set(times.map((time) => Math.round(time / 50))).size).toBeGreaterThan(5);
  });

  it('is not ready from its first moment on, and takes nobody new, while who is here is served (R-4.6, R-6.4)', async () => {
    await using broker = await startTestBroker({ drainMs: 1500 });
    await using publisher = await connectV1(broker);
    await using reader = await subscriber(broker);
    // Those who are closed in between.
    const others = await Promise.all(Array.from({ length: 4 }, () => connect(broker)));
    const closing = broker.close();
    expect(await askHttp(broker, { method: 'GET', path: '/readyz' })).toMatchObject({ status: 503 });
    expect(await askHttp(broker, { method: 'GET', path: '/healthz' })).toMatchObject({ status: 200 });
    expect(await askHttp(broker, { body: JSON.stringify(notice(1)) })).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    await expect(connect(broker)).rejects.toThrow(HandshakeRefused);
    publisher.send(publication(notice('during'), { id: '1' }));
    expect(await nextData(reader)).toBe('during');
    expect(await said(publisher)).toMatchObject({ id: '1', receipt: { matched: 1 } });
    for (const peer of [reader, ...others]) expect((await peer.closed).code).toBe(1001);
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
