import { type Access, ProtocolError } from '../../protocol/index.js';
import type { AuthorizeHook } from './authorize-hook.js';
import { earlier, type Facts, identityOf } from './facts.js';
import type { Caller, Identity } from './identity.js';
import type { TokenVerifier } from './token-verifier.js';
import type { Verdict } from './verdict.js';

/** By the grants of each token: the mark of what it was found good by, for `stillTakes`; beside the identity, so that no log shows it. */
const marks = new WeakMap<Access, string>();

/**
 * Who a token is: its signature is verified when there are keys; then the back-end is asked when there is a hook,
 * and its grants count instead of the token's. Without keys a token is opaque here.
 */
export class TokenCheck {
  readonly #verifier: TokenVerifier | undefined;
  readonly #hook: AuthorizeHook | undefined;
  readonly #mark: string;

  /** @param parts with a mark that is another one when other keys or another back-end decide. */
  constructor(parts: { verifier: TokenVerifier | undefined; hook: AuthorizeHook | undefined; mark: string }) {
    this.#verifier = parts.verifier;
    this.#hook = parts.hook;
    this.#mark = parts.mark;
  }

  /** Whether tokens are taken at all. */
  get isOn(): boolean {
    return this.#verifier !== undefined || this.#hook !== undefined;
  }

  /**
   * As far as it is remembered: nothing is computed but digests.
   * @throws ProtocolError when a refusal of the back-end is remembered.
   */
  recall(token: string, caller: Caller): Identity | undefined {
    const verified = this.#verifier?.recall(token);
    if (this.#verifier && !verified) return undefined;
    if (!this.#hook) return verified && identityOf(verified);
    const verdict = this.#hook.recall(token, verified?.subject, caller);
    return verdict && identityOf(combine(verified, verdict));
  }

  /** @throws ProtocolError `unauthenticated`, `forbidden` or `unavailable`. */
  async check(token: string, caller: Caller): Promise<Identity> {
    if (!this.isOn) throw new ProtocolError('unauthenticated', 'no tokens are taken here, only keys (X-Api-Key)');
    const verified = this.#verifier && (this.#verifier.recall(token) ?? (await this.#verifier.verify(token)));
    const facts = this.#hook
      ? combine(verified, await this.#verdictOf(this.#hook, { token, subject: verified?.subject, caller }))
      : (verified as Facts);
    marks.set(facts.access, this.#mark);
    return identityOf(facts);
  }

  /** Whether a token that was good is so still, as far as that is known without it: it has not ended, and the same keys decide. */
  stillTakes({ access, expiresAt }: Identity): boolean {
    return marks.get(access) === this.#mark && (expiresAt === undefined || expiresAt > Date.now());
  }

  async #verdictOf(
    hook: AuthorizeHook,
    { token, subject, caller }: { token: string; subject: string | undefined; caller: Caller },
  ): Promise<Verdict> {
    return hook.recall(token, subject, caller) ?? (await hook.ask(token, subject, caller));
  }
}

/** The back-end has the last word, but cannot make a token live longer. */
function combine(verified: Facts | undefined, verdict: Verdict): Facts {
  // A new error each time: who catches it may add to it.
  if (verdict.kind === 'refused') throw new ProtocolError(verdict.error.code, verdict.error.message);
  const { subject, expiresAt, access } = verdict.facts;
  const facts = { subject: subject ?? verified?.subject, expiresAt: earlier(expiresAt, verified?.expiresAt), access };
  if (facts.expiresAt !== undefined && expiresAt !== undefined && expiresAt <= Date.now()) {
    throw new ProtocolError('unauthenticated', 'the back-end says that the token has expired');
  }
  return facts;
}
