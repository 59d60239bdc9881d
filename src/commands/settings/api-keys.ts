import { InvalidArgumentError } from 'commander';
import type { Json } from '../../protocol/index.js';
import type { ApiKey } from '../../server/options.js';
import { GRANTS } from './grants.js';
import type { Kind } from './kind.js';

/**
 * Keys of publishers: `NAME=SHA256` on a command line and in the environment, a list of maps in a file. Who puts a key
 * where its digest belongs must not find it in a message, so none repeats the value.
 */
export const API_KEYS: Kind<readonly ApiKey[]> = {
  placeholder: 'name=sha256',
  expected: 'a name and the SHA-256 of a key, NAME=64 hexadecimal digits; wsn token key makes both',
  written: [],
  isList: true,
  isPath: false,
  parse: (text) => text.split(',').map(parseKey),
  format: (keys) => keys.map(written),
};

const KEY = /^(?<name>.+)=(?<sha256>[0-9a-f]{64})$/i;

/** @returns the digest in lower case, `undefined` for what is none. */
export function readDigest(text: string): string | undefined {
  return /^[0-9a-f]{64}$/i.test(text) ? text.toLowerCase() : undefined;
}

function parseKey(text: string): ApiKey {
  const { name, sha256 } = KEY.exec(text.trim())?.groups ?? {};
  if (name === undefined || sha256 === undefined) throw new InvalidArgumentError(`Expected ${API_KEYS.expected}.`);
  return { name, sha256: sha256.toLowerCase() };
}

function written({ name, sha256, publish, subscribe }: ApiKey): Json {
  return {
    name,
    sha256,
    ...(publish === undefined ? {} : { publish: GRANTS.format(publish) }),
    ...(subscribe === undefined ? {} : { subscribe: GRANTS.format(subscribe) }),
  };
}
