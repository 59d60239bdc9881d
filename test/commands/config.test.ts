import { generateKeyPairSync } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { authority, folderOf, forThisMachine } from '../support/certificates.js';
import { runWsn } from '../support/wsn.js';
import { folder } from './settings/given.js';

const DIGEST = 'd'.repeat(64);

const FILE = `limits:
  message: 64KiB
auth:
  jwks: https://me:HIDDEN@login.example.org/keys?token=HIDDEN
  apiKeys: [{ name: php, sha256: ${DIGEST}, publish: [{ package: p, page: '*' }] }]
anonymous:
  subscribe: none
access:
  allowOrigins: [https://app.example.org]
`;

describe('wsn config check', () => {
  it('ends with 0 and counts where settings come from', async () => {
    using dir = folder();
    dir.write('wsn.yaml', 'limits:\n  message: 64KiB\n');
    const run = await runWsn(['config', 'check', '--port', '1'], { cwd: dir.path, env: { WSN_HOST: '::1' } });
    expect(run).toMatchObject({
      code: 0,
      stdout: 'wsn.yaml is fine: 1 from wsn.yaml, 1 from the environment, 1 from flags, all others have their defaults\n',
      stderr: '',
    });
  });

  it('without a file says so', async () => {
    using dir = folder();
    await expect(runWsn(['config', 'check'], { cwd: dir.path })).resolves.toMatchObject({
      code: 0,
      stdout: 'fine, without a file: every setting has its default\n',
    });
  });

  it('shows each error with its line, ends with 2 and starts nothing', async () => {
    using dir = folder();
    dir.write('other.yaml', 'limits:\n  connections: -1\n  mesage: 1\n');
    const errors = [
      'other.yaml:2:16: limits.connections is -1: expected 0 to 10000000',
      '  2 |   connections: -1',
      '    |                ^^',
      'other.yaml:3:3: there is no member "mesage": did you mean "message"?',
      '  3 |   mesage: 1',
      '    |   ^^^^^^',
      'wsn: 2 errors in a file: nothing was run',
      '',
    ];
    for (const args of [
      ['config', 'check', 'other.yaml'],
      ['serve', '--config', 'other.yaml'],
      ['config', 'print', '--config', 'other.yaml'],
    ]) {
      await expect(runWsn(args, { cwd: dir.path })).resolves.toMatchObject({ code: 2, stdout: '', stderr: errors.join('\n') });
    }
  });

  it.each([
    [['nope.yaml'], {}, 'nope.yaml: there is no such file\nwsn: an error in a file: nothing was run\n'],
    [[], { WSN_MAX_MESSAGE: '1B' }, 'wsn: WSN_MAX_MESSAGE is 1B: expected 1KiB to 256MiB\n'],
    [['--allow-publish', 'x'], {}, 'wsn: --allow-publish has "x": expected a network such as 10.0.0.0/8 or fd00::/8\n'],
    [
      ['--anonymous-subscribe', '[{"package":"p","page":"q","filter":{}}]'],
      {},
      'wsn: option \'--anonymous-subscribe <grants>\' argument \'[{"package":"p","page":"q","filter":{}}]\' is invalid. At /0/filter: expected a grant to have package, page and filters alone.\n',
    ],
    [
      ['--port', '18999', '--publish-port', '18999'],
      {},
      'wsn: --publish-port is 18999, which 0.0.0.0:18999 has already: expected another one, or 0 for any free one\n',
    ],
    [['--auth-jwks', 'ftp://example.org/jwks'], {}, 'wsn: --auth-jwks is "ftp://example.org/jwks": expected a URL with http: or https:\n'],
    [[], { WSN_TOLERANT: 'maybe' }, 'wsn: WSN_TOLERANT is "maybe": expected 1, true, yes or on, or 0, false, no or off\n'],
    [
      [],
      { WSN_MAX_CONNECTIONS: 'abc' },
      "wsn: option '--max-connections <count>' value 'abc' from env 'WSN_MAX_CONNECTIONS' is invalid. Expected a whole number from 0 to 10000000.\n",
    ],
    [
      ['--drain-seconds', 'soon'],
      {},
      "wsn: option '--drain-seconds <seconds>' argument 'soon' is invalid. Expected seconds, such as 30, or a duration with its unit, such as 500ms or 2m.\n",
    ],
    [['--drain-seconds', '3601'], {}, 'wsn: --drain-seconds is 3601s: expected 0s to 3600s\n'],
    [
      ['--auth-audience='],
      {},
      "wsn: option '--auth-audience <text...>' argument '' is invalid. Found an empty value: give it one, or leave the option out.\n",
    ],
    [
      ['--anonymous-subscribe', '[{"package":"p"}]'],
      {},
      'wsn: option \'--anonymous-subscribe <grants>\' argument \'[{"package":"p"}]\' is invalid. At /0/page: expected a name or "*", found nothing.\n',
    ],
  ])('%j with %j is told in one line and ends with 2', async (args, env, stderr) => {
    using dir = folder();
    await expect(runWsn(['config', 'check', ...args], { cwd: dir.path, env })).resolves.toMatchObject({ code: 2, stdout: '', stderr });
  });

  it.each<readonly [string, string]>([
    ['/dev/null', 'it is not a folder'],
    ['wsn.yaml', 'it is not a folder'],
    ['wsn.yaml/log', 'it is not a folder (ENOTDIR)'],
    ...(process.platform === 'linux' ? [['/proc/x', 'no files can be made, at /proc'] as const] : []),
  ])('tells at its place that %s cannot hold the log, and makes nothing', async (directory, because) => {
    using dir = folder();
    dir.write('wsn.yaml', `data:\n  directory: ${directory}\n`);
    const { code, stdout, stderr } = await runWsn(['config', 'check'], { cwd: dir.path });
    const message = `is ${directory}, which cannot hold the log: ${because}; expected a folder that may be written`;
    expect([code, stdout, stderr.split('\n')[0]]).toEqual([2, '', `wsn.yaml:2:14: data.directory ${message}`]);
  });

  it('is fine with a folder of the log that is there or can be made, and makes none', async () => {
    using dir = folder();
    for (const directory of ['.', 'new/deeper']) {
      await expect(runWsn(['config', 'check', '--data', directory], { cwd: dir.path })).resolves.toMatchObject({ code: 0, stderr: '' });
    }
    expect(readdirSync(dir.path)).toEqual([]);
  });

  it('warns of a variable and of a file that are not read', async () => {
    using dir = folder();
    dir.write('wsn.yaml', '');
    dir.write('wsn.json', '{}');
    await expect(runWsn(['config', 'check'], { cwd: dir.path, env: { WSN_TLS_CRT: 'x' } })).resolves.toMatchObject({
      code: 0,
      stderr: 'wsn: wsn.json is not read beside wsn.yaml\nwsn: WSN_TLS_CRT is no setting: did you mean WSN_TLS_CERT?\n',
    });
  });

  it('warns of keys that no token can be verified with, and is fine with the others (R-7.2)', async () => {
    using dir = folder();
    const keys = [{ kty: 'XYZ' }, generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })];
    const path = dir.write('keys.json', JSON.stringify({ keys }));
    const because = 'keys[0] cannot be read: expected a public key of RSA, EC or OKP';
    await expect(runWsn(['config', 'check', '--auth-jwks', path], { cwd: dir.path })).resolves.toMatchObject({
      code: 0,
      stderr: `wsn: WARNING: keys passed over (file=${path} keys=["${because}"])\n`,
    });
  });
});

