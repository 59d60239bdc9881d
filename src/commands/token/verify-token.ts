import { ProtocolError } from '../../protocol/index.js';
import { createAuthenticator } from '../../server/identity/create-authenticator.js';
import { SILENT } from '../../server/observe.js';
import { OptionError } from '../../server/option-error.js';
import { resolveOptions } from '../../server/resolve-options.js';
import { UsageError } from '../exit/usage-error.js';
import type { TokenKeyOptions } from './token-key-options.js';

/** What a broker with these keys says of a token; `unknown` without keys. */
export type Verdict = { readonly kind: 'unknown' | 'taken' } | { readonly kind: 'refused'; readonly because: string };

/** What a broker's options are called here. */
const FLAGS: Readonly<Record<string, string>> = {
  authSecret: 'WSN_AUTH_SECRET',
  authSecretFile: '--secret-file',
  authPublicKey: '--public-key',
  authJwks: '--jwks',
  authIssuer: '--issuer',
  authAudience: '--audience',
};

/**
 * Has a token checked by the very code that a broker checks it with.
 * @param secret of the environment, if it counts.
 * @throws UsageError when a key cannot be read.
 */
export async function verifyToken(token: string, keys: TokenKeyOptions, secret: string | undefined): Promise<Verdict> {
  const { secretFile, publicKey, jwks, issuer, audience } = keys;
  const isNamed = (secretFile ?? publicKey ?? jwks) !== undefined;
  if (!isNamed && !secret) return { kind: 'unknown' };
  const options = resolveOptions({
    authSecret: isNamed ? undefined : secret,
    authSecretFile: secretFile,
    authPublicKey: publicKey,
    authJwks: jwks,
    authIssuer: issuer,
    authAudience: audience,
  });
  try {
    const authenticator = await createAuthenticator(options, SILENT);
    try {
      await authenticator.verify(token, { address: '127.0.0.1', headers: {}, rawHeaders: [], url: '/' });
      return { kind: 'taken' };
    } finally {
      authenticator.close();
    }
  } catch (error) {
    if (error instanceof ProtocolError) return { kind: 'refused', because: error.described };
    if (error instanceof OptionError) throw new UsageError(withFlags(error.message));
    throw error;
  }
}

function withFlags(message: string): string {
  return message.replace(/(?<![\w./-])auth[A-Z]\w*(?![\w/-]|\.\w)/g, (name) => FLAGS[name] ?? name);
}
