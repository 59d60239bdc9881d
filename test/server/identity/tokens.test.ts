import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { SignJWT } from 'jose';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Authenticator } from '../../../src/server/identity/identity.js';
import type { BrokerOptions } from '../../../src/server/options.js';
import { authenticatorOf, bearer, caller, identityFor, inSeconds, keyFolder, refusalOf, signerOf, signWith, unsigned } from './support.js';

const SECRET = 'a secret of just thirty-two byte';
const LONG_SECRET = SECRET.repeat(2);
const NOT_TAKEN = "unauthenticated: the token's signature algorithm is not taken here";
const WRONG_SIGNATURE = "unauthenticated: the token's signature is wrong: no key of this broker made it";
const NO_JWT = 'unauthenticated: the token is not a JWT';

afterEach(() => void vi.useRealTimers());

/** How a token of these claims is refused by a broker with the secret and these options. */
async function refusalFor(claims: Record<string, unknown>, options: Partial<BrokerOptions> = {}): Promise<string> {
  const authenticator = await authenticatorOf({ authSecret: SECRET, ...options });
  return refusalOf(async () => identityFor(authenticator, await signWith(SECRET, claims)));
}

async function withPem(pem: string): Promise<Authenticator> {
  await using folder = await keyFolder();
  return authenticatorOf({ authPublicKey: await folder.file('key.pem', pem) });
}

describe('a good token', () => {
  test('says who comes, what that peer may do and until when (R-7.2, R-7.3)', async () => {
    const authenticator = await authenticatorOf({ authSecret: SECRET });
    const exp = inSeconds(60);
    const wsn = { subscribe: [{ package: 'p', page: '*', filters: { values: { channel: ['2', '3'] } } }], publish: [] };
    expect(await identityFor(authenticator, await signWith(SECRET, { sub: '5', exp, wsn }))).toEqual({
      id: 'sub:5',
      kind: 'token',
      access: wsn,
      expiresAt: exp * 1000,
    });
  });

  test('without claims has no name, no grants and no end (R-7.2, R-7.3)', async () => {
    const authenticator = await authenticatorOf({ authSecret: SECRET });
    expect(await identityFor(authenticator, await signWith(SECRET, {}))).toEqual({
      id: 'token',
      kind: 'token',
      access: { subscribe: [], publish: [] },
      expiresAt: undefined,
    });
  });

  test.each(['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'])('is signed with %s and the key of a PEM file (R-7.2)', async (alg) => {
    const signer = await signerOf(alg);
    expect(await identityFor(await withPem(signer.pem), await signer.sign({ sub: '5' }))).toMatchObject({ id: 'sub:5' });
  });

  test.each(['RS256', 'PS256', 'ES256', 'EdDSA'])('is signed with %s and a key of a JWKS file (R-7.2)', async (alg) => {
    await using folder = await keyFolder();
    const [signer, other] = [await signerOf(alg), await signerOf(alg, 'other')];
    const authJwks = await folder.file('keys.json', JSON.stringify({ keys: [other.jwk, signer.jwk] }));
    const authenticator = await authenticatorOf({ authJwks });
    expect(await identityFor(authenticator, await signer.sign({ sub: '5' }))).toMatchObject({ id: 'sub:5' });
    expect(await refusalOf(async () => identityFor(authenticator, await signer.sign({}, { kid: 'third' })))).toBe(
      'unauthenticated: no key fits the token',
    );
    expect(await refusalOf(async () => identityFor(authenticator, await signer.sign({}, { kid: 'other' })))).toBe(WRONG_SIGNATURE);
    expect(await refusalOf(async () => identityFor(authenticator, await signer.sign({}, { kid: undefined })))).toBe(
      'unauthenticated: several keys fit the token: expected a kid in its header',
    );
  });

  test.each(['HS256', 'HS384', 'HS512'])('is signed with %s and a secret that is long enough (R-7.2)', async (alg) => {
    const authenticator = await authenticatorOf({ authSecret: LONG_SECRET });
    expect(await identityFor(authenticator, await signWith(LONG_SECRET, { sub: '5' }, alg))).toMatchObject({ id: 'sub:5' });
  });

  test.each(['\n', '\r\n', ''])('is signed with the secret of a file that ends with %j (R-7.2)', async (end) => {
    await using folder = await keyFolder();
    const authenticator = await authenticatorOf({ authSecretFile: await folder.file('secret', `${SECRET}${end}`) });
    expect(await identityFor(authenticator, await signWith(SECRET, { sub: '5' }))).toMatchObject({ id: 'sub:5' });
  });

  test('may meet a secret or a public key where both are configured, each with its own algorithms (R-7.2)', async () => {
    await using folder = await keyFolder();
    const signer = await signerOf('ES256');
    const authenticator = await authenticatorOf({ authSecret: SECRET, authPublicKey: await folder.file('key.pem', signer.pem) });
    expect(await identityFor(authenticator, await signWith(SECRET, { sub: '1' }))).toMatchObject({ id: 'sub:1' });
    expect(await identityFor(authenticator, await signer.sign({ sub: '2' }))).toMatchObject({ id: 'sub:2' });
  });

  test('is known at once the second time, and may come in band (R-7.2, R-5.10)', async () => {
    const authenticator = await authenticatorOf({ authSecret: SECRET });
    const token = await signWith(SECRET, { sub: '5', exp: inSeconds(60) });
    const first = authenticator.identify(bearer(token));
    expect(first).toBeInstanceOf(Promise);
    const identity = await first;
    expect(authenticator.identify(bearer(token))).toEqual(identity);
    expect(await authenticator.verify(token, caller())).toEqual(identity);
    expect(await refusalOf(() => authenticator.verify('', caller()))).toBe('unauthenticated: the token is empty');
  });

  test('may come in the query where that is allowed (R-7.2)', async () => {
    const url = `/?token=${await signWith(SECRET, { sub: '5' })}`;
    const allowed = await authenticatorOf({ authSecret: SECRET, authQueryToken: true });
    expect(await allowed.identify(caller({}, { url }))).toMatchObject({ id: 'sub:5' });
    const strict = await authenticatorOf({ authSecret: SECRET });
    expect(await refusalOf(() => strict.identify(caller({}, { url })))).toContain('--auth-query-token');
  });
});

