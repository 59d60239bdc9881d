import type { Log } from '../observe.js';
import { OptionError } from '../option-error.js';
import type { BrokerOptions } from '../options.js';
import { ALGORITHMS, SECRET_BYTES } from './algorithms.js';
import type { Digests } from './identity.js';
import { keySetOfFile, publicKeyOfFile, secretOfFile, secretOfText } from './key-files.js';
import type { FindKey, KeySource } from './key-source.js';
import { keySetOfUrl } from './remote-key-set.js';

/** The options that say which tokens are good. */
export type TokenOptions = Pick<
  BrokerOptions,
  'authSecret' | 'authSecretFile' | 'authPublicKey' | 'authJwks' | 'authAlgorithms' | 'authIssuer' | 'authAudience' | 'authClockToleranceMs'
>;

/** The keys that verify tokens. */
interface TokenKeys {
  readonly byAlgorithm: ReadonlyMap<string, FindKey>;
  /** Another one when another secret or key decides, or other claims are demanded. */
  readonly mark: string;
  /** Of the files that hold keys, by their options. */
  readonly digests: Digests;
}

/**
 * Reads the configured keys: for each algorithm that is taken, where its key is found. A token chooses among these and
 * nothing else, so that a public key never serves as a secret (RFC 8725 sections 3.1 and 3.2).
 * @returns undefined when no key is configured.
 * @throws OptionError
 */
export async function readTokenKeys(options: TokenOptions, log: Log): Promise<TokenKeys | undefined> {
  const { authAlgorithms, authIssuer, authAudience } = options;
  refuseEmpty({ authAlgorithms, authIssuer, authAudience });
  const sources = await readSources(options, log);
  if (sources.length === 0) {
    for (const name of ['authAlgorithms', 'authIssuer', 'authAudience'] as const) {
      if (options[name] !== undefined) throw new OptionError(name, NO_KEY);
    }
    return undefined;
  }
  for (const name of authAlgorithms ?? []) checkFits(name, sources);
  const isTaken = (name: string) => authAlgorithms?.includes(name) ?? true;
  for (const { option, algorithms } of sources) {
    if (!algorithms.some(isTaken)) {
      throw new OptionError('authAlgorithms', `has none that fits ${option}: expected at least one of ${algorithms.join(', ')}`);
    }
  }
  return {
    byAlgorithm: new Map(sources.flatMap(({ algorithms, find }) => algorithms.filter(isTaken).map((name) => [name, find] as const))),
    mark: JSON.stringify([sources.map(({ mark }) => mark), authIssuer, authAudience]),
    digests: new Map(sources.flatMap(({ option, digest }) => (digest === undefined ? [] : [[option, digest] as const]))),
  };
}

const NO_KEY = 'is set, but there is no key to verify tokens with: expected one of authSecretFile, authPublicKey and authJwks beside it';

/** What is demanded of tokens and turns out to be nothing must not switch the demand off. */
function refuseEmpty(demands: Pick<TokenOptions, 'authAlgorithms' | 'authIssuer' | 'authAudience'>): void {
  for (const name of ['authAlgorithms', 'authIssuer', 'authAudience'] as const) {
    const values = demands[name];
    if (values?.length === 0) throw new OptionError(name, 'is empty: expected a value, or leave it out');
    if (Array.isArray(values) && values.includes('')) throw new OptionError(name, 'has an empty value: expected none, or leave it out');
  }
}

async function readSources(options: TokenOptions, log: Log): Promise<readonly KeySource[]> {
  const { authSecret, authSecretFile, authPublicKey, authJwks } = options;
  refuseBoth('authSecretFile', authSecretFile !== undefined && authSecret !== undefined ? 'authSecret' : undefined);
  refuseBoth('authJwks', authJwks !== undefined && authPublicKey !== undefined ? 'authPublicKey' : undefined);
  const sources: KeySource[] = [];
  if (authSecret !== undefined) sources.push(secretOfText(authSecret));
  if (authSecretFile !== undefined) sources.push(await secretOfFile(authSecretFile));
  if (authPublicKey !== undefined) sources.push(await publicKeyOfFile(authPublicKey));
  if (authJwks !== undefined)
    sources.push(/^[a-z][a-z\d+.-]+:\/\//i.test(authJwks) ? keySetOfUrl(authJwks, log) : await keySetOfFile(authJwks, log));
  return sources;
}

function refuseBoth(option: 'authSecretFile' | 'authJwks', other: string | undefined): void {
  if (other !== undefined) throw new OptionError(option, `is set beside ${other}: expected one of the two`);
}

function checkFits(name: string, sources: readonly KeySource[]): void {
  const shown = JSON.stringify(name);
  if (!ALGORITHMS.includes(name)) {
    throw new OptionError('authAlgorithms', `has ${shown}: expected some of ${ALGORITHMS.join(', ')}`);
  }
  if (sources.some(({ algorithms }) => algorithms.includes(name))) return;
  const least = SECRET_BYTES[name];
  const needs = least === undefined ? '' : `, and a secret of at least ${least} bytes for ${name}`;
  const there = sources.flatMap(({ algorithms }) => algorithms);
  throw new OptionError('authAlgorithms', `has ${shown}, which fits no key: expected some of ${there.join(', ')}${needs}`);
}
