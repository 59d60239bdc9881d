import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createLocalJWKSet } from 'jose';
import type { Log } from '../observe.js';
import { OptionError } from '../option-error.js';
import { algorithmsOfPublicKey, algorithmsOfSecret } from './algorithms.js';
import { betrayal, keysOf, readKeySet, TAKEN } from './key-set.js';
import type { KeySource } from './key-source.js';

/** Far more than any secret, key or set of keys has. */
const MOST_FILE_BYTES = 1024 * 1024;

/** The secret of a file: its bytes without the line end that an editor leaves. @throws OptionError */
export async function secretOfFile(path: string): Promise<KeySource> {
  const bytes = await readKeyFile('authSecretFile', path);
  const end = bytes.at(-1) === 10 ? (bytes.at(-2) === 13 ? 2 : 1) : 0;
  const source = secretSource('authSecretFile', bytes.subarray(0, bytes.length - end), ` in ${path}`);
  return { ...source, digest: digestOf(bytes) };
}

/** The secret of the environment, in UTF-8. @throws OptionError */
export function secretOfText(text: string): KeySource {
  return secretSource('authSecret', Buffer.from(text), '');
}

/** The key of a PEM file: SPKI, or a certificate, of which only the key counts. @throws OptionError */
export async function publicKeyOfFile(path: string): Promise<KeySource> {
  const bytes = await readKeyFile('authPublicKey', path);
  const pem = String(bytes);
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
  const digest = digestOf(bytes);
  return { option: 'authPublicKey', algorithms, find: async () => key, mark: digest, digest };
}

/** The keys of a JWKS file (RFC 7517 section 5); of those that are passed over the log tells. @throws OptionError */
export async function keySetOfFile(path: string, log: Log): Promise<KeySource> {
  const bytes = await readKeyFile('authJwks', path);
  const problem = (what: string) => new OptionError('authJwks', `${path} ${what}`);
  let set: unknown;
  try {
    set = JSON.parse(String(bytes));
  } catch {
    throw problem('is not JSON: expected a JWKS, {"keys":[…]}');
  }
  const given = keysOf(set);
  if (given === undefined) throw problem('is no JWKS: expected {"keys":[…]} with an object for each key');
  if (given.length === 0) throw problem('holds no key: expected at least one');
  for (const [index, jwk] of given.entries()) {
    const secret = betrayal(jwk);
    if (secret !== undefined)
      throw problem(`has keys[${index}], which ${secret}: expected public keys alone; a secret goes into authSecretFile`);
  }
  const { keys, algorithms, passedOver } = readKeySet(given);
  if (keys.length === 0) throw problem(`holds no key that verifies signatures: ${passedOver[0] ?? `expected ${TAKEN}`}`);
  if (passedOver.length > 0) log.warn({ file: path, keys: passedOver }, 'keys passed over');
  return { option: 'authJwks', algorithms, find: createLocalJWKSet({ keys: [...keys] }), mark: path, digest: digestOf(bytes) };
}

function secretSource(option: 'authSecret' | 'authSecretFile', secret: Uint8Array, place: string): KeySource {
  const algorithms = algorithmsOfSecret(secret.length);
  if (secret.length === 0) throw new OptionError(option, `is empty${place}: expected a secret of at least 32 bytes`);
  if (algorithms.length === 0) {
    const advice = 'expected at least 32 bytes for HS256, 48 for HS384, 64 for HS512';
    throw new OptionError(option, `has ${secret.length} bytes${place}: ${advice}`);
  }
  return { option, algorithms, find: async () => secret, mark: digestOf(secret), digest: undefined };
}

function digestOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('base64');
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
