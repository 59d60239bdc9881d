import { createHash } from 'node:crypto';
import { copyFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openPeer } from '../../src/peer/index.js';
import type { BrokerOptions } from '../../src/server/index.js';
import { startTlsFront } from '../bench/tls-front.js';
import { signWith } from '../server/identity/support.js';
import { startTestBroker } from '../support/broker.js';
import { authority, folderOf, issue } from '../support/certificates.js';
import { describeWithPhp } from '../support/php.js';
import { callNotifier } from '../support/php-notifier.js';

const KEY = 'wsn_key-of-a-back-end';
const SHA256 = createHash('sha256').update(KEY).digest('hex');
const CA = fileURLToPath(new URL('../peer/certificate/broker.test.crt.pem', import.meta.url));

/** Of somebody who hears, which the key of a publisher lets nobody. */
const EAR = 'wsn_key-of-a-listener';
const HEARD = { name: 'ear', sha256: createHash('sha256').update(EAR).digest('hex'), subscribe: 'all', publish: [] } as const;

/** A broker that takes notifications from who has the key, and lets nobody in without one. */
const CLOSED: Partial<BrokerOptions> = { apiKeys: [{ name: 'php', sha256: SHA256 }, HEARD] };

/** How a back-end may publish. */
const SCHEMES = ['ws', 'http'] as const;

async function subscriber(port: number) {
  const peer = await openPeer({ host: '127.0.0.1', port, headers: { 'X-Api-Key': EAR } });
  peer.send('{"sender":"client","subscriptions":[{"package":"p","page":"q"}]}');
  await peer.barrier();
  return peer;
}

const at = (broker: { readonly url: string }, scheme: string) => broker.url.replace(/^ws/, scheme);

describeWithPhp(
  'a back-end in PHP with a key',
  (php) => {
    it.each(SCHEMES)('is served by %s when it has the right one, and refused without one and with another (R-7.2)', async (scheme) => {
      await using broker = await startTestBroker(CLOSED);
      await using peer = await subscriber(broker.port);
      const url = at(broker, scheme);
      const refused = { outcome: 'refused', code: 401, message: expect.stringContaining('give a key or a token that the broker knows') };
      expect(await callNotifier(php, { url, env: { WSN_API_KEY: '' } })).toMatchObject(refused);
      const wrong = await callNotifier(php, { url, env: { WSN_API_KEY: 'wsn_another' } });
      expect(wrong).toMatchObject(refused);
      expect(wrong.message).not.toContain('wsn_another');
      expect(await callNotifier(php, { url, env: { WSN_API_KEY: KEY } })).toHaveProperty('receipt');
      expect(await callNotifier(php, { url, options: `['apiKey' => '${KEY}']`, env: { WSN_API_KEY: 'wsn_another' } })).toHaveProperty(
        'receipt',
      );
      for (const _ of [1, 2]) expect(await peer.next()).toContain('"package":"p"');
      expect(peer.inbox).toEqual([]);
    });

    it.each(SCHEMES)('may have a token instead, which counts for more than a key of the environment: %s (R-7.2)', async (scheme) => {
      const secret = 'a secret of 32 bytes, and of more';
      await using broker = await startTestBroker({ ...CLOSED, authSecret: secret });
      const token = await signWith(secret, { sub: 'php', wsn: { publish: [{ package: 'p', page: '*' }] } });
      const outcome = await callNotifier(php, {
        url: at(broker, scheme),
        options: `['token' => '${token}']`,
        env: { WSN_API_KEY: 'wsn_another' },
      });
      expect(outcome).toHaveProperty('receipt');
    });

    it('may have its key or its token in a file, as `wsn` (R-7.2)', async () => {
      const secret = 'a secret of 32 bytes, and of more';
      await using broker = await startTestBroker({ ...CLOSED, authSecret: secret });
      const token = await signWith(secret, { sub: 'php', wsn: { publish: [{ package: 'p', page: '*' }] } });
      using folder = folderOf({ 'php.key': `${KEY}\n`, 'php.jwt': `${token}\r\n`, 'two.key': `${KEY}\n${KEY}\n` });
      const url = at(broker, 'http');
      expect(await callNotifier(php, { url, env: { WSN_API_KEY: `@${folder.path('php.key')}` } })).toHaveProperty('receipt');
      expect(await callNotifier(php, { url, options: `['token' => '@${folder.path('php.jwt')}']` })).toHaveProperty('receipt');
      const two = await callNotifier(php, { url, options: `['apiKey' => '@${folder.path('two.key')}']` });
      expect(two).toMatchObject({ isInvalid: true, message: expect.stringContaining('has a space, a line end or another') });
      expect(two.message).not.toContain(KEY);
    });

    it.each([
      ['ws', 4403],
      ['http', 401],
    ])('is told by %s that publishing takes a key where anybody may hear (R-7.3)', async (scheme, code) => {
      await using broker = await startTestBroker({ ...CLOSED, anonymousSubscribe: 'all' });
      const told = await callNotifier(php, { url: at(broker, scheme), env: { WSN_API_KEY: '' } });
      expect(told).toMatchObject({ outcome: 'refused', code });
    });

    it.each([
      ['ws', 4403],
      ['http', 403],
    ])('is refused by %s where its key does not reach (R-7.3)', async (scheme, code) => {
      const apiKeys = [{ name: 'php', sha256: SHA256, publish: [{ package: 'other', page: '*' }] }, HEARD];
      await using broker = await startTestBroker({ ...CLOSED, apiKeys });
      expect(await callNotifier(php, { url: at(broker, scheme), env: { WSN_API_KEY: KEY } })).toMatchObject({ outcome: 'refused', code });
    });
  },
  ['curl'],
);

