import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { algorithmsOfPublicKey, algorithmsOfSecret, SECRET_BYTES } from '../../server/identity/algorithms.js';
import { TAKEN } from '../../server/identity/key-set.js';
import { UsageError } from '../exit/usage-error.js';
import { readInput } from '../input/json-input.js';

/** What to sign with. */
export interface SigningOptions {
  readonly secretFile?: string;
  readonly key?: string;
  readonly alg?: string;
}

interface SigningKey {
  readonly alg: string;
  readonly key: KeyObject | Uint8Array;
}

/**
 * Reads the key that the options name, or the secret of the environment, and finds the algorithm for it.
 * @param isSecretFromEnvironment whether `secretFile` is: then `key` wins.
 * @throws UsageError when there is none or it cannot be read, and for an algorithm that it is not for.
 */
export async function signingKey({ secretFile, key, alg }: SigningOptions, isSecretFromEnvironment: boolean): Promise<SigningKey> {
  if (key !== undefined) {
    if (secretFile !== undefined && !isSecretFromEnvironment) throw new UsageError('--secret-file and --key exclude each other');
    return privateKey(key, (await readInput(key)).text, alg);
  }
  if (secretFile !== undefined) return secret(secretFile, (await readInput(secretFile)).text.replace(/\r?\n$/, ''), alg);
  const { WSN_AUTH_SECRET } = process.env;
  if (WSN_AUTH_SECRET) return secret('WSN_AUTH_SECRET', WSN_AUTH_SECRET, alg);
  throw new UsageError('there is nothing to sign with: give --secret-file or --key, or set WSN_AUTH_SECRET (wsn token secret makes one)');
}

function secret(place: string, text: string, alg = 'HS256'): SigningKey {
  const needed = SECRET_BYTES[alg];
  if (needed === undefined) throw new UsageError(`--alg ${alg}: expected HS256, HS384 or HS512 with a secret`);
  const key = Buffer.from(text);
  if (key.length === 0) throw new UsageError(`${place} is empty: expected a secret (wsn token secret makes one)`);
  if (!algorithmsOfSecret(key.length).includes(alg)) {
    const found = `${place} has ${key.length} bytes, and ${alg} needs ${needed}`;
    process.stderr.write(`wsn: WARNING: ${found}: no broker of ours takes this token (wsn token secret makes a long one)\n`);
  }
  return { alg, key };
}

function privateKey(path: string, pem: string, alg: string | undefined): SigningKey {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new UsageError(`${path} holds no private key that can be read: expected PEM without a passphrase`);
  }
  const fitting = algorithmsOfPublicKey(createPublicKey(key));
  const chosen = alg ?? fitting[0];
  if (chosen !== undefined && fitting.includes(chosen)) return { alg: chosen, key };
  if (fitting.length > 0) throw new UsageError(`--alg ${alg}: expected one of ${fitting.join(', ')} with the key in ${path}`);
  throw new UsageError(`${path} holds a key that is not taken: expected ${TAKEN}`);
}
