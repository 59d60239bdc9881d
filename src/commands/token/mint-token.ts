import { SignJWT } from 'jose';
import { ProtocolError } from '../../protocol/index.js';
import { readSubject } from '../../server/identity/facts.js';
import { EXIT } from '../exit/exit-codes.js';
import { UsageError } from '../exit/usage-error.js';
import { escapeText } from '../terminal/escape-text.js';
import { readGrantOptions } from './grant-options.js';
import { type SigningOptions, signingKey } from './signing-key.js';

/** What the options of `wsn token mint` come to. */
export interface MintOptions extends SigningOptions {
  readonly sub?: string;
  readonly subscribe?: readonly string[];
  readonly publish?: readonly string[];
  /** In ms. */
  readonly expiresIn: number | 'never';
  readonly issuer?: string;
  readonly audience?: readonly string[];
  readonly keyId?: string;
  readonly json?: boolean;
}

/**
 * Prints a token that carries the grants of the options.
 * @param isSecretFromEnvironment whether the file of the secret is named by the environment: then a `--key` wins.
 * @throws UsageError when there is no key, when one cannot be read, and for what is no grant or no subject.
 */
export async function mintToken(options: MintOptions, isSecretFromEnvironment: boolean): Promise<number> {
  const wsn = { subscribe: readGrantOptions('--subscribe', options.subscribe), publish: readGrantOptions('--publish', options.publish) };
  checkSubject(options.sub);
  const { alg, key } = await signingKey(options, isSecretFromEnvironment);
  const now = Math.floor(Date.now() / 1000);
  const { sub, issuer, audience, expiresIn, keyId } = options;
  const header = { alg, typ: 'JWT', ...(keyId === undefined ? {} : { kid: keyId }) };
  const claims = {
    ...(issuer === undefined ? {} : { iss: issuer }),
    ...(sub === undefined ? {} : { sub }),
    ...(audience === undefined ? {} : { aud: audience.length === 1 ? (audience[0] as string) : [...audience] }),
    iat: now,
    ...(expiresIn === 'never' ? {} : { exp: now + Math.ceil(expiresIn / 1000) }),
    wsn,
  };
  if (wsn.subscribe.length + wsn.publish.length === 0) {
    process.stderr.write('wsn: the token grants nothing: --subscribe and --publish say what it is good for\n');
  }
  const token = await new SignJWT(claims).setProtectedHeader(header).sign(key);
  process.stdout.write(options.json ? `${escapeText(JSON.stringify({ token, header, claims }))}\n` : `${token}\n`);
  return EXIT.ok;
}

/** A broker would refuse the token with another one. */
function checkSubject(sub: string | undefined): void {
  try {
    readSubject(sub, '');
  } catch (error) {
    if (error instanceof ProtocolError) throw new UsageError(`--sub: ${error.message}`);
    throw error;
  }
}
