import { createHash } from 'node:crypto';
import { type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose';
import { type Json, ProtocolError } from '../../protocol/index.js';
import type { Log } from '../observe.js';
import { ExpiringCache } from './expiring-cache.js';
import { earlier, type Facts, readClaims } from './facts.js';
import { reasonOf } from './http-answer.js';
import type { FindKey } from './key-source.js';
import type { TokenOptions } from './token-keys.js';
import { tokenRefusal } from './token-refusal.js';

/** How long a good token is remembered: so long it outlives the end of its key. */
const MOST_REMEMBERED_MS = 60_000;
const MOST_REMEMBERED = 10_000;

/** Verifies JWTs (RFC 7519) with the configured keys. What a token's header says of keys (`jwk`, `jku`, `x5u`) is ignored. */
export class TokenVerifier {
  readonly #remembered = new ExpiringCache<Facts>(MOST_REMEMBERED);
  readonly #findKey: JWTVerifyGetKey;
  readonly #expected: JWTVerifyOptions;
  readonly #log: Log;

  /** @param keys By algorithm. */
  constructor(keys: ReadonlyMap<string, FindKey>, options: TokenOptions, log: Log) {
    this.#log = log;
    const { authIssuer, authAudience, authClockToleranceMs } = options;
    // `jose` has compared the algorithm with the list below before it asks for a key.
    this.#findKey = (header, token) => (keys.get(header.alg) as FindKey)(header, token);
    this.#expected = {
      algorithms: [...keys.keys()],
      clockTolerance: authClockToleranceMs / 1000,
      ...(authIssuer === undefined ? {} : { issuer: authIssuer }),
      ...(authAudience === undefined ? {} : { audience: [...authAudience] }),
    };
  }

  /** What an earlier verification of the same token found: a publisher with a request a message pays for one signature. */
  recall(token: string): Facts | undefined {
    return this.#remembered.get(digestOf(token));
  }

  /**
   * @param token Of a sane length.
   * @throws ProtocolError `unauthenticated`, or `unavailable` when the keys cannot be had.
   */
  async verify(token: string): Promise<Facts> {
    const facts = await this.#verifyNow(token);
    const now = Date.now();
    this.#remembered.set(digestOf(token), facts, earlier(facts.expiresAt, now + MOST_REMEMBERED_MS) ?? now);
    return facts;
  }

  async #verifyNow(token: string): Promise<Facts> {
    try {
      const { payload } = await jwtVerify(token, this.#findKey, this.#expected);
      return readClaims(payload as Readonly<Record<string, Json | undefined>>);
    } catch (error) {
      if (error instanceof ProtocolError) throw error.code === 'unauthenticated' ? inToken(error) : error;
      const refusal = tokenRefusal(error);
      if (refusal) throw refusal;
      // Not the token but we are at fault, or the platform: keys that nothing can be verified with are in no set of ours.
      this.#log.error({ because: reasonOf(error) }, 'token cannot be verified');
      throw new ProtocolError('unavailable', 'the token cannot be verified at the moment');
    }
  }
}

/** The pointer goes into the sentence, for it leads into the token and not into a message. */
function inToken({ message, path }: ProtocolError): ProtocolError {
  return new ProtocolError('unauthenticated', `the token's claim ${path}: ${message}`);
}

/** Not the token itself: what is not kept cannot leak. */
function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
