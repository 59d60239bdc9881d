import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { recordingLog } from '../../support/log.js';
import { authenticatorOf, identityFor, keyFolder, refusalOf, signerOf, unsigned } from './support.js';

const ed25519 = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
const rsa1024 = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
/** Of 2048 bits; whoever has such a key needs no other to sign as its owner. */
const rsaWith = (e: number) => ({
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' }),
  e: Buffer.of(e).toString('base64url'),
});
const secp256k1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey.export({ format: 'jwk' });
const x25519 = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
const NOT_TAKEN =
  'is not taken: expected RSA with at least 2048 bits and an odd exponent from 3 on, EC on P-256, P-384 or P-521, or Ed25519';
const UNREADABLE = 'cannot be read: expected a public key of RSA, EC or OKP';

describe('a JWKS file', () => {
  test.each<[what: string, jwk: object, because: string | undefined]>([
    ['of a kind of tomorrow', { kty: 'XYZ', pub: 'AAAA' }, UNREADABLE],
    ['without a kind', {}, UNREADABLE],
    ['that is none', { kty: 'RSA', n: 5 }, UNREADABLE],
    ['off its curve', { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' }, UNREADABLE],
    ['on another curve', secp256k1, NOT_TAKEN],
    ['that is too short', rsa1024, NOT_TAKEN],
    ['with the exponent 1', rsaWith(1), NOT_TAKEN],
    ['with an even exponent', rsaWith(4), NOT_TAKEN],
    ['that signs nothing', x25519, NOT_TAKEN],
    ['for another algorithm', { ...ed25519, alg: 'RS256' }, 'is for an algorithm (alg) that is not taken: expected EdDSA, Ed25519'],
    ['for encryption', { ...ed25519, use: 'enc' }, undefined],
    ['that is to sign and not to verify', { ...ed25519, key_ops: ['sign'] }, undefined],
  ])('is taken for its good keys beside one %s, of which the log tells (R-7.2)', async (_, jwk, because) => {
    await using folder = await keyFolder();
    const good = await signerOf('EdDSA');
    const path = await folder.file('keys.json', JSON.stringify({ keys: [{ ...jwk, kid: 'other' }, good.jwk] }));
    const log = recordingLog();
    const authenticator = await authenticatorOf({ authJwks: path }, log);
    expect(await identityFor(authenticator, await good.sign({ sub: '5' }))).toMatchObject({ id: 'sub:5' });
    const forged = unsigned({ alg: 'EdDSA', kid: 'other' }, {}, 'AA');
    expect(await refusalOf(() => identityFor(authenticator, forged))).toBe('unauthenticated: no key fits the token');
    const fields = { file: path, keys: [`keys[0] ${because}`] };
    expect(log.records).toEqual(because === undefined ? [] : [{ level: 'warn', message: 'keys passed over', fields }]);
  });

  test('takes a key for what it is, whatever other members it has (R-7.2)', async () => {
    await using folder = await keyFolder();
    const good = await signerOf('RS256');
    const odd = { ...good.jwk, key_ops: ['verify', 'dance'], ext: false, x5c: 5, other: null };
    const path = await folder.file('keys.json', JSON.stringify({ keys: [odd] }));
    expect(await identityFor(await authenticatorOf({ authJwks: path }), await good.sign({ sub: '5' }))).toMatchObject({ id: 'sub:5' });
  });
});
