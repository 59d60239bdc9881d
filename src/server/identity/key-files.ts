import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createLocalJWKSet, type JSONWebKeySet } from 'jose';
import { isObject, type Json, type JsonObject } from '../../protocol/index.js';
import { OptionError } from '../options.js';
import { algorithmsOfPublicKey, algorithmsOfSecret } from './algorithms.js';
import type { KeySource } from './key-source.js';

/** Far more than any secret, key or set of keys has. */
const MOST_FILE_BYTES = 1024 * 1024;

/** The secret of a file: its bytes without the line end that an editor leaves. @throws OptionError */
export async function secretOfFile(path: string): Promise<KeySource> {
  const bytes = await readKeyFile('authSecretFile', path);
  const end = bytes.at(-1) === 10 ? (bytes.at(-2) === 13 ? 2 : 1) : 0;
  return secretSource('authSecretFile', bytes.subarray(0, bytes.length - end), ` in ${path}`);
}

/** The secret of the environment, in UTF-8. @throws OptionError */
export function secretOfText(text: string): KeySource {
  return secretSource('authSecret', Buffer.from(text), '');
}

/** The key of a PEM file: SPKI, or a certificate, of which only the key counts. @throws OptionError */
export async function publicKeyOfFile(path: string): Promise<KeySource> {
  const pem = String(await readKeyFile('authPublicKey', path));
  const problem = (text: string) => new OptionError('authPublicKey', `${path} ${text}`);
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) throw problem('holds a private key: expected the public key alone');
  const count = pem.split('-----BEGIN ').length - 1;
  if (count !== 1) throw problem(`holds ${count} keys or certificates in PEM: expected one; several keys go into a JWKS (authJwks)`);
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    throw problem('holds no key that can be read: expected a public key (SPKI) or a certificate in PEM');
  }
  const algorithms = algorithmsOfPublicKey(key);
  if (algorithms.length === 0) throw problem(`holds a key that is not taken: expected ${TAKEN}`);
  return { option: 'authPublicKey', algorithms, find: async () => key, mark: markOf(pem) };
}

const TAKEN = 'RSA with at least 2048 bits, EC on P-256, P-384 or P-521, or Ed25519';

/** The keys of a JWKS file (RFC 7517 section 5). @throws OptionError */
export async function keySetOfFile(path: string): Promise<KeySource> {
  const text = String(await readKeyFile('authJwks', path));
  const problem = (what: string) => new OptionError('authJwks', `${path} ${what}`);
  let set: Json;
  try {
    set = JSON.parse(text);
  } catch {
    throw problem('is not JSON: expected a JWKS, {"keys":[…]}');
  }
  const keys = isObject(set) ? set.keys : undefined;
  if (!Array.isArray(keys) || !keys.every(isObject)) throw problem('is no JWKS: expected {"keys":[…]} with an object for each key');
  if (keys.length === 0) throw problem('holds no key: expected at least one');
  const algorithms = new Set(keys.flatMap((key, index) => algorithmsOfJwk(key, (what) => problem(`has keys[${index}], ${what}`))));
  if (algorithms.size === 0) throw problem(`holds no key that verifies signatures: expected ${TAKEN}`);
  return { option: 'authJwks', algorithms: [...algorithms], find: createLocalJWKSet(set as unknown as JSONWebKeySet), mark: path };
}

function algorithmsOfJwk(jwk: JsonObject, problem: (what: string) => OptionError): readonly string[] {
  if (jwk.kty === 'oct') throw problem('which is a secret (oct): expected public keys; a secret goes into authSecretFile');
  if (jwk.d !== undefined) throw problem('which is a private key: expected public keys alone');
  let key: KeyObject;
  try {
    key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
  } catch {
    throw problem('which cannot be read: expected a public key of RSA, EC or OKP');
  }
  const fitting = algorithmsOfPublicKey(key);
  if (jwk.use !== undefined && jwk.use !== 'sig') return [];
  if (fitting.length === 0) throw problem(`which is not taken: expected ${TAKEN}`);
  return jwk.alg === undefined ? fitting : fitting.filter((name) => name === jwk.alg);
}

function secretSource(option: 'authSecret' | 'authSecretFile', secret: Uint8Array, place: string): KeySource {
  const algorithms = algorithmsOfSecret(secret.length);
  if (secret.length === 0) throw new OptionError(option, `is empty${place}: expected a secret of at least 32 bytes`);
  if (algorithms.length === 0) {
    const advice = 'expected at least 32 bytes for HS256, 48 for HS384, 64 for HS512';
    throw new OptionError(option, `has ${secret.length} bytes${place}: ${advice}`);
  }
  return { option, algorithms, find: async () => secret, mark: markOf(secret) };
}

function markOf(key: string | Uint8Array): string {
  return createHash('sha256').update(key).digest('base64');
}

async function readKeyFile(option: 'authSecretFile' | 'authPublicKey' | 'authJwks', path: string): Promise<Buffer> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException;
    throw new OptionError(option, `${path} cannot be read (${code}): expected a file that the broker may read`);
  }
  if (bytes.length > MOST_FILE_BYTES)
    throw new OptionError(option, `${path} has ${bytes.length} bytes: expected at most ${MOST_FILE_BYTES}`);
  return bytes;
}
