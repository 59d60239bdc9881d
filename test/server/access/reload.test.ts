import { mkdir, rm, writeFile } from 'node:fs/promises';
import { Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { BrokerOptions } from '../../../src/server/index.js';
import { startTestBroker } from '../../support/broker.js';
import { recordingLog } from '../../support/log.js';
import { connect, connectV1, nextData, notice, publication, subscriber } from '../../support/peers.js';
import { inSeconds, keyFolder, signWith } from '../identity/support.js';
import {
  ALL,
  authenticate,
  bearing,
  channel,
  granted,
  KEY,
  ON,
  post,
  publishWithKey,
  SECRET,
  SHOP,
  statusOf,
  subscribeV1,
  tokenOf,
} from './support.js';

/** What `startTestBroker` gives by itself: a reload has to give it again, or it would be a change. */
const SAME = { host: '127.0.0.1', port: 0, drainTimeoutMs: 2000 };
const OTHER = 'another secret of 32 bytes, or of more';

describe('a reload', () => {
  test('that narrows what anybody may hear changes what is delivered at once, base and v1 (R-7.3)', async () => {
    await using broker = await startTestBroker({ ...ON, anonymousSubscribe: 'all' });
    await using base = await subscriber(broker);
    await using v1 = await connectV1(broker);
    await subscribeV1(v1);
    await using known = await granted(broker, { subscribe: ALL });
    await subscribeV1(known);
    await publishWithKey(broker, notice(1, { values: '1' }));
    expect(await broker.reconfigure({ ...SAME, ...ON, anonymousSubscribe: [channel('2')] })).toEqual(['anonymousSubscribe']);
    await publishWithKey(broker, notice(2, { values: '1' }), notice(3, { values: '2' }));
    for (const peer of [base, v1]) expect([await nextData(peer), await nextData(peer)]).toEqual([1, 3]);
    expect([await nextData(known), await nextData(known), await nextData(known)]).toEqual([1, 2, 3]);
    await broker.reconfigure({ ...SAME, ...ON, anonymousSubscribe: 'all' });
    await publishWithKey(broker, notice(4, { values: '1' }));
    for (const peer of [base, v1, known]) expect(await nextData(peer)).toBe(4);
  });

  test('that lets strangers do nothing closes them with 4401, and nobody else (R-7.3)', async () => {
    await using broker = await startTestBroker({ ...ON, anonymousSubscribe: 'all' });
    await using stranger = await subscriber(broker);
    await using known = await granted(broker, { subscribe: ALL });
    await broker.reconfigure({ ...SAME, ...ON });
    expect((await stranger.closed).code).toBe(4401);
    await known.barrier();
    expect(await statusOf(broker)).toBe(401);
    expect(broker.stats().registry.topics).toBe(0);
  });

  test('that takes what anybody may publish takes it from who is connected, too (R-7.3)', async () => {
    const given = { ...ON, anonymousSubscribe: 'all', anonymousPublish: 'all' } as const;
    await using broker = await startTestBroker(given);
    await using v1 = await connectV1(broker);
    await using base = await connect(broker);
    await broker.reconfigure({ ...SAME, ...given, anonymousPublish: [channel('2')] });
    v1.send(publication(notice(1, { values: '1' }), { id: 'x' }));
    expect(JSON.parse(await v1.next())).toMatchObject({ id: 'x', error: { code: 'forbidden' } });
    base.send(publication(notice(1, { values: '1' })));
    expect((await base.closed).code).toBe(4403);
    expect((await post(broker)).status).toBe(403);
    expect(broker.stats().published).toBe(0);
  });

  test.each<[string, Partial<BrokerOptions>]>([
    ['removed', { apiKeys: [{ ...SHOP, name: 'other', sha256: '0'.repeat(64) }] }],
    ['renamed', { apiKeys: [{ ...SHOP, name: 'other' }] }],
    ['given other grants', { apiKeys: [{ ...SHOP, publish: [channel('2')] }] }],
    ['given another digest', { apiKeys: [{ ...SHOP, sha256: '0'.repeat(64) }] }],
  ])('closes with 4401 whoever came with a key that is %s (R-7.2)', async (_, options) => {
    await using broker = await startTestBroker(ON);
    await using peer = await connect(broker, { headers: { 'X-Api-Key': KEY } });
    expect(await broker.reconfigure({ ...SAME, ...ON, ...options })).toEqual(['apiKeys']);
    // Too late, whether it is on its way already or not.
    peer.send(publication(notice(1)));
    expect((await peer.closed).code).toBe(4401);
    expect(broker.stats().published).toBe(0);
  });

  test('leaves whoever came with a key that stands (R-7.2)', async () => {
    await using broker = await startTestBroker(ON);
    await using peer = await connectV1(broker, { headers: { 'X-Api-Key': KEY } });
    const sha256 = SHOP.sha256.toUpperCase();
    await broker.reconfigure({
      ...SAME,
      ...ON,
      apiKeys: [
        { name: 'more', sha256: '0'.repeat(64) },
        { ...SHOP, sha256 },
      ],
    });
    peer.send(publication(notice(1)));
    expect(JSON.parse(await peer.next())).toHaveProperty('receipt');
  });

  test('that changes the secret closes whoever came with a token of the one before, and decides about the next (R-7.2)', async () => {
    await using broker = await startTestBroker(ON);
    await using peer = await granted(broker, { subscribe: ALL });
    await using waiting = await connectV1(broker);
    await broker.reconfigure({ ...SAME, ...ON, authSecret: OTHER });
    expect((await peer.closed).code).toBe(4401);
    expect(await statusOf(broker, bearing(await tokenOf({ subscribe: ALL })))).toBe(401);
    expect(await statusOf(broker, bearing(await tokenOf({ subscribe: ALL }, {}, OTHER)))).toBe(101);
    expect(await authenticate(waiting, await tokenOf({ subscribe: ALL }, {}, OTHER))).toHaveProperty('authenticated');
  });

  test('that leaves the keys as they are leaves whoever came with a token; one without them closes it (R-7.2)', async () => {
    await using broker = await startTestBroker(ON);
    await using peer = await granted(broker, { subscribe: ALL });
    await subscribeV1(peer);
    await broker.reconfigure({ ...SAME, ...ON, anonymousSubscribe: [], maxSubscriptions: 5 });
    expect(await authenticate(peer, await tokenOf({ subscribe: ALL }))).toHaveProperty('authenticated');
    await publishWithKey(broker, notice('still'));
    expect(await nextData(peer)).toBe('still');
    await broker.reconfigure({ ...SAME, apiKeys: [SHOP] });
    expect((await peer.closed).code).toBe(4401);
  });

  test('puts origins, networks and proxies in force (R-7.5)', async () => {
    await using broker = await startTestBroker(ON);
    const page = { headers: { ...bearing(await tokenOf({ subscribe: ALL })).headers, Origin: 'https://app.example.org' } };
    expect([await statusOf(broker, page), (await post(broker)).status]).toEqual([403, 401]);
    const changed = await broker.reconfigure({ ...SAME, ...ON, allowOrigins: ['https://app.example.org'], allowPublish: ['127.0.0.1'] });
    expect([...changed].sort()).toEqual(['allowOrigins', 'allowPublish']);
    expect([await statusOf(broker, page), (await post(broker)).status]).toEqual([101, 200]);
  });

  test.each([
    [50, 0, Number.POSITIVE_INFINITY],
    [0, 50, 10_050],
    [50, 1_000_000, 1_010_000],
  ])('that changes the most connections from %i to %i changes on every port what the system takes (R-7.6)', async (before, after, most) => {
    const listening = vi.spyOn(Server.prototype, 'listen');
    await using broker = await startTestBroker({ maxConnections: before, publishPort: 0 });
    const servers = listening.mock.contexts as Server[];
    listening.mockRestore();
    expect(await broker.reconfigure({ ...SAME, maxConnections: after, publishPort: 0 })).toEqual(['maxConnections']);
    expect(servers.map(({ maxConnections }) => maxConnections)).toEqual([most, most]);
  });

  test('reads files again, and names the option of one that changed (R-7.2)', async () => {
    await using folder = await keyFolder();
    const authSecretFile = await folder.file('secret', SECRET);
    await using broker = await startTestBroker({ authSecretFile });
    const token = (secret: string) => signWith(secret, { exp: inSeconds(60), wsn: { subscribe: ALL } });
    expect(await statusOf(broker, bearing(await token(OTHER)))).toBe(401);
    expect(await broker.reconfigure({ ...SAME, authSecretFile })).toEqual([]);
    await folder.file('secret', `${OTHER}\n`);
    expect(await broker.reconfigure({ ...SAME, authSecretFile })).toEqual(['authSecretFile']);
    expect(await statusOf(broker, bearing(await token(OTHER)))).toBe(101);
    expect(await statusOf(broker, bearing(await token(SECRET)))).toBe(401);
  });
});

/** What cannot be taken while a broker runs, and the option that is named. */
const BAD: readonly (readonly [what: string, options: Partial<BrokerOptions>, option: keyof BrokerOptions])[] = [
  ['another port', { port: 1 }, 'port'],
  ['another host', { host: '127.0.0.2' }, 'host'],
  ['a second listener', { publishPort: 0 }, 'publishPort'],
  ['tolerance', { tolerant: true }, 'tolerant'],
  ['another heartbeat', { pingIntervalMs: 1000 }, 'pingIntervalMs'],
  ['certificates of clients', { tlsClientCert: 'require' }, 'tlsClientCert'],
  ['another history', { historyBytes: 1000 }, 'historyBytes'],
  ['a number out of bounds', { maxSubscriptions: 0 }, 'maxSubscriptions'],
  ['TLS', { tlsCert: '/nowhere/a.crt', tlsKey: '/nowhere/a.key' }, 'tlsCert'],
  ['a file that is not there', { authPublicKey: '/nowhere/key.pem' }, 'authPublicKey'],
  ['a secret that is too short', { authSecret: 'short' }, 'authSecret'],
  ['a key that is no digest', { apiKeys: [{ name: 'x', sha256: KEY }] }, 'apiKeys'],
  ['a network that is none', { allowPublish: ['10.0.0.0/33'] }, 'allowPublish'],
  ['a proxy that is none', { trustProxies: ['proxy'] }, 'trustProxies'],
  ['an origin that is none', { allowOrigins: ['app.example.org'] }, 'allowOrigins'],
  ['schemas that are not there', { schemas: '/nowhere/schemas' }, 'schemas'],
];

describe('a reload that is refused', () => {
  test.each(BAD)('changes nothing, and names what is wrong: %s', async (_, bad, option) => {
    const given = { ...ON, anonymousSubscribe: [channel('2')] };
    await using broker = await startTestBroker(given);
    await using stranger = await subscriber(broker);
    const refused = broker.reconfigure({ ...SAME, ...given, anonymousSubscribe: 'all', anonymousPublish: 'all', ...bad });
    await expect(refused).rejects.toMatchObject({ name: 'OptionError', option });
    expect((await post(broker)).status).toBe(401);
    expect(await statusOf(broker, bearing(await tokenOf({})))).toBe(101);
    await publishWithKey(broker, notice(1, { values: '1' }), notice(2, { values: '2' }));
    expect(await nextData(stranger)).toBe(2);
    expect(await broker.reconfigure({ ...SAME, ...given })).toEqual([]);
  });

  test('because of a file that has become wrong leaves the one before in force (R-7.2, R-7.7)', async () => {
    await using folder = await keyFolder();
    const authSecretFile = await folder.file('secret', SECRET);
    const schemas = await folder.file('schemas', '');
    await rm(schemas);
    await mkdir(join(schemas, 'p'), { recursive: true });
    const schema = join(schemas, 'p', 'q.json');
    await writeFile(schema, '{"type":"string"}');
    await using broker = await startTestBroker({ authSecretFile, schemas, apiKeys: [SHOP] });
    await writeFile(schema, '{"type":"strung"}');
    await folder.file('secret', OTHER);
    await expect(broker.reconfigure({ ...SAME, authSecretFile, schemas, apiKeys: [SHOP] })).rejects.toMatchObject({
      option: 'schemas',
      message: expect.stringContaining('q.json'),
    });
    expect(await statusOf(broker, bearing(await signWith(SECRET, {})))).toBe(101);
    expect(await statusOf(broker, bearing(await signWith(OTHER, {})))).toBe(401);
    await using peer = await connectV1(broker, { headers: { 'X-Api-Key': KEY } });
    peer.send(publication({ package: 'p', page: 'q', data: 5 }));
    expect(JSON.parse(await peer.next())).toMatchObject({ error: { code: 'invalid-notification' } });
  });
});

describe('reloads at the same time', () => {
  test('follow one another: the last that can be taken is in force, and each answers for itself (R-7.3)', async () => {
    const log = recordingLog();
    await using broker = await startTestBroker({ ...ON, log, anonymousSubscribe: 'all' });
    await using stranger = await subscriber(broker);
    const to = (anonymousSubscribe: BrokerOptions['anonymousSubscribe'], more: Partial<BrokerOptions> = {}) =>
      broker.reconfigure({ ...SAME, ...ON, anonymousSubscribe, ...more });
    const results = await Promise.allSettled([
      to([channel('1')]),
      to([channel('2')], { allowOrigins: ['*'] }),
      to([channel('3')], { port: 1 }),
      to([channel('4')], { authPublicKey: '/nowhere' }),
      to([channel('5')]),
      to([channel('5')]),
    ]);
    expect(results.map((result) => (result.status === 'fulfilled' ? result.value : (result.reason as { option: string }).option))).toEqual([
      ['anonymousSubscribe'],
      expect.toSatisfy((names: string[]) => [...names].sort().join() === 'allowOrigins,anonymousSubscribe'),
      'port',
      'authPublicKey',
      expect.toSatisfy((names: string[]) => [...names].sort().join() === 'allowOrigins,anonymousSubscribe'),
      [],
    ]);
    await publishWithKey(broker, ...['1', '2', '3', '4', '5'].map((value) => notice(value, { values: value })));
    expect(await nextData(stranger)).toBe('5');
  });

  test('and a fan-out, do not disturb it: what every policy lets through is heard, once and in its order (R-7.3)', async () => {
    const given = (values: readonly string[]) => ({ ...ON, anonymousSubscribe: [channel('always', ...values)] });
    await using broker = await startTestBroker(given(['1']));
    await using stranger = await subscriber(broker);
    await using publisher = await connectV1(broker, { headers: { 'X-Api-Key': KEY } });
    const reloads: Promise<unknown>[] = [];
    for (let data = 1; data <= 600; data++) {
      publisher.send(publication(notice(data, { values: data % 3 === 0 ? 'always' : String(data % 3) })));
      if (data % 100 === 50) {
        reloads.push(broker.reconfigure({ ...SAME, ...given([data % 200 === 50 ? '2' : '1']) }));
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    await Promise.all(reloads);
    for (let receipts = 0; receipts < 600; receipts++) await publisher.next({ timeoutMs: 15_000 });
    const heard: number[] = [];
    while (heard.at(-1) !== 600) heard.push((await nextData(stranger)) as number);
    expect(heard).toEqual([...heard].sort((one, other) => one - other));
    expect(heard.filter((data) => data % 3 === 0)).toHaveLength(200);
  });

  test('and the end of the broker do not hold it up', async () => {
    const broker = await startTestBroker(ON);
    const reloads = [1, 2, 3].map((count) => broker.reconfigure({ ...SAME, ...ON, maxSubscriptions: count }));
    await broker[Symbol.asyncDispose]();
    await Promise.allSettled(reloads);
  });
});
