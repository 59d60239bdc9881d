import { isDeepStrictEqual } from 'node:util';
import { CLOSE_CODES } from '../protocol/index.js';
import type { Stranger } from './authorise.js';
import type { Identity } from './identity/identity.js';
import type { Peer } from './peer.js';
import type { Policy } from './policy.js';
import type { Subscriber } from './subscribe.js';

/**
 * What somebody is by a policy that has replaced the one by which it came: an API key may be gone, and what anybody may
 * do has changed.
 * @returns undefined when nobody knows it any more.
 */
export function identityNow(policy: Policy, who: Stranger & { readonly identity: Identity }): Identity | undefined {
  const { identity } = who;
  if (identity.kind === 'anonymous') return policy.strangers.identityOf(who);
  return policy.authenticator.stillKnows(identity) ? identity : undefined;
}

/** A peer may do less now, or more, or is known no more. */
export function judgeAgain(peer: Peer, policy: Policy, subscriber: Subscriber): void {
  const { identity, address, isDirect } = peer;
  if (identity === undefined) return;
  const next = identityNow(policy, { identity, address, isDirect });
  if (!next) peer.close(CLOSE_CODES.unauthenticated.code, 'the broker does not know this peer any more');
  else if (!isDeepStrictEqual(next.access, identity.access)) {
    peer.become(next);
    subscriber.regrant(peer);
  }
}
