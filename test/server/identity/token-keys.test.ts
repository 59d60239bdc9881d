import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { BrokerOptions } from '../../../src/server/options.js';
import { authenticatorOf, keyFolder } from './support.js';

const SECRET = 'a secret of just thirty-two byte';

describe('the broker refuses to start', () => {
  const rsa = (modulusLength: number) =>
    generateKeyPairSync('rsa', {
      modulusLength,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
  const good = rsa(2048);
  const short = rsa(1024);
  const x25519 = generateKeyPairSync('x25519').publicKey.export({ type: 'spki', format: 'pem' });
  const withoutPower = createPublicKey({
    key: { ...createPublicKey(good.publicKey).export({ format: 'jwk' }), e: 'AQ' },
    format: 'jwk',
  }).export({ type: 'spki', format: 'pem' });
  const jwk = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  const privateJwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const jwks = (...keys: readonly unknown[]) => JSON.stringify({ keys });

  test.each<['authSecretFile' | 'authPublicKey' | 'authJwks', string, string, string | Uint8Array]>([
    ['authSecretFile', 'is empty in PATH: expected a secret of at least 32 bytes', 'an empty secret', '\n'],
    ['authSecretFile', 'has 31 bytes in PATH: expected at least 32 bytes for HS256, 48 for HS384', 'a short one', 'x'.repeat(31)],
    ['authSecretFile', 'PATH has 1048577 bytes: expected at most 1048576', 'a huge one', 'x'.repeat(1024 * 1024 + 1)],
    ['authPublicKey', 'PATH holds 0 keys or certificates in PEM: expected one', 'no PEM', 'key'],
    ['authPublicKey', 'PATH holds 2 keys or certificates in PEM: expected one', 'two keys', good.publicKey + good.publicKey],
    ['authPublicKey', 'PATH holds a private key: expected the public key alone', 'a private key', good.privateKey],
    ['authPublicKey', 'PATH holds no key that can be read', 'a broken PEM', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n'],
    ['authPublicKey', 'PATH holds a key that is not taken: expected RSA with at least 2048 bits', 'a short key', short.publicKey],
    ['authPublicKey', 'PATH holds a key that is not taken', 'a key with the exponent 1', withoutPower],
    ['authPublicKey', 'PATH holds a key that is not taken', 'a key that signs nothing', x25519],
    ['authJwks', 'PATH is not JSON: expected a JWKS', 'no JSON', 'keys'],
    ['authJwks', 'PATH is no JWKS: expected {"keys":[…]}', 'another document', '{"keys":{}}'],
    ['authJwks', 'PATH is no JWKS', 'a list', '[]'],
    ['authJwks', 'PATH holds no key: expected at least one', 'no key', jwks()],
    [
      'authJwks',
      'PATH has keys[1], which is a secret (oct): expected public keys alone',
      'a secret among them',
      jwks(jwk, { kty: 'oct', k: 'AA' }),
    ],
    ['authJwks', 'PATH has keys[0], which is a private key', 'a private key among them', jwks(privateJwk)],
    [
      'authJwks',
      'PATH holds no key that verifies signatures: keys[0] cannot be read: expected a public key of RSA',
      'a key that is none',
      jwks({ kty: 'RSA' }),
    ],
    ['authJwks', 'PATH is no JWKS', 'what is no key among them', jwks(jwk, 5)],
    ['authJwks', 'PATH holds no key that verifies signatures: expected RSA', 'only keys for encryption', jwks({ ...jwk, use: 'enc' })],
  ])('%s %s (%s)', async (option, problem, _, content) => {
    await using folder = await keyFolder();
    const path = await folder.file('given', content);
    await expect(authenticatorOf({ [option]: path })).rejects.toThrow(`${option} ${problem.replace('PATH', path)}`);
  });

  test.each<[string, Partial<BrokerOptions>]>([
    [
      'authSecretFile /nowhere/secret cannot be read (ENOENT): expected a file that the broker may read',
      { authSecretFile: '/nowhere/secret' },
    ],
    ['authSecret is empty: expected a secret of at least 32 bytes', { authSecret: '' }],
    ['authSecret has 5 bytes: expected at least 32 bytes for HS256', { authSecret: 'short' }],
    ['authSecretFile is set beside authSecret: expected one of the two', { authSecret: SECRET, authSecretFile: '/x' }],
    ['authJwks is set beside authPublicKey: expected one of the two', { authPublicKey: '/x', authJwks: '/y' }],
    ['authJwks is "ftp://example.org/keys": expected a URL with http: or https:', { authJwks: 'ftp://example.org/keys' }],
    ['authorizeUrl is "back-end": expected a URL with http: or https:', { authorizeUrl: 'back-end' }],
    ['authorizeUrl has a user or a password in its URL: expected none', { authorizeUrl: 'http://a:b@localhost/' }],
    ['authAlgorithms has "none": expected some of HS256, HS384, HS512, RS256', { authSecret: SECRET, authAlgorithms: ['none'] }],
    [
      'authAlgorithms has "HS512", which fits no key: expected some of HS256, and a secret of at least 64 bytes for HS512',
      { authSecret: SECRET, authAlgorithms: ['HS256', 'HS512'] },
    ],
    ['authAlgorithms has "RS256", which fits no key: expected some of HS256', { authSecret: SECRET, authAlgorithms: ['RS256'] }],
    [
      'authAlgorithms has none that fits authJwks: expected at least one of RS256',
      { authSecret: SECRET, authJwks: 'http://127.0.0.1:9/', authAlgorithms: ['HS256'] },
    ],
    ['authAudience is empty: expected a value, or leave it out', { authSecret: SECRET, authAudience: [] }],
    ['authAlgorithms is empty: expected a value, or leave it out', { authSecret: SECRET, authAlgorithms: [] }],
    ['authIssuer is empty: expected a value, or leave it out', { authSecret: SECRET, authIssuer: '' }],
    ['authAudience has an empty value: expected none, or leave it out', { authSecret: SECRET, authAudience: ['wsn', ''] }],
    ['authIssuer is set, but there is no key to verify tokens with', { authIssuer: 'us' }],
    ['authAudience is set, but there is no key to verify tokens with', { authAudience: ['us'], authorizeUrl: 'http://127.0.0.1:9/' }],
  ])('%s', async (problem, options) => {
    await expect(authenticatorOf(options)).rejects.toThrow(problem);
  });

  test('and says nothing of a secret', async () => {
    await expect(authenticatorOf({ authSecret: 'TELLTALE' })).rejects.not.toThrow('TELLTALE');
  });
});
