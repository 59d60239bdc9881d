import { type Notification, permits, type Reason } from '../../protocol/index.js';
import { readSecret } from '../broker/secret.js';
import { EXIT } from '../exit/exit-codes.js';
import { CommandFailure } from '../exit/usage-error.js';
import type { ExplainOptions } from '../explain.js';
import { isJwt, readToken } from '../token/read-token.js';
import { verifyToken } from '../token/verify-token.js';
import { explainGrant } from './explain-grant.js';

/** What a token lets through of one notification. */
export interface TokenAccount {
  /** One for each grant to subscribe, in the token's order. */
  readonly grants: readonly Reason[];
  /** Indexes of those that let it through. */
  readonly granting: readonly number[];
  readonly mayPublish: boolean;
  /** Its `exp` in ms since 1970; `undefined`: never. */
  readonly expiresAt: number | undefined;
  /** Whether a key has proved that the token is genuine and good now. */
  readonly isVerified: boolean;
}

/**
 * Reads the token of the options.
 * @param isFromEnvironment whether nobody typed it: then one that is no JWT is passed over where there is a subscription to tell of.
 * @returns `undefined` without one.
 * @throws UsageError when it is none, and CommandFailure when a key was given and a broker with it would refuse the token.
 */
export async function accountOf(
  options: ExplainOptions,
  notification: Notification,
  isFromEnvironment: boolean,
): Promise<TokenAccount | undefined> {
  if (options.token === undefined) return undefined;
  const source = isFromEnvironment ? 'WSN_TOKEN' : '--token';
  const token = await readSecret(source, options.token);
  // A broker with a back-end to ask takes tokens of any shape, which say nothing by themselves.
  if (token === undefined || (isFromEnvironment && options.subscription !== undefined && !isJwt(token))) return undefined;
  const { access, expiresAt } = readToken(token, source);
  const verdict = await verifyToken(token, options, undefined);
  if (verdict.kind === 'refused') throw new CommandFailure(`a broker with this key refuses the token: ${verdict.because}`, EXIT.failed);
  const granted = access.subscribe === 'all' ? [] : access.subscribe;
  const grants = granted.map((grant) => explainGrant(grant, notification));
  return {
    grants,
    granting: grants.flatMap((reason, index) => (reason.accepted ? [index] : [])),
    mayPublish: permits(access.publish, notification),
    expiresAt,
    isVerified: verdict.kind === 'taken',
  };
}
