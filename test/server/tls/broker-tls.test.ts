import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { startTestBroker } from '../../support/broker.js';
import { authority, folderOf, forThisMachine, issue } from '../../support/certificates.js';
import { recordingLog } from '../../support/log.js';
import { connect, connectV1, nextData, notice, publication, subscriber } from '../../support/peers.js';
import { openRaw, Raw } from '../../support/raw.js';
import { openTls, postNotice, type SecuredBroker, startSecuredBroker } from '../../support/secured-broker.js';

const SHORT = { handshakeTimeoutMs: 300 };
const clients = authority();
const known = issue({ name: 'a subscriber', by: clients });
const stranger = issue({ name: 'a subscriber', by: authority(clients.name) });
const expired = issue({ name: 'a subscriber', by: clients, expiresInMs: -1000 });

/** Proves that the broker still serves others. */
async function expectServed(secured: SecuredBroker, tls: { readonly cert?: string; readonly key?: string } = {}): Promise<void> {
  const { ca, broker } = secured;
  await using peer = await subscriber(broker, undefined, { tls: { ca, ...tls } });
  expect(await postNotice(secured, notice('served'), tls)).toBe(200);
  expect(await nextData(peer)).toBe('served');
}

/** A TCP connection that sends 64 bytes at a time, with a pause before each. */
function slowLine(port: number): Duplex {
  const socket = connectTcp({ host: '127.0.0.1', port });
  const line = new Duplex({
    read() {},
    async write(chunk: Buffer, _, done) {
      for (let at = 0; at < chunk.length; at += 64) {
        await sleep(5);
        socket.write(chunk.subarray(at, at + 64));
      }
      done();
    },
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (chunk) => line.push(chunk)).on('close', () => line.push(null));
  return line;
}

/** What a client keeps to resume later; with TLS 1.3 it comes behind the handshake. Ends the connection. */
async function sessionOf(socket: TLSSocket): Promise<Buffer> {
  let session = socket.getSession();
  socket.on('session', (ticket) => {
    session = ticket;
  });
  socket.write('GET /healthz HTTP/1.1\r\nHost: broker.test\r\nConnection: close\r\n\r\n');
  await once(socket.resume(), 'close');
  if (!session) throw new Error('expected a session');
  return session;
}

describe('a broker by TLS', () => {
  it('says so in its URL, tells when its certificate expires, and serves WebSocket and HTTP', async () => {
    await using secured = await startSecuredBroker();
    expect(secured.broker.url).toBe(`wss://127.0.0.1:${secured.broker.port}`);
    expect(secured.broker.stats().certificateExpiresAt).toBeGreaterThan(Date.now());
    await expectServed(secured);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('speaks %s', async (version) => {
    await using secured = await startSecuredBroker();
    const socket = await openTls(secured, { minVersion: version, maxVersion: version });
    expect(socket.getProtocol()).toBe(version);
    socket.destroy();
  });

  it.each(['TLSv1', 'TLSv1.1'] as const)('refuses %s', async (version) => {
    const log = recordingLog();
    await using secured = await startSecuredBroker({ log });
    // Without this a client of today would not even offer it.
    const old = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await expect(openTls(secured, old)).rejects.toMatchObject({ code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' });
    await expectServed(secured);
    expect(log.records.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([]);
  });

  it('does not renegotiate, by which a client could have it compute for ever', async () => {
    await using secured = await startSecuredBroker();
    const socket = await openTls(secured, { maxVersion: 'TLSv1.2' });
    const ended = once(socket, 'error');
    socket.renegotiate({}, () => {});
    await expect(ended).resolves.toMatchObject([{ code: 'ERR_SSL_NO_RENEGOTIATION' }]);
    await expectServed(secured);
  });

  it('closes a connection that speaks plain HTTP, and goes on', async () => {
    await using secured = await startSecuredBroker();
    await using plain = await openRaw(secured.broker);
    plain.write('GET /healthz HTTP/1.1\r\nHost: broker.test\r\n\r\n');
    await plain.closed;
    expect(plain.text).not.toContain('HTTP/1.1');
    await expect(connect(secured.broker)).rejects.toThrow();
    await expectServed(secured);
  });

  it('closes a connection that speaks anything else, or ends in the middle of its handshake, and goes on', async () => {
    await using secured = await startSecuredBroker();
    for (const bytes of [Buffer.from('\x16\x03\x01\x02\x00garbage'.padEnd(600, 'x'), 'latin1'), Buffer.alloc(70_000, 0xff)]) {
      await using raw = await openRaw(secured.broker);
      raw.write(bytes);
      await raw.closed;
    }
    const half = connectTcp({ host: '127.0.0.1', port: secured.broker.port });
    half.write(Buffer.of(0x16, 3, 1, 2, 0));
    half.resetAndDestroy();
    await once(half, 'close');
    await expectServed(secured);
  });
});

describe('a broker by TLS gives up a client', () => {
  it('that connects and says nothing', async () => {
    await using secured = await startSecuredBroker(SHORT);
    const startedAt = performance.now();
    await using silent = await openRaw(secured.broker);
    await silent.closed;
    expect(performance.now() - startedAt).toBeGreaterThan(SHORT.handshakeTimeoutMs - 50);
    expect(silent.bytes).toHaveLength(0);
  });

  it('that sends its handshake byte by byte, however many it has sent', async () => {
    await using secured = await startSecuredBroker(SHORT);
    await using slow = await openRaw(secured.broker);
    const hello = Buffer.concat([Buffer.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3), Buffer.alloc(505)]);
    let sent = 0;
    const timer = setInterval(() => slow.write(hello.subarray(sent, ++sent)), 20);
    await slow.closed;
    clearInterval(timer);
    expect(sent).toBeLessThan(hello.length);
    expect(sent).toBeGreaterThan(1);
  });

  it('that is silent after its TLS handshake', async () => {
    await using secured = await startSecuredBroker(SHORT);
    await using silent = new Raw(await openTls(secured));
    silent.socket.resume();
    await silent.closed;
  });

  it('only then: a handshake may be slow', async () => {
    await using secured = await startSecuredBroker();
    const secure = await openTls(secured, { socket: slowLine(secured.broker.port) });
    secure.write('GET /healthz HTTP/1.1\r\nHost: broker.test\r\n\r\n');
    expect(String((await once(secure, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 /);
    secure.destroy();
  });

  it('at its shutdown, whose handshake is under way', async () => {
    const secured = await startSecuredBroker({ drainTimeoutMs: 60_000, handshakeTimeoutMs: 60_000 });
    await using silent = await openRaw(secured.broker);
    await using greeted = new Raw(await openTls(secured));
    await secured[Symbol.asyncDispose]();
    await silent.closed;
    await greeted.closed;
  });
});

describe('a broker that takes clients by their certificate', () => {
  const trust = { cert: known.cert, key: known.key };

  it('serves who has one of its authority', async () => {
    await using secured = await startSecuredBroker({}, clients);
    await expectServed(secured, trust);
  });

  it.each([
    ['without one', {}],
    ['with one of another authority of the same name', { cert: stranger.cert, key: stranger.key }],
    ['with one that has expired', { cert: expired.cert, key: expired.key }],
    ['with one that signed itself', (({ cert, key }) => ({ cert, key }))(issue({ name: 'a subscriber' }))],
  ])('refuses a client %s, by WebSocket and by HTTP', async (_, shown) => {
    await using secured = await startSecuredBroker({}, clients);
    const { broker, ca } = secured;
    await using witness = await subscriber(broker, undefined, { tls: { ca, ...trust } });
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      await expect(postNotice(secured, notice('smuggled'), { ...shown, maxVersion })).rejects.toThrow();
    }
    await expect(connect(broker, { tls: { ca, ...shown } })).rejects.toThrow();
    await using publisher = await connectV1(broker, { tls: { ca, ...trust } });
    publisher.send(publication(notice('the first')));
    expect(await nextData(witness)).toBe('the first');
    expect(broker.stats()).toMatchObject({ connections: 2, published: 1 });
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('looks at it again when a client of %s comes back with a session of before', async (version) => {
    await using secured = await startSecuredBroker({}, clients);
    const session = await sessionOf(await openTls(secured, { ...trust, maxVersion: version }));
    const again = await openTls(secured, { ...trust, maxVersion: version, session });
    expect(again.isSessionReused()).toBe(false);
    again.destroy();
    await expect(postNotice(secured, notice('smuggled'), { session, maxVersion: version })).rejects.toThrow();
    expect(secured.broker.stats().published).toBe(0);
  });
});

describe('a broker by TLS does not start', () => {
  it('with half of what it needs, or with a key of another certificate', async () => {
    const { cert } = forThisMachine(clients);
    using folder = folderOf({ crt: cert, key: forThisMachine(clients).key });
    const tlsCert = folder.path('crt');
    await expect(startTestBroker({ tlsCert })).rejects.toMatchObject({ name: 'OptionError', option: 'tlsKey' });
    await expect(startTestBroker({ tlsCert, tlsKey: folder.path('key') })).rejects.toMatchObject({ name: 'OptionError', option: 'tlsKey' });
  });
});
