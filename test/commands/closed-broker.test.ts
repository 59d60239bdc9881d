import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authority, folderOf, forThisMachine } from '../support/certificates.js';
import { type RunningWsn, runWsn, spawnWsn } from '../support/wsn.js';

const KEY = 'wsn_of_the_shop';
const what = ['--package', 'p', '--page', 'q'];

/** A broker as an operator would close it, by `wsn serve --config`, and what its users have. */
async function serveClosed() {
  const signer = authority();
  const { cert, key } = forThisMachine(signer);
  const folder = folderOf({
    'broker.crt': cert,
    'broker.key': key,
    'ca.crt': signer.cert,
    'other.crt': authority().cert,
    secret: randomBytes(32).toString('base64url'),
    'shop.key': `${KEY}\n`,
    'wrong.key': 'wsn_of_nobody\n',
  });
  /** @param more members of the file, beside those that every one of these has. */
  const configure = (more = '', keys = `[{ name: shop, sha256: ${createHash('sha256').update(KEY).digest('hex')} }]`) => {
    const text = `listen: { host: 127.0.0.1, port: 0 }
tls: { cert: broker.crt, key: broker.key }
auth:
  secretFile: secret
  apiKeys: ${keys}
${more}`;
    writeFileSync(folder.path('wsn.yaml'), text);
  };
  configure();
  const running = spawnWsn(['serve', '--config', folder.path('wsn.yaml')]);
  const [line] = await running.waitFor(/^\{.*"msg":"listening"\}$/m);
  const { url, port } = JSON.parse(line) as { url: string; port: number };
  const at = ['--url', url, '--tls-ca', folder.path('ca.crt')];
  return {
    running,
    url,
    at,
    path: folder.path,
    configure,
    /** Mints a token with these grants. @returns `@` and the file that holds it. */
    async mint(name: string, ...options: readonly string[]): Promise<string> {
      const minted = await runWsn(['token', 'mint', '--secret-file', folder.path('secret'), ...options]);
      expect([minted.code, minted.stderr]).toEqual([0, '']);
      writeFileSync(folder.path(name), minted.stdout);
      return `@${folder.path(name)}`;
    },
    /** Sends SIGHUP and waits for what the log says of it. */
    async reload(said: RegExp): Promise<string> {
      const before = running.stdout.length;
      running.kill('SIGHUP');
      const entry = () => running.stdout.slice(before).match(said)?.[0];
      await expect.poll(entry, { timeout: 10_000 }).toBeDefined();
      return entry() as string;
    },
    /** The fingerprint of the certificate that is shown to whoever connects. */
    async shown(): Promise<string> {
      const socket = connect({ host: '127.0.0.1', port, ca: signer.cert });
      await once(socket, 'secureConnect');
      const { fingerprint256 } = socket.getPeerCertificate();
      socket.destroy();
      return fingerprint256;
    },
    renew() {
      const next = forThisMachine(signer);
      for (const [name, text] of [
        ['broker.key', next.key],
        ['broker.crt', next.cert],
      ] as const) {
        writeFileSync(folder.path(`${name}.new`), text, { mode: 0o600 });
        renameSync(folder.path(`${name}.new`), folder.path(name));
      }
    },
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

type Closed = Awaited<ReturnType<typeof serveClosed>>;

let closed: Closed;
let token: string;

beforeAll(async () => {
  closed = await serveClosed();
  token = await closed.mint('token', '--sub', 'ana', '--subscribe', '{"package":"p","page":"q"}');
});

afterAll(() => closed[Symbol.asyncDispose]());

async function subscribe(...options: readonly string[]): Promise<RunningWsn> {
  const subscriber = spawnWsn(['subscribe', ...closed.at, ...what, ...options]);
  await subscriber.waitFor(/subscribed to/, 'stderr');
  return subscriber;
}

function notify(...options: readonly string[]) {
  return runWsn(['notify', ...closed.at, ...what, ...options]);
}

describe('a closed broker serves', () => {
  it('whoever has a token and whoever has a key, by every transport (R-7.2, R-7.3)', async () => {
    await using subscriber = await subscribe('--token', token, '--count', '3');
    for (const transport of ['ephemeral', 'persistent', 'http']) {
      const sent = await notify('-t', transport, '--api-key', `@${closed.path('shop.key')}`, '--message', transport);
      expect([sent.code, sent.stderr]).toEqual([0, '']);
    }
    const { code, stdout } = await subscriber.exit;
    const lines = stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).notification.message)).toEqual(['ephemeral', 'persistent', 'http']);
    expect(code).toBe(0);
    expect(closed.running.stdout).not.toContain(KEY);
  });

  it('and tells once that a token narrows what is asked for (R-7.3)', async () => {
    const narrow = await closed.mint('narrow', '--subscribe', '{"package":"p","page":"q","filters":{"values":{"channel":["2"]}}}');
    await using subscriber = await subscribe('--token', narrow, '--count', '1');
    const key = ['--api-key', `@${closed.path('shop.key')}`];
    for (const channel of ['3', '2']) {
      expect((await notify(...key, '--filter', `values.channel=${channel}`, '--message', channel)).stderr).toBe('');
    }
    const { stdout, stderr } = await subscriber.exit;
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(stdout).notification.message).toBe('2');
    expect(stderr.match(/narrows/g)).toHaveLength(1);
  });
});

