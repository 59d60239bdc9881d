import { ProtocolError } from '../../protocol/index.js';
import type { Log } from '../observe.js';
import type { BrokerOptions } from '../options.js';
import { AuthorizeHook, type HookOptions } from './authorize-hook.js';
import { checkToken, readCredentials } from './credentials.js';
import type { Authenticator, Caller, Digests, Identity } from './identity.js';
import { KeyTable } from './key-table.js';
import { TokenCheck } from './token-check.js';
import type { TokenOptions } from './token-keys.js';
import type { TokenVerifier } from './token-verifier.js';

/** The options that say who is known. */
export type IdentityOptions = TokenOptions & HookOptions & Pick<BrokerOptions, 'authQueryToken' | 'apiKeys' | 'authorizeUrl'>;

/**
 * Reads the keys and makes what finds out who comes. Nothing is fetched yet.
 * @throws OptionError for the first key, file or URL that cannot be taken.
 */
export async function createAuthenticator(options: IdentityOptions, log: Log): Promise<Authenticator> {
  const keys = new KeyTable(options.apiKeys);
  const verification = await readVerification(options, log);
  const hook = options.authorizeUrl === undefined ? undefined : new AuthorizeHook(options.authorizeUrl, options, log);
  const mark = JSON.stringify([verification?.mark, options.authorizeUrl]);
  const tokens = new TokenCheck({ verifier: verification?.verifier, hook, mark });
  const isOn = keys.size > 0 || tokens.isOn;
  return {
    isOn,
    digests: verification?.digests ?? new Map(),
    identify: (caller) => (isOn ? identify({ keys, tokens, isQueryAllowed: options.authQueryToken }, caller) : undefined),
    verify: async (token, caller) => {
      if (!isOn) throw new ProtocolError('unsupported', 'nobody is authenticated here');
      return tokens.check(checkToken(token), caller);
    },
    stillKnows: (identity) => {
      if (!isOn || identity.kind === 'anonymous') return true;
      if (identity.kind === 'key') return keys.stillHas(identity);
      return tokens.stillTakes(identity);
    },
    close: () => hook?.close(),
  };
}

/** All that has to be unset for a broker to verify no tokens, nor to be asked to. */
const ABOUT_TOKENS = [
  'authSecret',
  'authSecretFile',
  'authPublicKey',
  'authJwks',
  'authAlgorithms',
  'authIssuer',
  'authAudience',
] as const satisfies readonly (keyof TokenOptions)[];

interface Verification {
  readonly verifier: TokenVerifier;
  readonly mark: string;
  readonly digests: Digests;
}

/** What verifies tokens, if any are; only then is jose loaded, which takes a while at the start. */
async function readVerification(options: TokenOptions, log: Log): Promise<Verification | undefined> {
  if (ABOUT_TOKENS.every((name) => options[name] === undefined)) return undefined;
  const [{ readTokenKeys }, { TokenVerifier }] = await Promise.all([import('./token-keys.js'), import('./token-verifier.js')]);
  const keys = await readTokenKeys(options, log);
  return keys && { verifier: new TokenVerifier(keys.byAlgorithm, options, log), mark: keys.mark, digests: keys.digests };
}

interface Known {
  readonly keys: KeyTable;
  readonly tokens: TokenCheck;
  readonly isQueryAllowed: boolean;
}

function identify({ keys, tokens, isQueryAllowed }: Known, caller: Caller): Identity | undefined | Promise<Identity> {
  const credentials = readCredentials(caller, isQueryAllowed);
  if (credentials.kind === 'none') return undefined;
  if (credentials.kind === 'key') return keys.find(credentials.text);
  return tokens.recall(credentials.text, caller) ?? tokens.check(credentials.text, caller);
}
