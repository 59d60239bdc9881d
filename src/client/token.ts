/**
 * Gives the token for the next attempt to connect; `undefined`: none is sent. What it throws, and what it rejects with, counts as
 * an attempt that failed.
 * @param request `isRefused`: the broker has refused the last one (401, 4401), it has ended, or nobody can tell why the last attempt failed, as in
 *   browsers: a fresh one is wanted.
 */
export type TokenSource = (request: { readonly isRefused: boolean }) => string | undefined | Promise<string | undefined>;

/** How browsers, which can set no header, bring a token: a subprotocol that no broker selects. */
export const TOKEN_PREFIX = 'wsn.token.';