describe('a token is refused', () => {
  test.each<[string, Record<string, unknown>, Partial<BrokerOptions>, string]>([
    ['when its end is no number', { exp: 'soon' }, {}, "the token's exp is not a number"],
    ['when its issuer is another', { iss: 'them' }, { authIssuer: 'us' }, "the token's issuer (iss) is not the one that is expected here"],
    ['when it has no issuer', {}, { authIssuer: 'us' }, 'the token has no issuer (iss)'],
    ['when its audience is another', { aud: ['x', 'y'] }, { authAudience: ['wsn'] }, "the token's audience is not this broker's"],
    ['when it has no audience', {}, { authAudience: ['wsn'] }, 'the token has no audience (aud)'],
    ['when its subject is a number', { sub: 5 }, {}, "the token's claim /sub: expected a subject: a string of 1 to 256 bytes"],
    ['when its subject is long', { sub: 'x'.repeat(257) }, {}, "the token's claim /sub: expected a subject: a string of 1 to 256 bytes"],
    ['when wsn is a list', { wsn: [] }, {}, "the token's claim /wsn: expected an object with grants"],
    ['when a grant has no page', { wsn: { publish: [{ package: 'p' }] } }, {}, "the token's claim /wsn/publish/0/page: expected a name"],
    ['when its grants are no list', { wsn: { subscribe: 'all' } }, {}, "the token's claim /wsn/subscribe: expected an array of grants"],
  ])('%s (R-7.2)', async (_, claims, options, because) => {
    expect(await refusalFor(claims, options)).toContain(`unauthenticated: ${because}`);
  });

  test('from its end on and before its begin, both moved by the tolerance, saying how far away they are (R-7.2)', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000_000_000 });
    const tolerance = { authClockToleranceMs: 2000 };
    const now = inSeconds(0);
    expect(await refusalFor({ exp: now - 2 }, tolerance)).toBe('unauthenticated: the token expired 2 s ago');
    expect(await refusalFor({ exp: now - 1 }, tolerance)).toBe('not refused');
    expect(await refusalFor({ nbf: now + 3 }, tolerance)).toBe('unauthenticated: the token is not valid yet: it will be in 3 s');
    expect(await refusalFor({ nbf: now + 2 }, tolerance)).toBe('not refused');
  });

  test('once it has ended, also when it is remembered (R-7.4)', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const authenticator = await authenticatorOf({ authSecret: SECRET, authClockToleranceMs: 0 });
    const token = await signWith(SECRET, { exp: inSeconds(10) });
    await identityFor(authenticator, token);
    vi.setSystemTime(Date.now() + 10_000);
    expect(await refusalOf(() => identityFor(authenticator, token))).toContain('unauthenticated: the token expired');
  });

  test('but not with one of several audiences, nor from the issuer that is expected (R-7.2)', async () => {
    expect(await refusalFor({ aud: ['x', 'b'] }, { authAudience: ['a', 'b'] })).toBe('not refused');
    expect(await refusalFor({ aud: 'b', iss: 'us' }, { authAudience: ['a', 'b'], authIssuer: 'us' })).toBe('not refused');
  });

  test.each([
    ['alg none', unsigned({ alg: 'none' }), NOT_TAKEN],
    ['alg None', unsigned({ alg: 'None' }), NOT_TAKEN],
    ['an empty signature', unsigned({ alg: 'HS256' }), WRONG_SIGNATURE],
    ['no algorithm', unsigned({}), NO_JWT],
    ['an algorithm that is a member of every object', unsigned({ alg: 'constructor' }, {}, 'AA'), NOT_TAKEN],
    ['another text', 'opaque', NO_JWT],
    ['five parts, as an encrypted token has', 'a.b.c.d.e', NO_JWT],
    ['a header that is not JSON', 'e30x.e30.AA', NO_JWT],
    ['an extension that must be understood', unsigned({ alg: 'HS256', crit: ['x'], x: 1 }, {}, 'AA'), 'unauthenticated: '],
    [
      'more than 16 KiB',
      unsigned({ alg: 'HS256' }, { x: 'x'.repeat(16_384) }),
      'unauthenticated: the token is longer than 16384 characters',
    ],
  ])('with %s (R-7.2)', async (_, token, because) => {
    const authenticator = await authenticatorOf({ authSecret: SECRET });
    expect(await refusalOf(() => identityFor(authenticator, token))).toContain(because);
  });

  test('when a good one was changed in any part (R-7.2)', async () => {
    const authenticator = await authenticatorOf({ authSecret: SECRET });
    const parts = (await signWith(SECRET, { sub: '5' })).split('.');
    const others = (await signWith(LONG_SECRET, { sub: '6', x: 1 })).split('.');
    for (const index of [1, 2]) {
      const changed = parts.map((part, at) => (at === index ? others[at] : part)).join('.');
      expect(await refusalOf(() => identityFor(authenticator, changed))).toBe(WRONG_SIGNATURE);
    }
  });

  test('when it is signed with the public key as a secret (R-7.2)', async () => {
    const signer = await signerOf('RS256');
    const authenticator = await withPem(signer.pem);
    for (const secret of [signer.pem, signer.pem.trim(), JSON.stringify(signer.jwk)]) {
      expect(await refusalOf(async () => identityFor(authenticator, await signWith(secret, { sub: '5' })))).toBe(NOT_TAKEN);
    }
  });

  test('when its algorithm is of another family, or not among those that are taken (R-7.2)', async () => {
    const [rsa, curve] = [await signerOf('RS256'), await signerOf('ES256')];
    expect(await refusalOf(async () => identityFor(await withPem(rsa.pem), await curve.sign({})))).toBe(NOT_TAKEN);
    const short = await authenticatorOf({ authSecret: SECRET });
    expect(await refusalOf(async () => identityFor(short, await signWith(LONG_SECRET, {}, 'HS512')))).toBe(NOT_TAKEN);
    const one = await authenticatorOf({ authSecret: LONG_SECRET, authAlgorithms: ['HS512'] });
    expect(await refusalOf(async () => identityFor(one, await signWith(LONG_SECRET, {})))).toBe(NOT_TAKEN);
  });

  test('when its header brings or names its own key (R-7.2)', async () => {
    const [ours, theirs] = [await signerOf('ES256'), await signerOf('ES256')];
    const authenticator = await withPem(ours.pem);
    for (const header of [{ jwk: theirs.jwk }, { jku: 'http://127.0.0.1:9/keys' }, { x5u: 'http://127.0.0.1:9/chain' }]) {
      expect(await refusalOf(async () => identityFor(authenticator, await theirs.sign({}, header)))).toBe(WRONG_SIGNATURE);
    }
  });

  test('without repeating any of it (R-7.2)', async () => {
    const refusal = await refusalFor({ iss: 'TELLTALE', sub: 'TELLTALE' }, { authIssuer: 'us' });
    expect(refusal).not.toContain('TELLTALE');
  });

  test('when its payload is not encoded, an extension that the library knows (R-7.2)', async () => {
    const authenticator = await authenticatorOf({ authSecret: SECRET });
    const token = unsigned({ alg: 'HS256', b64: false, crit: ['b64'] }, {}, 'AA');
    expect(await refusalOf(() => identityFor(authenticator, token))).toContain('unauthenticated: ');
  });
});