describe('wsn config check of what starts and should not stay so', () => {
  it('warns of a certificate that has expired', async () => {
    const { cert, key } = forThisMachine(authority(), { expiresInMs: -60_000 });
    using files = folderOf({ 'cert.pem': cert, 'key.pem': key, 'wsn.yaml': 'tls: { cert: cert.pem, key: key.pem }\n' });
    const { code, stdout, stderr } = await runWsn(['config', 'check'], { cwd: files.path('.') });
    expect([code, stdout]).toEqual([0, 'wsn.yaml is fine: 2 from wsn.yaml, all others have their defaults\n']);
    expect(stderr).toMatch(/^wsn: WARNING: the TLS certificate has expired: clients refuse it, renew it now \(file=cert\.pem .*\)\n$/);
  });

  it.each([
    [
      'http://keys.example.org/jwks?secret=HIDDEN',
      /^wsn: WARNING: token keys come over http: .*\(url=http:\/\/keys\.example\.org\/jwks\)\n$/,
    ],
    ['http://localhost:9/jwks', /^$/],
    ['http://[::1]:9/jwks', /^$/],
    ['https://keys.example.org/jwks', /^$/],
  ])('warns of keys that come in the clear: %s (R-7.2)', async (url, told) => {
    const { code, stderr } = await runWsn(['config', 'check', '--auth-jwks', url]);
    expect(code).toBe(0);
    expect(stderr).toMatch(told);
  });

  it('takes the URL of a file that it cannot take for none', async () => {
    using dir = folder();
    dir.write('wsn.yaml', 'auth: { jwks: ftp://example.org/jwks }\n');
    const { code, stderr } = await runWsn(['config', 'check'], { cwd: dir.path });
    expect(code).toBe(2);
    expect(stderr).toContain('wsn.yaml:1:15: auth.jwks is "ftp://example.org/jwks": expected a URL with http: or https:');
  });
});

