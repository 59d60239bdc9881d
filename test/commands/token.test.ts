import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderOf } from '../support/certificates.js';
import { type RunOptions, runWsn } from '../support/wsn.js';

const SECRET = 'a secret of the tests that is long enough for HS256';
const { privateKey } = generateKeyPairSync('ed25519');

let files: ReturnType<typeof folderOf>;
beforeAll(() => {
  files = folderOf({
    'secret.txt': `${SECRET}\n`,
    'short.txt': 'short',
    'empty.txt': '\n',
    'private.pem': String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    'two.pem': String(createPublicKey(privateKey).export({ type: 'spki', format: 'pem' })).repeat(2),
    'public.pem': String(createPublicKey(privateKey).export({ type: 'spki', format: 'pem' })),
  });
});
afterAll(() => files[Symbol.dispose]());

function token(args: readonly string[], options: RunOptions = {}) {
  return runWsn(['token', ...args], { cwd: files.path('.'), ...options });
}

async function mint(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await token(['mint', ...args]);
  expect([code, stderr]).toEqual([0, '']);
  return stdout.trim();
}

describe('wsn token mint', () => {
  it('prints a token that carries the grants, short ones and JSON (R-7.2, R-7.3)', async () => {
    const grant = { package: 'p', page: '*', filters: { values: { channel: ['2', '3'] } } };
    const grants = ['--subscribe', 'amaiia_msg_srv/*', '--subscribe', JSON.stringify(grant), '--publish', '[{"package":"*","page":"*"}]'];
    const minted = await mint('--secret-file', 'secret.txt', '--sub', '5', '--issuer', 'us', '--audience', 'wsn', ...grants);
    const { payload, protectedHeader } = await jwtVerify(minted, Buffer.from(SECRET));
    expect(protectedHeader).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(payload).toMatchObject({ sub: '5', iss: 'us', aud: 'wsn' });
    expect(payload.wsn).toEqual({
      subscribe: [{ package: 'amaiia_msg_srv', page: '*' }, grant],
      publish: [{ package: '*', page: '*' }],
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
  });

  it('takes audiences as the broker does: several times, or with commas between them', async () => {
    const minted = await mint('--secret-file', 'secret.txt', '--publish', 'p/q', '--audience', 'a, b', '--audience', 'c');
    expect(decodeJwt(minted).aud).toEqual(['a', 'b', 'c']);
    const inspected = await token(['inspect', '-', '--secret-file', 'secret.txt', '--audience', 'x,b'], { input: minted });
    expect(inspected).toMatchObject({ code: 0, stdout: expect.stringContaining('a broker with this key takes it') });
  });

  it('signs with a private key, and leaves the end out where there is none', async () => {
    const minted = await mint('--key', 'private.pem', '--key-id', 'k1', '--publish', 'p/q', '--expires-in', 'never');
    expect(decodeProtectedHeader(minted)).toEqual({ alg: 'EdDSA', typ: 'JWT', kid: 'k1' });
    expect(decodeJwt(minted)).not.toHaveProperty('exp');
    await jwtVerify(minted, createPublicKey(privateKey));
  });

  it('takes the secret of the environment, and warns when no broker would take it', async () => {
    const { code, stdout, stderr } = await token(['mint', '--publish', 'p/q', '--json'], { env: { WSN_AUTH_SECRET: 'short' } });
    expect([code, Object.keys(JSON.parse(stdout))]).toEqual([0, ['token', 'header', 'claims']]);
    expect(stderr).toBe(
      'wsn: WARNING: WSN_AUTH_SECRET has 5 bytes, and HS256 needs 32: no broker of ours takes this token (wsn token secret makes a long one)\n',
    );
  });

  it('says that a token without grants is good for nothing', async () => {
    const { code, stderr } = await token(['mint', '--secret-file', 'secret.txt']);
    expect([code, stderr]).toEqual([0, 'wsn: the token grants nothing: --subscribe and --publish say what it is good for\n']);
  });

  it('refuses a grant with a member that none has, for a broker would (R-7.3)', async () => {
    const grant = '{"package":"p","page":"q","filter":{"values":"2"}}';
    await expect(token(['mint', '--secret-file', 'secret.txt', '--subscribe', grant])).resolves.toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'wsn: --subscribe: /0/filter: expected a grant to have package, page and filters alone\n',
    });
  });

  it.each([
    [
      ['--publish', 'p/q'],
      'there is nothing to sign with: give --secret-file or --key, or set WSN_AUTH_SECRET (wsn token secret makes one)',
    ],
    [['--secret-file', 'empty.txt'], 'empty.txt is empty: expected a secret (wsn token secret makes one)'],
    [['--secret-file', 'missing.txt'], 'cannot read missing.txt: there is no such file'],
    [['--secret-file', 'secret.txt', '--key', 'private.pem'], '--secret-file and --key exclude each other'],
    [['--secret-file', 'secret.txt', '--alg', 'RS256'], '--alg RS256: expected HS256, HS384 or HS512 with a secret'],
    [['--key', 'private.pem', '--alg', 'HS256'], '--alg HS256: expected one of EdDSA, Ed25519 with the key in private.pem'],
    [['--key', 'public.pem'], 'public.pem holds no private key that can be read: expected PEM without a passphrase'],
    [
      ['--secret-file', 'secret.txt', '--subscribe', 'a/b/c'],
      '--subscribe a/b/c: expected PACKAGE/PAGE, such as amaiia_msg_srv/* or */*, or a grant as JSON',
    ],
    [
      ['--secret-file', 'secret.txt', '--subscribe', 'p'],
      '--subscribe p: expected PACKAGE/PAGE, such as amaiia_msg_srv/* or */*, or a grant as JSON; for all of its pages: p/*',
    ],
    [['--secret-file', 'secret.txt', '--publish', '{"package":"p"}'], '--publish: /0/page: expected a name or "*", found nothing'],
    [['--secret-file', 'secret.txt', '--sub', ''], '--sub: expected a subject: a string of 1 to 256 bytes'],
    [['--secret-file', 'secret.txt', '--sub', 'é'.repeat(129)], '--sub: expected a subject: a string of 1 to 256 bytes'],
    [
      ['--secret-file', 'secret.txt', '--expires-in', '0s'],
      "option '--expires-in <duration>' argument '0s' is invalid. Expected a duration from 1s to 596h, such as 10s or 2m.",
    ],
    [
      ['--secret-file', 'secret.txt', '--audience', ''],
      "option '--audience <name>' argument '' is invalid. Expected values with commas between them, found an empty one.",
    ],
    [['--secret-file', 'secret.txt', '--publish', '{"package"'], '--publish {"package": begins as JSON and is none'],
  ])('%j is one line and exit 2', async (args, line) => {
    await expect(token(['mint', ...args])).resolves.toEqual({ code: 2, signal: null, stdout: '', stderr: `wsn: ${line}\n` });
  });
});

