import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { JWK } from 'jose';
import { isObject, type Json, type JsonObject } from '../../protocol/index.js';
import { algorithmsOfPublicKey } from './algorithms.js';

/** The public keys that are taken, for errors. */
export const TAKEN = 'RSA with at least 2048 bits and an odd exponent from 3 on, EC on P-256, P-384 or P-521, or Ed25519';

/** Keys of which the log tells why they were passed over: more may come from an issuer. */
const MOST_TOLD = 10;

/** What a set of keys has for us. */
export interface KeySet {
  /** The keys that verify something here, with the members that count and no other. */
  readonly keys: readonly JWK[];
  /** Those that they verify. */
  readonly algorithms: readonly string[];
  /** Of the first ten that were passed over, which it is and why, such as `keys[0] is a secret (oct)`; not of those for encryption. */
  readonly passedOver: readonly string[];
}

/** The keys of a JWKS as they stand there, or undefined when it is none. */
export function keysOf(set: unknown): readonly JsonObject[] | undefined {
  const keys = isObject(set as Json) ? (set as JsonObject).keys : undefined;
  return Array.isArray(keys) && keys.every(isObject) ? keys : undefined;
}

/** Takes of a set what can be used, as RFC 7517 section 5 wants it: the others may be for somebody else, or of another time. */
export function readKeySet(given: readonly JsonObject[]): KeySet {
  const keys: JWK[] = [];
  const algorithms = new Set<string>();
  const passedOver: string[] = [];
  for (const [index, jwk] of given.entries()) {
    if (!isForSignatures(jwk)) continue;
    const found = readKey(jwk);
    if (typeof found !== 'string') {
      keys.push(found.jwk);
      for (const name of found.algorithms) algorithms.add(name);
    } else if (passedOver.length < MOST_TOLD) passedOver.push(`keys[${index}] ${found}`);
  }
  return { keys, algorithms: [...algorithms], passedOver };
}

/** Why a key has no place in a set that is shown around, or undefined when it has. */
export function betrayal({ kty, d }: JsonObject): string | undefined {
  if (kty === 'oct') return 'is a secret (oct)';
  return d === undefined ? undefined : 'is a private key';
}

function isForSignatures({ use, key_ops: operations }: JsonObject): boolean {
  return (use === undefined || use === 'sig') && (!Array.isArray(operations) || operations.includes('verify'));
}

/** The key, or why it is not taken. */
function readKey(jwk: JsonObject): { readonly jwk: JWK; readonly algorithms: readonly string[] } | string {
  const secret = betrayal(jwk);
  if (secret !== undefined) return secret;
  let key: KeyObject;
  try {
    key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
  } catch {
    return 'cannot be read: expected a public key of RSA, EC or OKP';
  }
  const { kid, alg } = jwk;
  const fitting = algorithmsOfPublicKey(key);
  if (fitting.length === 0) return `is not taken: expected ${TAKEN}`;
  const algorithms = alg === undefined ? fitting : fitting.filter((name) => name === alg);
  if (algorithms.length === 0) return `is for an algorithm (alg) that is not taken: expected ${fitting.join(', ')}`;
  const named = { ...(typeof kid === 'string' ? { kid } : {}), ...(typeof alg === 'string' ? { alg } : {}) };
  return { jwk: { ...(key.export({ format: 'jwk' }) as JWK), ...named }, algorithms };
}