test('a certificate in PEM gives its key, and what it says besides does not count (R-7.2)', async () => {
  const pem = await readFile(new URL('../../peer/certificate/broker.test.crt.pem', import.meta.url), 'utf8');
  const key = await readFile(new URL('../../peer/certificate/broker.test.key.pem', import.meta.url));
  const privateKey = createPrivateKey(key);
  const alg = privateKey.asymmetricKeyType === 'rsa' ? 'RS256' : 'ES256';
  const token = await new SignJWT({ sub: '5' }).setProtectedHeader({ alg }).sign(privateKey);
  expect(await identityFor(await withPem(pem), token)).toMatchObject({ id: 'sub:5' });
});

test('whatever is changed in a token, it is refused as unauthenticated or says the same (R-7.2)', async () => {
  const authenticator = await authenticatorOf({ authSecret: SECRET });
  const token = await signWith(SECRET, { sub: '5', wsn: { publish: [{ package: 'p', page: '*' }] } });
  const same = JSON.stringify(await identityFor(authenticator, token));
  const edits = fc.array(fc.tuple(fc.nat(token.length), fc.nat(3), fc.string({ maxLength: 4, unit: 'binary-ascii' })), {
    minLength: 1,
    maxLength: 3,
  });
  await fc.assert(
    fc.asyncProperty(edits, async (changes) => {
      const changed = changes.reduce((text, [at, length, put]) => text.slice(0, at) + put + text.slice(at + length), token);
      try {
        expect(JSON.stringify(await authenticator.verify(changed, caller()))).toBe(same);
      } catch (error) {
        expect(error).toMatchObject({ name: 'ProtocolError', code: 'unauthenticated' });
      }
    }),
    { numRuns: 2000 },
  );
});