describe('wsn config print', () => {
  it.each([
    [['--max-message', '5'], {}, 'wsn: --max-message is 5B: expected 1KiB to 256MiB\n'],
    [[], { WSN_DRAIN_TIMEOUT: '11m' }, 'wsn: WSN_DRAIN_TIMEOUT is 11m: expected 0ms to 10m\n'],
  ])('refuses what is out of bounds as check does: %j, %j', async (args, env, stderr) => {
    await expect(runWsn(['config', 'print', ...args], { env })).resolves.toMatchObject({ code: 2, stdout: '', stderr });
  });

  it('prints a file that says where each setting comes from, and hides secrets (R-7.2)', async () => {
    using dir = folder();
    dir.write('wsn.yaml', FILE);
    const { code, stdout, stderr } = await runWsn(['config', 'print', '--tolerant'], {
      cwd: dir.path,
      env: { WSN_AUTH_SECRET: 'HIDDEN', WSN_DRAIN_TIMEOUT: '1m' },
    });
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n');
    for (const line of [
      '  port: 8000                                # default',
      '  message: 64KiB                            # wsn.yaml:2:12',
      '  drain: 1m                                 # WSN_DRAIN_TIMEOUT',
      '  tolerant: true                            # --tolerant',
      '  subscribe: none                           # wsn.yaml:7:14',
      '  # secret: "***"                           # WSN_AUTH_SECRET',
      '  # cert: not set',
    ])
      expect(lines).toContain(line);
    expect(stdout).not.toMatch(new RegExp(`HIDDEN|${DIGEST}`));
  });

  it('prints what is read back as the same', async () => {
    using dir = folder();
    dir.write(
      'wsn.yaml',
      FILE.replace(/ {2}(?:jwks|apiKeys).*\n/g, '').replace('auth:', 'auth:\n  issuer: "yes"\n  algorithms: ["1e3", "a, b"]'),
    );
    const first = await runWsn(['config', 'print'], { cwd: dir.path });
    dir.write('wsn.yaml', first.stdout);
    const second = await runWsn(['config', 'print'], { cwd: dir.path });
    expect(second.stderr).toBe('');
    const values = (text: string) => text.replace(/ +# .*/g, '');
    expect(values(second.stdout)).toBe(values(first.stdout));
    expect(parse(first.stdout)).toMatchObject({ auth: { issuer: 'yes', algorithms: ['1e3', 'a, b'] } });
  });

  it('as JSON is the same', async () => {
    using dir = folder();
    dir.write('wsn.yaml', FILE);
    const asYaml = await runWsn(['config', 'print'], { cwd: dir.path });
    const asJson = await runWsn(['config', 'print', '--json'], { cwd: dir.path });
    const groups = Object.entries(parse(asYaml.stdout) as Record<string, unknown>).filter(([, members]) => members !== null);
    expect(JSON.parse(asJson.stdout)).toEqual(Object.fromEntries(groups));
  });

  it('tells only what is set, and what it wins over, with --sources', async () => {
    using dir = folder();
    dir.write('wsn.yaml', 'limits:\n  message: 64KiB\n  outbox: 1MiB\n');
    const args = ['config', 'print', '--sources', '--max-message', '2KiB'];
    await expect(runWsn(args, { cwd: dir.path, env: { WSN_MAX_MESSAGE: '4KiB' } })).resolves.toMatchObject({
      code: 0,
      stdout: 'limits.message  2KiB  --max-message (wins over WSN_MAX_MESSAGE and wsn.yaml:2:12)\nlimits.outbox   1MiB  wsn.yaml:3:11\n',
    });
  });
});

describe('wsn config schema', () => {
  it('prints the schema of the file', async () => {
    const { code, stdout } = await runWsn(['config', 'schema']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ title: 'Settings of wsn serve', properties: { tls: {} } });
  });
});

describe('wsn config', () => {
  it.each([
    [['frob'], "wsn: unknown command 'frob'\n"],
    [['print', '--json', '--sources'], "wsn: option '--json' cannot be used with option '--sources'\n"],
  ])('%j is one line on stderr and exit 2', async (args, stderr) => {
    await expect(runWsn(['config', ...args])).resolves.toMatchObject({ code: 2, stdout: '', stderr });
  });
});
