import { expect, it } from 'vitest';
import { describeWithPhp } from '../support/php.js';
import { NOT_JSON, WRONG_CALLS, WRONG_OPTIONS } from '../support/php-mistakes.js';
import { callNotifier, NOTIFIER, runNotifier, scriptOf } from '../support/php-notifier.js';

const URL = 'http://127.0.0.1:1';

describeWithPhp(
  'a Notifier in PHP that is used in a wrong way',
  (php) => {
    it.each(['Notifier', 'NotifierException', 'EphemeralSocket'])(
      'has a file %s.php that PHP accepts, and that prints nothing',
      async (name) => {
        const file = NOTIFIER.replace('Notifier', name);
        expect(await php(['-l', file])).toMatchObject({ code: 0, stdout: expect.stringContaining('No syntax errors') });
        expect(await php([file])).toEqual({ code: 0, stdout: '', stderr: '' });
      },
    );

    it.each(WRONG_OPTIONS)('is not made of %s with %s', async (url, options, message) => {
      expect(await callNotifier(php, { url, options })).toEqual({ isInvalid: true, message });
    });

    it('is not made with a key or authorities of the environment that are none', async () => {
      const key = await callNotifier(php, { url: URL, options: '[]', env: { WSN_API_KEY: 'a b' } });
      expect(key).toMatchObject({ isInvalid: true, message: expect.stringContaining('WSN_API_KEY') });
      const ca = await callNotifier(php, { url: URL, options: '[]', env: { WSN_TLS_CA: '/no/such.pem' } });
      expect(ca).toMatchObject({ isInvalid: true, message: expect.stringContaining('"/no/such.pem"') });
    });

    it('does not send what is no JSON, nor with what is no key', async () => {
      const calls = [...NOT_JSON, ...WRONG_CALLS];
      const outcomes = await runNotifier(php, { url: URL, calls: calls.map(([call]) => call) });
      expect(outcomes).toEqual(calls.map(([, message]) => ({ isInvalid: true, message })));
    });

    it('does not send with a socket what has a key, which would count for nothing', async () => {
      const calls = ["$notifier->notify(['package' => 'p', 'page' => 'q'], 'order-17')"];
      expect(await callNotifier(php, { url: 'ws://127.0.0.1:1', calls })).toEqual({
        isInvalid: true,
        message: 'a key takes a broker at http:// or https://, and this one is at …',
      });
    });

    it('shows no key and no token when it is dumped', async () => {
      const options = "['apiKey' => 'secret', 'token' => 'secret']";
      const script = `require '${NOTIFIER}'; $all = [new Wsn\\Notifier('ws://h/?token=secret', ${options})]; print_r($all); var_dump($all);`;
      const { stdout } = await php(['-r', script]);
      expect(stdout).toContain('[url] => ws://h/\n');
      expect(stdout).not.toContain('secret');
    });

    it('names a package of Debian only where there is one', async () => {
      const fakes = 'function extension_loaded($name) { return false; }';
      expect(await callNotifier(php, { url: 'wss://127.0.0.1:1', fakes })).toEqual({
        isInvalid: true,
        message: 'wss:// needs the PHP extension openssl: install it',
      });
    });

    it('says what to install where cURL is missing', async () => {
      const { stdout } = await php(['-n', '-r', scriptOf({ url: URL })]);
      expect(JSON.parse(stdout)).toEqual({
        isInvalid: true,
        message:
          'http:// needs the PHP extension curl: install it (Debian: apt-get install php-curl), or use ws:// or wss://, which do without',
      });
    });
  },
  ['curl'],
);
