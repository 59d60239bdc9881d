import { generateKeyPairSync } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { recordingLog } from '../../support/log.js';
import { authenticatorOf, identityFor, refusalOf, type Signer, serveWeb, signerOf, signWith, unsigned, type WebServer } from './support.js';

const UNAVAILABLE = 'unavailable: the keys that verify tokens cannot be had at the moment';
const NO_KEY = 'unauthenticated: no key fits the token';

/** A server whose key set is what `keys` holds at the moment. */
async function serveKeys(keys: Signer[]): Promise<WebServer> {
  return serveWeb((response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }));
  });
}

afterEach(() => void vi.useRealTimers());

/** Lets time pass as the caches see it, and nothing else. */
function pass(seconds: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1000 });
}

describe('the keys of a JWKS URL', () => {
  test.each([
    ['http://keys.example.org/jwks?secret=x', [{ url: 'http://keys.example.org/jwks' }]],
    ['http://localhost/jwks', []],
    ['http://127.0.0.2/jwks', []],
    ['http://[::1]/jwks', []],
    ['https://keys.example.org/jwks', []],
  ])('are a warning where they come in the clear from another machine: %s (R-7.2)', async (authJwks, told) => {
    const log = recordingLog();
    (await authenticatorOf({ authJwks }, log)).close();
    expect(log.records.map(({ fields }) => fields)).toEqual(told);
  });

  test('are asked for when the first token comes, and then remembered (R-7.2)', async () => {
    const keys = [await signerOf('RS256', 'a'), await signerOf('ES256', 'b')];
    await using server = await serveKeys(keys);
    const authenticator = await authenticatorOf({ authJwks: server.url });
    expect(server.asked).toHaveLength(0);
    for (const [index, key] of keys.entries()) {
      expect(await identityFor(authenticator, await key.sign({ sub: `${index}` }))).toMatchObject({ id: `sub:${index}` });
    }
    expect(server.asked).toHaveLength(1);
  });

  test('are asked for again when a token names a new one, but not at once again for another (R-7.2)', async () => {
    const [old, fresh, never] = [await signerOf('ES256', 'old'), await signerOf('ES256', 'fresh'), await signerOf('ES256', 'never')];
    const keys = [old];
    await using server = await serveKeys(keys);
    const authenticator = await authenticatorOf({ authJwks: server.url });
    await identityFor(authenticator, await old.sign({}));
    expect(await refusalOf(async () => identityFor(authenticator, await fresh.sign({})))).toBe(NO_KEY);
    keys.push(fresh);
    pass(31);
    expect(await identityFor(authenticator, await fresh.sign({ sub: '5' }))).toMatchObject({ id: 'sub:5' });
    expect(server.asked).toHaveLength(2);
    for (let i = 0; i < 10; i++) expect(await refusalOf(async () => identityFor(authenticator, await never.sign({})))).toBe(NO_KEY);
    expect(server.asked).toHaveLength(2);
  });

  test('are given up when they are taken back: their tokens are refused once what is remembered is old (R-7.2)', async () => {
    const [stolen, next] = [await signerOf('ES256', 'stolen'), await signerOf('ES256', 'next')];
    const keys = [stolen];
    await using server = await serveKeys(keys);
    const authenticator = await authenticatorOf({ authJwks: server.url });
    const token = await stolen.sign({ sub: '5' });
    await identityFor(authenticator, token);
    keys.splice(0, 1, next);
    pass(5 * 60 + 1);
    expect(await refusalOf(() => identityFor(authenticator, token))).toBe(NO_KEY);
    expect(await identityFor(authenticator, await next.sign({ sub: '6' }))).toMatchObject({ id: 'sub:6' });
  });

  test('let nobody in while they cannot be had, and are asked for once a second at most (R-7.2)', async () => {
    const signer = await signerOf('ES256');
    let isDown = true;
    await using server = await serveWeb((response) => {
      response.statusCode = isDown ? 500 : 200;
      response.end(JSON.stringify({ keys: [signer.jwk] }));
    });
    const log = recordingLog();
    const authenticator = await authenticatorOf({ authJwks: `${server.url}keys?secret=TELLTALE` }, log);
    const token = await signer.sign({ sub: '5' });
    for (let i = 0; i < 3; i++) expect(await refusalOf(() => identityFor(authenticator, token))).toBe(UNAVAILABLE);
    expect(server.asked).toHaveLength(1);
    expect(log.records).toEqual([
      {
        level: 'warn',
        message: 'token keys cannot be loaded',
        fields: { url: `${server.url}keys`, because: 'expected the status 200, found 500' },
      },
    ]);
    isDown = false;
    pass(2);
    expect(await identityFor(authenticator, token)).toMatchObject({ id: 'sub:5' });
  });

  test.each<[string, string, (response: ServerResponse) => void]>([
    ['is not JSON', 'the answer is not JSON', (response) => response.end('<html>')],
    ['is no UTF-8', 'the answer is not UTF-8', (response) => response.end(Buffer.from('{"keys":[],"x":"\xff"}', 'latin1'))],
    ['is another document', 'expected a JWKS, {"keys":[…]}', (response) => response.end('{"keys":5}')],
    ['is too large', 'the answer has more than 1048576 bytes', (response) => response.end('x'.repeat(2 * 1024 * 1024))],
    ['leads elsewhere', 'expected the status 200, found 302', (response) => response.writeHead(302, { Location: '/keys' }).end()],
    ['breaks off', 'UND_ERR_SOCKET', (response) => response.destroy()],
  ])('let nobody in when the answer %s (R-7.2)', async (_, because, answer) => {
    await using server = await serveWeb(answer);
    const log = recordingLog();
    const authenticator = await authenticatorOf({ authJwks: server.url }, log);
    const signer = await signerOf('ES256');
    expect(await refusalOf(async () => identityFor(authenticator, await signer.sign({})))).toBe(UNAVAILABLE);
    expect(log.find('token keys cannot be loaded')).toMatchObject({ because });
  });

  test.each<[string, object[]]>([
    ['without any', []],
    ['with keys for encryption alone', [{ kty: 'RSA', use: 'enc' }]],
    ['with none that is taken', [{ kty: 'AKP', pub: 'AAAA' }]],
  ])('of a set %s are one warning, however often it comes (R-7.2)', async (_, keys) => {
    await using server = await serveWeb((response) => response.end(JSON.stringify({ keys })));
    const log = recordingLog();
    const authenticator = await authenticatorOf({ authJwks: server.url }, log);
    const signer = await signerOf('ES256');
    for (let i = 0; i < 2; i++) {
      expect(await refusalOf(async () => identityFor(authenticator, await signer.sign({})))).toBe(NO_KEY);
      pass(5 * 60 + 1);
    }
    expect(server.asked).toHaveLength(2);
    const told = log.records.filter(({ message }) => message !== 'keys passed over');
    expect(told).toEqual([
      { level: 'warn', message: 'none of the token keys can be used: every token is refused', fields: { url: server.url } },
    ]);
  });

  test('never serve as secrets: a set with one refuses what is signed with it (R-7.2)', async () => {
    const k = Buffer.from('a secret of just thirty-two byte');
    await using server = await serveWeb((response) =>
      response.end(JSON.stringify({ keys: [{ kty: 'oct', kid: 'HS256', alg: 'HS256', k: k.toString('base64url') }] })),
    );
    const authenticator = await authenticatorOf({ authJwks: server.url });
    expect(await refusalOf(async () => identityFor(authenticator, await signWith(k, {})))).toBe(
      "unauthenticated: the token's signature algorithm is not taken here",
    );
  });

  test('are passed over where none of their tokens could ever be verified: 401, and one line of the log (R-7.2)', async () => {
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const secret = { kty: 'oct', k: 'AAAA' };
    const keys: object[] = [short.publicKey.export({ format: 'jwk' }), { kty: 'AKP', pub: 'AAAA' }, secret];
    await using server = await serveWeb((response) => response.end(JSON.stringify({ keys })));
    const log = recordingLog();
    const authenticator = await authenticatorOf({ authJwks: server.url }, log);
    const forged = () => refusalOf(() => identityFor(authenticator, unsigned({ alg: 'RS256' }, {}, 'AA')));
    const told = () => log.records.filter(({ message }) => message === 'keys passed over').map(({ fields }) => fields);
    const passedOver = [
      'keys[0] is not taken: expected RSA with at least 2048 bits and an odd exponent from 3 on, EC on P-256, P-384 or P-521, or Ed25519',
      expect.stringMatching(/^keys\[1\] /),
      'keys[2] is a secret (oct)',
    ];
    expect(await forged()).toBe(NO_KEY);
    pass(5 * 60 + 1);
    expect(await forged()).toBe(NO_KEY);
    expect(server.asked).toHaveLength(2);
    expect(told()).toEqual([{ url: server.url, keys: passedOver }]);
    keys.splice(0, 1, short.privateKey.export({ format: 'jwk' }));
    pass(5 * 60 + 1);
    expect(await forged()).toBe(NO_KEY);
    expect(told()).toHaveLength(2);
    expect(log.records.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
