import { createHash } from 'node:crypto';
import { ProtocolError } from '../../protocol/index.js';
import type { Log } from '../observe.js';
import type { BrokerOptions } from '../options.js';
import { ExpiringCache } from './expiring-cache.js';
import { earlier } from './facts.js';
import { reasonOf } from './http-answer.js';
import type { Caller } from './identity.js';
import { Turns } from './turns.js';
import { readVerdict, type Verdict } from './verdict.js';
import { shownUrl, webUrlOf } from './web-url.js';

export type HookOptions = Pick<BrokerOptions, 'authorizeTimeoutMs' | 'authorizeCacheMs'>;

const MOST_REMEMBERED = 10_000;
const MOST_AT_ONCE = 100;
const MOST_WAITING = 1000;

/** A question as it is sent; equal questions have equal digests. */
interface Question {
  readonly body: string;
  readonly digest: string;
}

/** Asks the back-end who a token is and what it may do. When there is no clear answer nobody comes in. */
export class AuthorizeHook {
  readonly #url: URL;
  readonly #options: HookOptions;
  readonly #log: Log;
  readonly #remembered = new ExpiringCache<Verdict>(MOST_REMEMBERED);
  /** By digest: equal questions under way are asked once. */
  readonly #underWay = new Map<string, Promise<Verdict>>();
  readonly #aborts = new Set<AbortController>();
  readonly #turns = new Turns(MOST_AT_ONCE, MOST_WAITING);
  #isClosed = false;

  /** @throws OptionError for a bad URL. */
  constructor(url: string, options: HookOptions, log: Log) {
    this.#url = webUrlOf('authorizeUrl', url);
    this.#options = options;
    this.#log = log;
  }

  /** The remembered answer to the same question. */
  recall(token: string, subject: string | undefined, caller: Caller): Verdict | undefined {
    return this.#options.authorizeCacheMs === 0 ? undefined : this.#remembered.get(questionOf(token, subject, caller).digest);
  }

  /**
   * @param subject The token's, when it was verified.
   * @throws ProtocolError `unavailable` when there was no clear answer within the time.
   */
  ask(token: string, subject: string | undefined, caller: Caller): Promise<Verdict> {
    const question = questionOf(token, subject, caller);
    const known = this.#underWay.get(question.digest);
    if (known) return known;
    const answer = this.#answerTo(question).finally(() => this.#underWay.delete(question.digest));
    this.#underWay.set(question.digest, answer);
    return answer;
  }

  /** Ends what is under way, as unavailable. */
  close(): void {
    this.#isClosed = true;
    for (const abort of this.#aborts) abort.abort(new Error('the broker no longer asks'));
  }

  async #answerTo({ body, digest }: Question): Promise<Verdict> {
    const abort = new AbortController();
    const { authorizeTimeoutMs, authorizeCacheMs } = this.#options;
    // From here on, so that the wait in line is no longer than the answer may take.
    const timer = setTimeout(() => abort.abort(new Error(`no answer within ${authorizeTimeoutMs} ms`)), authorizeTimeoutMs);
    timer.unref();
    this.#aborts.add(abort);
    if (this.#isClosed) this.close();
    try {
      const verdict = await this.#turns.run(abort.signal, () => this.#post(body, abort.signal));
      const now = Date.now();
      const ends = verdict.kind === 'known' ? verdict.facts.expiresAt : undefined;
      this.#remembered.set(digest, verdict, earlier(ends, now + authorizeCacheMs) ?? now);
      return verdict;
    } catch (error) {
      this.#log.warn({ url: shownUrl(this.#url), because: reasonOf(error) }, 'authorization unavailable');
      throw new ProtocolError('unavailable', 'who you are cannot be checked at the moment');
    } finally {
      clearTimeout(timer);
      this.#aborts.delete(abort);
    }
  }

  async #post(body: string, signal: AbortSignal): Promise<Verdict> {
    const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
    return readVerdict(await fetch(this.#url, { method: 'POST', headers, body, redirect: 'manual', signal }));
  }
}

function questionOf(token: string, subject: string | undefined, { address, headers }: Caller): Question {
  const body = JSON.stringify({ token, subject: subject ?? null, address, origin: headers.origin ?? null });
  return { body, digest: createHash('sha256').update(body).digest('base64') };
}