describe('wsn token inspect', () => {
  it('shows what a token says, and that nothing of it is proved without a key (R-7.3)', async () => {
    const grant = '{"package":"p","page":"q","filters":{"values":"2"}}';
    const minted = await mint('--secret-file', 'secret.txt', '--sub', '5', '--subscribe', 'amaiia_msg_srv/*', '--subscribe', grant);
    const { code, stdout } = await token(['inspect', '-'], { input: minted });
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('header     {"alg":"HS256","typ":"JWT"}');
    expect(lines.slice(2, 6)).toEqual([
      'subject    5',
      'hears      every page of amaiia_msg_srv',
      '           p/q where {"values":"2"}',
      'publishes  nothing',
    ]);
    expect(lines[6]).toMatch(/^expires {4}in (1 h|59 min( \d+ s)?), at \d{4}-/);
    expect(lines[7]).toBe('verified   not checked: anybody may have written this (--secret-file, --public-key or --jwks checks it)');
  });

  it.each([
    [['--secret-file', 'secret.txt'], 0, 'verified   yes, a broker with this key takes it'],
    [
      ['--public-key', 'public.pem'],
      4,
      "verified   no, a broker with this key refuses it: the token's signature algorithm is not taken here",
    ],
    [['--secret-file', 'secret.txt', '--audience', 'other'], 4, 'verified   no, a broker with this key refuses it: '],
  ])('with %j exits with %i, as a broker would judge (R-7.2)', async (args, exitCode, line) => {
    const minted = await mint('--secret-file', 'secret.txt', '--publish', '*/*', '--audience', 'wsn', '--expires-in', 'never');
    const { code, stdout } = await token(['inspect', minted, ...args]);
    expect(stdout).toContain(line);
    expect(stdout).toContain('publishes  everything\nexpires    never\n');
    expect(code).toBe(exitCode);
  });

  it('takes the token of WSN_TOKEN and the keys that the environment gives a broker, and prints JSON', async () => {
    const minted = await mint('--secret-file', 'secret.txt', '--publish', 'p/q', '--expires-in', 'never');
    const { code, stdout } = await token(['inspect', '--json'], { env: { WSN_TOKEN: minted, WSN_AUTH_SECRET: SECRET } });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ subscribe: [], publish: [{ package: 'p', page: 'q' }], signature: { kind: 'taken' } });
    expect(stdout).not.toContain(minted);
  });

  it('escapes what could act on the terminal', async () => {
    const minted = await mint('--secret-file', 'secret.txt', '--sub', 'a\u001b[2J', '--publish', 'p\u009b2J/q');
    const { stdout } = await token(['inspect', minted]);
    expect(stdout).toContain('subject    a\\u001b[2J\n');
    expect(stdout).toContain('publishes  p\\u009b2J/q\n');
  });

  it.each([
    [['inspect', 'abc'], 'the token is no JWT: found no dot, expected HEADER.CLAIMS.SIGNATURE'],
    [['inspect', 'a.b'], 'the token is no JWT: found 2 parts, expected HEADER.CLAIMS.SIGNATURE'],
    [['inspect', 'a.b.c'], 'the token is no JWT: its header cannot be read, expected a JSON object in base64url'],
    [['inspect', 'eyJhbGciOiJIUzI1NiJ9.b.c'], 'the token is no JWT: its claims cannot be read, expected a JSON object in base64url'],
    [
      ['inspect', 'eyJhbGciOiJFZERTQSJ9.e30.c', '--public-key', 'two.pem'],
      '--public-key two.pem holds 2 keys or certificates in PEM: expected one; several keys go into a JWKS (--jwks)',
    ],
    [
      ['inspect', 'eyJhbGciOiJFZERTQSJ9.e30.c', '--secret-file', 'secret.txt', '--issuer', ''],
      '--issuer: found an empty value: give it one, or leave the option out',
    ],
    [['inspect', '-'], 'there is no token: give it, @FILE, or - for stdin, or set WSN_TOKEN'],
    [['inspect', '@missing.jwt'], 'cannot read missing.jwt: there is no such file'],
  ])('%j is one line and exit 2', async (args, line) => {
    await expect(token(args)).resolves.toEqual({ code: 2, signal: null, stdout: '', stderr: `wsn: ${line}\n` });
  });
});