describe('a closed broker refuses', () => {
  it.each([
    ['subscribe', []],
    ['notify', ['-t', 'ephemeral']],
    ['notify', ['-t', 'persistent']],
    ['notify', ['-t', 'http']],
  ])('%s %j without a token, and with a key that it does not know (R-7.2)', async (command, more) => {
    const without = await runWsn([command, ...closed.at, ...what, ...more]);
    expect([without.code, without.stdout]).toEqual([4, '']);
    expect(without.stderr).toMatch(/^wsn: [^\n]*401[^\n]*--token or WSN_TOKEN[^\n]*\n$/);
    if (command === 'subscribe') return;
    const unknown = await runWsn([command, ...closed.at, ...what, ...more, '--api-key', `@${closed.path('wrong.key')}`]);
    expect([unknown.code, unknown.stdout]).toEqual([4, '']);
    expect(unknown.stderr).toMatch(/^wsn: [^\n]*401[^\n]*\n$/);
    expect(unknown.stderr + closed.running.stdout).not.toContain('wsn_of_nobody');
  });

  it('a topic that the token does not name (4403, R-7.3)', async () => {
    const elsewhere = await closed.mint('elsewhere', '--subscribe', '{"package":"other","page":"*"}');
    const refused = await runWsn(['subscribe', ...closed.at, ...what, '--token', elsewhere]);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toBe('wsn: the broker refuses the subscription: /subscriptions/0: no grant of this peer names this topic\n');
  });

  it('a token that has expired, and ends a connection when its own does (4401, R-7.4)', async () => {
    const short = await closed.mint('short', '--subscribe', '{"package":"p","page":"q"}', '--expires-in', '3s');
    await using subscriber = await subscribe('--token', short);
    const { code, stderr } = await subscriber.exit;
    expect(code).toBe(4);
    expect(stderr).toMatch(/4401/);
  });

  it('nobody whom the client would not trust: another authority is told in one line', async () => {
    const wrong = await runWsn(['subscribe', '--url', closed.url, '--tls-ca', closed.path('other.crt'), ...what, '--token', token]);
    expect(wrong.code).toBe(3);
    expect(wrong.stderr).toMatch(/^wsn: cannot reach \S+: [^\n]*certificate[^\n]*\n$/);
    const key = ['--api-key', `@${closed.path('shop.key')}`];
    const believed = await runWsn(['notify', '--url', closed.url, '--insecure', ...what, ...key]);
    expect(believed.code).toBe(0);
    expect(believed.stderr).toMatch(/^wsn: WARNING: --insecure: [^\n]+\n$/);
  });
});

describe('wsn explain --token', () => {
  it('says what the token lets through, as the broker does (R-7.3)', async () => {
    writeFileSync(closed.path('subscription.json'), '{"package":"p","page":"q"}');
    const files = ['--subscription', closed.path('subscription.json'), '--notification', '-'];
    const key = ['--secret-file', closed.path('secret')];
    const explained = await runWsn(['explain', ...files, '--token', token, ...key], { input: '{"package":"p","page":"q"}' });
    expect([explained.code, explained.stderr]).toEqual([0, '']);
    expect(explained.stdout).toContain('and a grant lets it through (0): the notification is delivered.');
    expect(explained.stdout).toContain('The token is genuine');
  });
});

describe.skipIf(process.platform === 'win32')('SIGHUP', () => {
  it('applies a limit, or refuses a bad file in one line and changes nothing', async () => {
    await using own = await serveClosed();
    const key = ['--api-key', `@${own.path('shop.key')}`];
    const send = (size: number) => runWsn(['notify', ...own.at, ...what, ...key, '-t', 'http', '--data', `"${'x'.repeat(size)}"`]);
    own.configure('limits: { message: 2KiB }\n');
    await own.reload(/^.*"changed":\["limits\.message"\],"msg":"reloaded"\}$/m);
    expect((await send(3000)).stderr).toMatch(/^wsn: [^\n]*413[^\n]*\n$/);
    own.configure('limits: { message: 1B }\n');
    const entry = await own.reload(/^.*"msg":"reload refused: nothing was applied"\}$/m);
    expect(JSON.parse(entry).problem).toMatch(/wsn\.yaml:6:20: limits\.message is "1B": expected 1KiB to 256MiB$/);
    expect((await send(3000)).code).toBe(4);
    expect((await send(1000)).code).toBe(0);
  });

  it('closes whoever came by a key that is gone, and shows a new certificate to whoever connects then (R-7.2)', async () => {
    await using own = await serveClosed();
    const hash = createHash('sha256').update(KEY).digest('hex');
    own.configure('', `[{ name: shop, sha256: ${hash}, subscribe: all }]`);
    await own.reload(/^.*"changed":\["auth\.apiKeys"\],"msg":"reloaded"\}$/m);
    await using subscriber = spawnWsn(['subscribe', ...own.at, ...what, '--api-key', `@${own.path('shop.key')}`]);
    await subscriber.waitFor(/subscribed to/, 'stderr');

    const before = await own.shown();
    own.renew();
    await own.reload(/^.*"msg":"reloaded[^"]*"\}$/m);
    await expect.poll(() => own.shown()).not.toBe(before);

    own.configure('', '[]');
    await own.reload(/^.*"changed":\["auth\.apiKeys"[^\]]*\],"msg":"reloaded"\}$/m);
    const { code, stderr } = await subscriber.exit;
    expect(code).toBe(4);
    expect(stderr).toContain('4401');
  });
});
