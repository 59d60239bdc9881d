import { createHash } from 'node:crypto';
import { ProtocolError } from '../../protocol/index.js';
import { OptionError } from '../option-error.js';
import type { ApiKey } from '../options.js';
import type { Identity } from './identity.js';

/** What a key is called, in the log and in the options. */
export const KEY_NAME = { pattern: /^[\w.-]{1,64}$/, expected: '1 to 64 letters, digits, dots, hyphens and underscores' };

/**
 * By what each identity of a key was found: for `stillKnows`, and beside the identity, so that no log shows it. A copy of
 * an identity is not in it.
 */
const configured = new WeakMap<Identity, string>();

/**
 * The keys that publishers share. One SHA-256 is enough, and comparing digests by look-up tells nothing, because
 * these keys are generated with at least 128 bits of entropy; a password would need more.
 */
export class KeyTable {
  readonly #byDigest = new Map<string, Identity>();

  /** @throws OptionError for a name or a digest that is none, or is there twice. */
  constructor(keys: readonly ApiKey[]) {
    const names = new Set<string>();
    for (const key of keys) {
      const shown = JSON.stringify(key.name);
      const digest = key.sha256.toLowerCase();
      if (!KEY_NAME.pattern.test(key.name)) throw problem(`has the name ${shown}: expected ${KEY_NAME.expected}`);
      if (names.has(key.name)) throw problem(`has two keys with the name ${shown}: expected another name for each`);
      if (!/^[0-9a-f]{64}$/.test(digest)) {
        throw problem(`has the key ${shown}, whose sha256 is none: expected 64 hexadecimal digits, not the key itself`);
      }
      if (this.#byDigest.has(digest)) throw problem(`has the key ${shown} a second time, under another name`);
      names.add(key.name);
      this.#byDigest.set(digest, identityOf(key));
    }
  }

  get size(): number {
    return this.#byDigest.size;
  }

  /** @throws ProtocolError `unauthenticated` for a key that is not in the table. */
  find(key: string): Identity {
    // Node decodes headers as latin1: encoded so again these are the bytes that the client sent.
    const digest = createHash('sha256').update(key, 'latin1').digest('hex');
    const identity = this.#byDigest.get(digest);
    if (identity) return identity;
    throw new ProtocolError('unauthenticated', 'the key in X-Api-Key is not known here');
  }

  /** Whether an identity of an earlier table is in this one: the same name, digest and grants. */
  stillHas(identity: Identity): boolean {
    const was = configured.get(identity);
    return was !== undefined && [...this.#byDigest.values()].some((now) => configured.get(now) === was);
  }
}

function identityOf({ name, sha256, publish = 'all', subscribe = [] }: ApiKey): Identity {
  const identity: Identity = { id: `key:${name}`, kind: 'key', access: { subscribe, publish }, expiresAt: undefined };
  configured.set(identity, JSON.stringify([name, sha256.toLowerCase(), subscribe, publish]));
  return identity;
}

function problem(text: string): OptionError {
  return new OptionError('apiKeys', text);
}
