import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startTlsFront } from '../bench/tls-front.js';
import { startTestBroker } from '../support/broker.js';
import { runWsn, spawnWsn } from '../support/wsn.js';
import { refusingBroker } from './subscribe/other-servers.js';

const ca = fileURLToPath(new URL('../peer/certificate/broker.test.crt.pem', import.meta.url));
const what = ['--package', 'p'];

describe('the commands over wss:', () => {
  it('subscribe and publish by every transport, with the credentials in the handshake and nowhere else (R-7.2)', async () => {
    await using broker = await startTestBroker();
    await using front = await startTlsFront(broker.port);
    const env = { WSN_TLS_CA: ca, WSN_TOKEN: 'to.ke.n', WSN_API_KEY: 'wsn_secret' };
    await using subscriber = spawnWsn(['subscribe', '--url', front.url, ...what, '--count', '3'], { env });
    await subscriber.waitFor(/subscribed to/, 'stderr');
    for (const transport of ['ephemeral', 'persistent', 'http']) {
      const sent = await runWsn(['notify', '--url', front.url, '-t', transport, ...what, '--message', transport], { env });
      expect([sent.code, sent.stderr]).toEqual([0, '']);
    }
    const { code, stdout, stderr } = await subscriber.exit;
    expect(code).toBe(0);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).notification.message),
    ).toEqual(['ephemeral', 'persistent', 'http']);
    expect(stdout + stderr).not.toMatch(/to\.ke\.n|wsn_secret/);
    expect(front.heads[0]).toMatch(/^authorization: Bearer to\.ke\.n$/im);
    expect(front.heads[0]).not.toContain('wsn_secret');
    for (const head of front.heads.slice(1)) {
      expect(head).toMatch(/^x-api-key: wsn_secret$/im);
      expect(head).not.toContain('to.ke.n');
    }
  });

  it.each([['notify', '--message', 'm'], ['notify', '--transport', 'persistent'], ['notify', '--transport', 'http'], ['subscribe']])(
    '%s %s %s tells in one line that a certificate is not trusted, and believes it with --insecure, loudly',
    async (command, ...more) => {
      await using broker = await startTestBroker();
      await using front = await startTlsFront(broker.port);
      const call = [command, '--url', front.url, ...what, ...more];
      const refused = await runWsn(call);
      expect([refused.code, refused.stdout]).toEqual([3, '']);
      expect(refused.stderr).toMatch(
        /^wsn: cannot reach \S+: its certificate signs itself and is not trusted: name it with --tls-ca, or for a test use --insecure\n$/,
      );
      if (command === 'subscribe') return;
      const believed = await runWsn([...call, '--insecure']);
      expect(believed.code).toBe(0);
      expect(believed.stderr).toMatch(/^wsn: WARNING: --insecure: whoever answers as wss:\S+ is believed, [^\n]+\n$/);
    },
  );
});

describe('a broker that does not know who comes', () => {
  it.each([
    [[], '; the broker wants a token: --token or WSN_TOKEN, or for publishers a key: --api-key or WSN_API_KEY'],
    [['--token', 'to.ke.n'], '; this is about the token that was given'],
  ])('is repeated in its words, with what to do, given %j (R-4.1)', async (credentials, remedy) => {
    await using broker = await refusingBroker(4401, 'its words');
    const subscribed = await runWsn(['subscribe', '--url', broker.url, ...what, ...credentials]);
    const line = `wsn: the broker has ended the subscription: closed with 4401 unauthenticated: its words${remedy}\n`;
    expect([subscribed.code, subscribed.stderr.split(/(?<=\n)/).at(-1)]).toEqual([4, line]);
    const published = await runWsn(['notify', '--url', broker.url, ...what, ...credentials]);
    expect([published.code, published.stderr]).toEqual([4, `wsn: ${broker.url} refused (4401 unauthenticated): its words${remedy}\n`]);
  });
});
