import { Agent } from 'node:http';
import { describe, expect, it } from 'vitest';
import { HandshakeRefused } from '../../src/peer/index.js';
import { startBroker } from '../../src/server/index.js';
import { startTestBroker } from '../support/broker.js';
import { askHttp } from '../support/http.js';
import { ask, connect, connectV1, nextData, notice, publication, publishMany, subscriber } from '../support/peers.js';
import { openRaw } from '../support/raw.js';

/** Longer than any test: what ends sooner did not wait for it. */
const LONG = 600_000;

const UPGRADE =
  'GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n';

describe('close', () => {
  it('ends every peer with 1001, whatever it speaks, and then the broker is gone (R-4.1)', async () => {
    await using broker = await startTestBroker({ drainTimeoutMs: LONG });
    const peers = await Promise.all([subscriber(broker), connect(broker), connectV1(broker)]);
    await broker.close();
    for (const peer of peers) expect(await peer.closed).toMatchObject({ code: 1001, clean: true });
    expect(broker.stats()).toMatchObject({ peers: 0, registry: { memberships: 0, topics: 0 } });
    await expect(connect(broker)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('delivers what is queued before the 1001 (R-4.1)', async () => {
    await using broker = await startTestBroker({ drainTimeoutMs: LONG });
    await using reader = await subscriber(broker);
    reader.pause();
    await using publisher = await connectV1(broker);
    const message = 'm'.repeat(100_000);
    for (let data = 1; data <= 30; data++) await ask(publisher, publication({ ...notice(data), message }));
    const closing = broker.close();
    reader.resume();
    for (let data = 1; data <= 30; data++) expect(await nextData(reader)).toBe(data);
    expect((await reader.closed).code).toBe(1001);
    await closing;
  });

  it('serves what a publisher sends while it is being closed (R-2.10)', async () => {
    await using broker = await startTestBroker({ drainTimeoutMs: LONG, closeTimeoutMs: 10_000 });
    await using publisher = await connect(broker, { answerClose: false });
    const closing = broker.close();
    publisher.send(publication(notice('late')));
    await publisher.close(1001);
    await closing;
    expect(broker.stats().published).toBe(1);
  });

  it('waits for a peer that does not answer until closeTimeoutMs (R-2.10)', async () => {
    await using broker = await startTestBroker({ drainTimeoutMs: LONG, closeTimeoutMs: 50 });
    await using peer = await connect(broker, { answerClose: false });
    await broker.close();
    expect(await peer.closed).toMatchObject({ code: 1001, clean: false });
  });

  it('waits for peers that take nothing no longer than drainTimeoutMs (R-4.1)', async () => {
    await using broker = await startTestBroker({
      drainTimeoutMs: 100,
      closeTimeoutMs: LONG,
      slowReaderTimeoutMs: LONG,
      maxOutboxBytes: 1 << 30,
    });
    await using stuck = await subscriber(broker);
    await using silent = await connect(broker, { answerClose: false });
    stuck.pause();
    await using publisher = await connectV1(broker);
    for (let data = 1; data <= 20; data++) await ask(publisher, publication({ ...notice(data), message: 'm'.repeat(700_000) }));
    await broker.close();
    expect(broker.stats().peers).toBe(0);
    expect((await silent.closed).code).toBe(1001);
  });

  it('is one and the same when it is called again, then and later', async () => {
    await using broker = await startTestBroker();
    await using _peer = await connect(broker);
    const first = broker.close();
    expect(broker.close()).toBe(first);
    await first;
    await broker.close();
    await broker[Symbol.asyncDispose]();
  });

  it('is at once when nobody is there, and leaves the port free', async () => {
    const broker = await startBroker({ host: '127.0.0.1', port: 0, drainTimeoutMs: LONG });
    const { port } = broker;
    await broker.close();
    await using again = await startTestBroker({ port });
    expect(again.port).toBe(port);
    expect(broker.url).toBe(again.url);
  });

  it('does not wait for connections on which nothing was asked, as browsers open them in advance', async () => {
    await using broker = await startTestBroker({ drainTimeoutMs: LONG });
    await using silent = await openRaw(broker);
    await using half = await openRaw(broker);
    half.write('GET /healthz HT');
    await askHttp(broker, { method: 'GET', path: '/healthz' });
    await broker.close();
    await Promise.all([silent.closed, half.closed]);
  });

  it('does not wait for an idle kept-alive connection, nor for one that becomes idle', async () => {
    await using broker = await startTestBroker({ drainTimeoutMs: LONG });
    const agent = new Agent({ keepAlive: true });
    await askHttp(broker, { method: 'GET', path: '/healthz', agent });
    await using raw = await openRaw(broker);
    raw.write('GET /readyz HTTP/1.1\r\nHost: h\r\n');
    await using _peer = await connect(broker);
    await expect.poll(() => broker.stats().peers).toBe(1);
    const closing = broker.close();
    raw.write('\r\n');
    await closing;
    agent.destroy();
    expect(raw.status).toBe(503);
    expect(raw.text).toMatch(/\r\nConnection: close\r\n/i);
  });
});

describe('while it drains the broker', () => {
  it('answers /readyz with 503 and /healthz with 200 on connections that are there (R-6.4)', async () => {
    await using broker = await startTestBroker({ drainTimeoutMs: LONG });
    await using holding = await connect(broker, { answerClose: false });
    const raws = await Promise.all(['/readyz', '/healthz'].map(async (path) => ({ path, raw: await openRaw(broker) })));
    // A request on each before, so that they are kept alive, and half of the next, so that they are not idle.
    for (const { path, raw } of raws) {
      raw.write(`GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`);
      await raw.waitFor(/"ok"/);
      raw.write(`GET ${path} HTTP/1.1\r\n`);
    }
    // The broker has read the halves when it has served a request that was written after them.
    await askHttp(broker, { method: 'GET', path: '/healthz' });
    const closing = broker.close();
    for (const { raw } of raws) raw.write('Host: h\r\n\r\n');
    await Promise.all(raws.map(({ raw }) => raw.closed));
    expect(raws.map(({ raw }) => raw.text.match(/HTTP\/1\.1 \d{3}/g))).toEqual([
      ['HTTP/1.1 200', 'HTTP/1.1 503'],
      ['HTTP/1.1 200', 'HTTP/1.1 200'],
    ]);
    void holding.close(1001);
    await closing;
  });

  it('refuses a handshake with 503 and when to come back, or the connection (R-4.6)', async () => {
    await using broker = await startTestBroker({ drainTimeoutMs: LONG });
    await using holding = await connect(broker, { answerClose: false });
    await using early = await openRaw(broker);
    await askHttp(broker, { method: 'GET', path: '/healthz' });
    const closing = broker.close();
    early.write(UPGRADE);
    await early.waitFor(/\r\n\r\n/);
    expect(early.status).toBe(503);
    expect(early.text).toMatch(/\r\nRetry-After: \d+\r\n/i);
    const late = await connect(broker).catch((error: unknown) => error);
    expect(late instanceof HandshakeRefused ? late.status : (late as NodeJS.ErrnoException).code).toBeOneOf([503, 'ECONNREFUSED']);
    void holding.close(1001);
    await closing;
  });

  it.each([
    ['a good body', JSON.stringify(notice(1)), 503],
    ['a bad body', '{', 400],
  ])('answers a publication of %s with its place in the order of refusals (R-6.1)', async (_, body, status) => {
    await using broker = await startTestBroker({ drainTimeoutMs: LONG });
    await using holding = await connect(broker, { answerClose: false });
    await using raw = await openRaw(broker);
    raw.write(`POST /notify HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`);
    await askHttp(broker, { method: 'GET', path: '/healthz' });
    const closing = broker.close();
    raw.write(body);
    await raw.closed;
    expect(raw.status).toBe(status);
    expect(broker.stats().published).toBe(0);
    void holding.close(1001);
    await closing;
  });
});

describe('terminate', () => {
  it('ends every connection at once, without a close frame, and the listener too', async () => {
    const broker = await startBroker({ host: '127.0.0.1', port: 0, drainTimeoutMs: LONG, closeTimeoutMs: LONG });
    const peers = await Promise.all([subscriber(broker), connect(broker, { answerClose: false }), connectV1(broker)]);
    await using raw = await openRaw(broker);
    await publishMany(broker, 1);
    broker.terminate();
    for (const peer of peers) expect((await peer.closed).code).toBe(1006);
    await raw.closed;
    await expect(connect(broker)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await broker.close();
    expect(broker.stats()).toMatchObject({ peers: 0, registry: { memberships: 0 } });
  });

  it('cuts a drain short', async () => {
    const broker = await startBroker({ host: '127.0.0.1', port: 0, drainTimeoutMs: LONG, closeTimeoutMs: LONG });
    await using peer = await connect(broker, { answerClose: false });
    const closing = broker.close();
    broker.terminate();
    await closing;
    await peer.closed;
    expect(broker.stats().peers).toBe(0);
  });

  it('may be called before, after and without a close', async () => {
    const broker = await startBroker({ host: '127.0.0.1', port: 0 });
    broker.terminate();
    broker.terminate();
    await broker.close();
    broker.terminate();
  });
});