describeWithPhp(
  'a back-end in PHP with TLS',
  (php) => {
    it.each(SCHEMES)('trusts an authority that is named, and nobody else: %s', async (scheme) => {
      await using broker = await startTestBroker();
      await using front = await startTlsFront(broker.port);
      await using peer = await subscriber(broker.port);
      const url = front.url.replace(/^ws/, scheme);
      const env = { WSN_API_KEY: KEY };
      expect(await callNotifier(php, { url, env })).toMatchObject({
        outcome: 'not sent',
        message:
          'cannot connect to …: its certificate is not trusted: set the option "ca" or WSN_TLS_CA to the PEM file of its authority; nothing was sent',
      });
      expect(front.heads).toEqual([]);
      expect(await callNotifier(php, { url, env: { ...env, WSN_TLS_CA: CA } })).toHaveProperty('receipt');
      expect(await callNotifier(php, { url, env, options: `['ca' => '${CA}']` })).toHaveProperty('receipt');
      expect(front.heads.join('\n')).toMatch(new RegExp(`^X-Api-Key: ${KEY}\\r?$`, 'm'));
      for (const _ of [1, 2]) expect(await peer.next()).toContain('"package":"p"');
    });

    it('trusts none of the folder of the system when it is given authorities: http', async () => {
      const [system, other] = [authority(), authority()];
      const { cert, key } = issue({ name: 'broker.test', hosts: ['127.0.0.1'], by: system });
      using folder = folderOf({ 'cert.pem': cert, 'key.pem': key, 'system.pem': system.cert, 'other.pem': other.cert });
      await using broker = await startTestBroker({ tlsCert: folder.path('cert.pem'), tlsKey: folder.path('key.pem') });
      // A folder is read by the hashes that its files are named after.
      const hash = await php(['-r', `echo openssl_x509_parse(file_get_contents('${folder.path('system.pem')}'))['hash'];`]);
      copyFileSync(folder.path('system.pem'), folder.path(`${hash.stdout}.0`));
      const fakes = `function curl_setopt_array($curl, $options) {
      return \\curl_setopt_array($curl, isset($options[CURLOPT_URL]) ? $options + [CURLOPT_CAPATH => '${folder.path('.')}'] : $options);
    }`;
      const url = `https://127.0.0.1:${broker.port}`;
      expect(await callNotifier(php, { url, fakes })).toHaveProperty('receipt');
      expect(await callNotifier(php, { url, fakes, env: { WSN_TLS_CA: folder.path('other.pem') } })).toMatchObject({
        outcome: 'not sent',
        message: expect.stringContaining('its certificate is not trusted'),
      });
    });

    it.each(SCHEMES)('does not speak to somebody whose certificate has another name: %s', async (scheme) => {
      const by = authority();
      const { cert, key } = issue({ name: 'elsewhere.test', hosts: ['elsewhere.test'], by });
      using folder = folderOf({ 'cert.pem': cert, 'key.pem': key, 'ca.pem': by.cert });
      await using broker = await startTestBroker({ tlsCert: folder.path('cert.pem'), tlsKey: folder.path('key.pem') });
      const url = `${scheme}s://127.0.0.1:${broker.port}`;
      expect(await callNotifier(php, { url, env: { WSN_TLS_CA: folder.path('ca.pem') } })).toMatchObject({
        outcome: 'not sent',
        message: 'cannot connect to …: its certificate is for another name than that of the URL; nothing was sent',
      });
    });

    it.each(SCHEMES)('says that a server does not speak TLS: %s', async (scheme) => {
      await using broker = await startTestBroker();
      expect(await callNotifier(php, { url: at(broker, `${scheme}s`) })).toMatchObject({
        outcome: 'not sent',
        message: expect.stringContaining('does not speak TLS; is it http or ws instead of https or wss?'),
      });
    });

    it.each(SCHEMES)('sends and receives a megabyte: %s', async (scheme) => {
      await using broker = await startTestBroker({ maxMessageBytes: 4 * 1024 * 1024 });
      await using front = await startTlsFront(broker.port);
      await using peer = await subscriber(broker.port);
      const calls = ["$notifier->notify(['package' => 'p', 'page' => 'q', 'x' => str_repeat('é', 600000)])"];
      const url = front.url.replace(/^ws/, scheme);
      expect(await callNotifier(php, { url, calls, env: { WSN_TLS_CA: CA } })).toHaveProperty('receipt');
      expect(await peer.next()).toContain('é'.repeat(600_000));
    });
  },
  ['curl'],
);
