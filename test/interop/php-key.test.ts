import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openPeer } from '../../src/peer/index.js';
import type { BrokerOptions } from '../../src/server/index.js';
import { startTlsFront } from '../bench/tls-front.js';
import { startTestBroker } from '../support/broker.js';
import { describeWithPhp, type RunPhp } from '../support/php.js';

const KEY = 'wsn_key-of-a-back-end';
const SHA256 = createHash('sha256').update(KEY).digest('hex');
const CA = fileURLToPath(new URL('../peer/certificate/broker.test.crt.pem', import.meta.url));

/** Of somebody who hears, which the key of a publisher lets nobody. */
const EAR = 'wsn_key-of-a-listener';
const HEARD = { name: 'ear', sha256: createHash('sha256').update(EAR).digest('hex'), subscribe: 'all', publish: [] } as const;

/** A broker that takes notifications from who has the key, and lets nobody in without one. */
const CLOSED: Partial<BrokerOptions> = { apiKeys: [{ name: 'php', sha256: SHA256 }, HEARD] };

/** The two examples, each run as from a shell. */
const EXAMPLES = [
  [
    'publish.php',
    (php: RunPhp, url: string, env: Record<string, string>) =>
      php(['examples/php/publish.php', 'p', 'q', '2', 'm', '{}', url], 10_000, env),
  ],
  [
    'notify-http.php',
    (php: RunPhp, url: string, env: Record<string, string>) =>
      php(['examples/php/notify-http.php', '{"package":"p","page":"q"}', url.replace(/^ws/, 'http')], 10_000, env),
  ],
] as const;

async function subscriber(port: number) {
  const peer = await openPeer({ host: '127.0.0.1', port, headers: { 'X-Api-Key': EAR } });
  peer.send('{"sender":"client","subscriptions":[{"package":"p","page":"q"}]}');
  await peer.barrier();
  return peer;
}

describeWithPhp('a back-end in PHP with a key', (php) => {
  it('has an example for HTTP that PHP accepts', async () => {
    expect(await php(['-l', 'examples/php/notify-http.php'])).toMatchObject({ code: 0 });
  });

  it.each(EXAMPLES)('is served when it has the right one, and refused without one and with another: %s (R-7.2)', async (_, publish) => {
    await using broker = await startTestBroker(CLOSED);
    await using peer = await subscriber(broker.port);
    const without = await publish(php, broker.url, { WSN_API_KEY: '' });
    expect(without).toMatchObject({ code: 4, stderr: expect.stringContaining('401') });
    const wrong = await publish(php, broker.url, { WSN_API_KEY: 'wsn_another' });
    expect(wrong).toMatchObject({ code: 4, stderr: expect.stringContaining('401') });
    expect(wrong.stderr).not.toContain('wsn_another');
    expect(await publish(php, broker.url, { WSN_API_KEY: KEY })).toMatchObject({ code: 0, stderr: '' });
    expect(await peer.next()).toContain('"package":"p"');
    expect(peer.inbox).toEqual([]);
  });

  it('is told to set the key, or that it is unknown (R-4.6)', async () => {
    await using broker = await startTestBroker(CLOSED);
    const [, publish] = EXAMPLES[0];
    expect((await publish(php, broker.url, { WSN_API_KEY: '' })).stderr).toContain('(it wants a key: set WSN_API_KEY)');
    expect((await publish(php, broker.url, { WSN_API_KEY: 'x' })).stderr).toContain('(it does not know the key in WSN_API_KEY)');
    expect(await publish(php, broker.url, { WSN_API_KEY: 'a b' })).toMatchObject({ code: 2 });
  });

  it('is told that publishing takes a key where anybody may hear (R-7.3)', async () => {
    await using broker = await startTestBroker({ ...CLOSED, anonymousSubscribe: 'all' });
    const [[, bySocket], [, byHttp]] = EXAMPLES;
    const told = await bySocket(php, broker.url, { WSN_API_KEY: '' });
    expect(told).toMatchObject({ code: 4, stderr: expect.stringContaining('4403: publishing this takes a key or a token') });
    expect(await byHttp(php, broker.url, { WSN_API_KEY: '' })).toMatchObject({ code: 4, stderr: expect.stringContaining('401') });
  });

  it.each(EXAMPLES)('is refused where its key does not reach: %s (R-7.3)', async (_, publish) => {
    const apiKeys = [{ name: 'php', sha256: SHA256, publish: [{ package: 'other', page: '*' }] }, HEARD];
    await using broker = await startTestBroker({ ...CLOSED, apiKeys });
    expect(await publish(php, broker.url, { WSN_API_KEY: KEY })).toMatchObject({ code: 4, stderr: expect.stringMatching(/403/) });
  });

  it.each(EXAMPLES)('trusts an authority that is named, and nobody else: %s', async (_, publish) => {
    await using broker = await startTestBroker();
    await using front = await startTlsFront(broker.port);
    await using peer = await subscriber(broker.port);
    const env = { WSN_API_KEY: KEY };
    const untrusted = await publish(php, front.url, env);
    expect(untrusted).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('is not trusted: set WSN_TLS_CA to the PEM file of its authority'),
    });
    expect(front.heads).toEqual([]);
    expect(await publish(php, front.url, { ...env, WSN_TLS_CA: CA })).toMatchObject({ code: 0, stderr: '' });
    expect(front.heads.join('\n')).toMatch(new RegExp(`^X-Api-Key: ${KEY}\\r?$`, 'm'));
    expect(await peer.next()).toContain('"package":"p"');
  });

  it('says that a server does not speak TLS, and refuses a file of authorities that cannot be read', async () => {
    await using broker = await startTestBroker();
    const [, publish] = EXAMPLES[0];
    const url = broker.url.replace('ws:', 'wss:');
    expect(await publish(php, url, {})).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('does not speak TLS; is it ws instead of wss?'),
    });
    expect(await publish(php, url, { WSN_TLS_CA: '/no/such.pem' })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('WSN_TLS_CA'),
    });
  });

  it('sends and receives a megabyte by TLS', async () => {
    await using broker = await startTestBroker({ maxMessageBytes: 4 * 1024 * 1024 });
    await using front = await startTlsFront(broker.port);
    await using peer = await subscriber(broker.port);
    const code = `require 'examples/php/publish.php'; wsn_notify(['package' => 'p', 'page' => 'q', 'x' => str_repeat('é', 600000)], '${front.url}');`;
    expect(await php(['-r', code], 10_000, { WSN_TLS_CA: CA })).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await peer.next()).toContain('é'.repeat(600_000));
  });
});