describe('wsn token key and secret', () => {
  it('makes a key, and tells what the broker has to know of it (R-7.2)', async () => {
    const { code, stdout, stderr } = await token(['key', '--name', 'php']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^wsn_[\w-]{43}\n$/);
    const sha256 = createHash('sha256').update(stdout.trim()).digest('hex');
    expect(stderr).toContain(`  --api-key php=${sha256}\n  {name: php, sha256: ${sha256}}    in auth.apiKeys of wsn.yaml\n`);
    expect(stderr).not.toContain(stdout.trim());
  });

  it('prints the same as JSON, and no two alike', async () => {
    const [one, other] = await Promise.all([token(['key', '--name', 'a', '--json']), token(['key', '--name', 'a', '--json'])]);
    const { name, key, sha256 } = JSON.parse(one.stdout);
    expect([name, sha256, one.stderr]).toEqual(['a', createHash('sha256').update(key).digest('hex'), '']);
    expect(one.stdout).not.toBe(other.stdout);
  });

  it('refuses a name that could not stand in the options', async () => {
    await expect(token(['key', '--name', 'a=b'])).resolves.toMatchObject({
      code: 2,
      stderr: 'wsn: --name "a=b": expected 1 to 64 letters, digits, dots, hyphens and underscores\n',
    });
  });

  it('makes a secret that is long enough for every algorithm', async () => {
    const { code, stdout, stderr } = await token(['secret']);
    expect([code, stderr]).toEqual([0, '']);
    expect(Buffer.byteLength(stdout.trim())).toBeGreaterThanOrEqual(64);
  });
});
