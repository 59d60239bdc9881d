import { X509Certificate } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import type { Peer } from '../../../src/peer/index.js';
import type { BrokerOptions } from '../../../src/server/index.js';
import { authority, issue } from '../../support/certificates.js';
import { recordingLog } from '../../support/log.js';
import { connect, connectV1, EVERYTHING, notice, publication, subscribe } from '../../support/peers.js';
import {
  brokerCertificate,
  openTls,
  postNotice,
  type SecuredBroker,
  shownCertificate,
  startSecuredBroker,
} from '../../support/secured-broker.js';

const READERS = 1000;
/** Handshakes at the same time, fewer than a listener's backlog. */
const AT_ONCE = 50;
const PATIENCE = { timeout: 30_000 };

/** Opens readers of everything; each counts what it hears, and notes what does not come in order. */
async function openReaders({ broker, ca }: SecuredBroker) {
  const peers: Peer[] = [];
  const heard = new Array<number>(READERS).fill(0);
  const faults: string[] = [];
  const open = async (index: number) => {
    const onMessage = (payload: Buffer) => {
      const { data } = JSON.parse(payload.toString()).notification;
      const expected = (heard[index] ?? 0) + 1;
      heard[index] = expected;
      if (data !== expected) faults.push(`reader ${index} heard ${data} in the place of ${expected}`);
    };
    const peer = await connect(broker, { tls: { ca }, onMessage });
    await subscribe(peer, EVERYTHING);
    peers.push(peer);
  };
  for (let from = 0; from < READERS; from += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => open(from + index)));
  return {
    peers,
    faults,
    /** What the reader has heard who has heard least. */
    least: () => Math.min(...heard),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(peers.map((peer) => peer[Symbol.asyncDispose]()));
    },
  };
}

describe('new certificates in the files of a broker', () => {
  it('are shown to whoever connects from then on, while 1,000 connections stay and get everything', async () => {
    const log = recordingLog();
    await using secured = await startSecuredBroker({ log });
    const { broker, ca } = secured;
    await using readers = await openReaders(secured);
    await using publisher = await connectV1(broker, { tls: { ca } });
    let published = 0;
    const publishOne = async () => {
      publisher.send(publication(notice(++published)));
      await publisher.next({ what: 'a receipt' });
    };
    const before = await shownCertificate(secured);
    await publishOne();
    const replacement = brokerCertificate();
    const { fingerprint256 } = new X509Certificate(replacement.cert);
    secured.replace(replacement);
    // Deliveries go on until it is there, and behind it.
    while ((await shownCertificate(secured)) === before) await publishOne();
    await publishOne();
    expect(await shownCertificate(secured)).toBe(fingerprint256);
    expect(log.find('new TLS certificates are in use for new connections')).toMatchObject({ fingerprint: fingerprint256 });
    await expect.poll(readers.least, PATIENCE).toBe(published);
    expect(readers.faults).toEqual([]);
    expect(broker.stats()).toMatchObject({ peers: READERS + 1, connections: READERS + 1 });
  }, 120_000);

  it('are not shown when they are bad, and what is wrong is logged', async () => {
    const log = recordingLog();
    await using secured = await startSecuredBroker({ log });
    const before = await shownCertificate(secured);
    const good = brokerCertificate();
    secured.replace({ ...good, key: brokerCertificate().key });
    const told = () => log.records.filter(({ level }) => level === 'error');
    await expect.poll(told, PATIENCE).toMatchObject([{ message: 'the new TLS certificates are not used, those of before stay' }]);
    const because = `${secured.path('broker.key')}, which is not the key of the certificate in ${secured.path('broker.crt')}`;
    expect(told()[0]?.fields).toMatchObject({ file: secured.path('broker.crt'), because });
    expect(await shownCertificate(secured)).toBe(before);
    secured.replace(good);
    await expect.poll(() => shownCertificate(secured), PATIENCE).toBe(new X509Certificate(good.cert).fingerprint256);
  }, 60_000);

  it('let nobody in by a session of before', async () => {
    await using secured = await startSecuredBroker();
    const first = await openTls(secured, { maxVersion: 'TLSv1.2' });
    const session = first.getSession() as Buffer;
    first.destroy();
    const resume = async () => {
      const socket = await openTls(secured, { maxVersion: 'TLSv1.2', session });
      const isReused = socket.isSessionReused();
      socket.destroy();
      return isReused;
    };
    expect(await resume()).toBe(true);
    secured.replace(brokerCertificate());
    await expect.poll(resume, PATIENCE).toBe(false);
  });

  it('may be those of other authorities of clients', async () => {
    const [clients, others] = [authority(), authority()];
    await using secured = await startSecuredBroker({}, clients);
    const [{ cert, key }, other] = [issue({ name: 'one', by: clients }), issue({ name: 'another', by: others })];
    expect(await postNotice(secured, notice(1), { cert, key })).toBe(200);
    secured.write('clients.crt', others.cert);
    const asOther = () => postNotice(secured, notice(2), { cert: other.cert, key: other.key }).catch(() => 'refused');
    await expect.poll(asOther, PATIENCE).toBe(200);
    await expect(postNotice(secured, notice(3), { cert, key })).rejects.toThrow();
  });
});

describe('a reload of certificates', () => {
  it.each<[names: readonly (keyof BrokerOptions)[], change: (secured: SecuredBroker) => void]>([
    [['tlsCert', 'tlsKey'], ({ replace }) => replace(brokerCertificate())],
    [['tlsCa'], ({ write }) => write('clients.crt', authority().cert)],
  ])('names %j when that alone has changed', async (names, change) => {
    // The files are not looked at by themselves meanwhile.
    vi.useFakeTimers({ toFake: ['setInterval'] });
    try {
      await using secured = await startSecuredBroker({}, authority());
      const { broker, path } = secured;
      const files = { tlsCert: path('broker.crt'), tlsKey: path('broker.key'), tlsCa: path('clients.crt') };
      const options = { host: '127.0.0.1', port: 0, drainTimeoutMs: 2000, ...files, tlsClientCert: 'require' } as const;
      expect(await broker.reconfigure(options)).toEqual([]);
      change(secured);
      expect(await broker.reconfigure(options)).toEqual(names);
      expect(await broker.reconfigure(options)).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });
});
