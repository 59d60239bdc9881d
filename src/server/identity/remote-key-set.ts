import { createRemoteJWKSet, customFetch, errors, type FetchImplementation } from 'jose';
import { ProtocolError } from '../../protocol/index.js';
import { isThisMachine } from '../address.js';
import type { Log } from '../observe.js';
import { PUBLIC_ALGORITHMS } from './algorithms.js';
import { discardBody, readJson, reasonOf } from './http-answer.js';
import { keysOf, readKeySet } from './key-set.js';
import type { KeySource } from './key-source.js';
import { shownUrl, webUrlOf } from './web-url.js';

/** How long keys are used before they are asked for again: so long a key lives that its issuer has taken back. */
const KEYS_AGE_MS = 5 * 60_000;
/** After the keys came, an unknown `kid` makes us ask again only after this time: anybody can write one into a token. */
const COOLDOWN_MS = 30_000;
/** After a failure nobody is asked for this time, however many tokens come. */
const FAILURE_PAUSE_MS = 1000;
const TIMEOUT_MS = 5000;
const MOST_BYTES = 1024 * 1024;

/**
 * The keys of a JWKS URL: asked for when the first token comes, when they are old, and when a token names a key that is
 * not among them. While they cannot be had, tokens are `unavailable`: the old ones do not live on.
 * @throws OptionError for a bad URL.
 */
export function keySetOfUrl(text: string, log: Log): KeySource {
  const url = webUrlOf('authJwks', text);
  if (url.protocol === 'http:' && !isThisMachine(url.hostname)) {
    log.warn({ url: shownUrl(url) }, 'token keys come over http: whoever is on the way can put in his own, use https:');
  }
  const keys = createRemoteJWKSet(url, {
    cacheMaxAge: KEYS_AGE_MS,
    cooldownDuration: COOLDOWN_MS,
    timeoutDuration: TIMEOUT_MS,
    [customFetch]: carefulFetch(shownUrl(url), log),
  });
  const find: KeySource['find'] = async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error;
      throw new ProtocolError('unavailable', 'the keys that verify tokens cannot be had at the moment');
    }
  };
  return { option: 'authJwks', algorithms: PUBLIC_ALGORITHMS, find, mark: text, digest: undefined };
}

/** Bounds the answer and pauses after a failure, which is logged: one line for each question, however many tokens wait for it. */
function carefulFetch(url: string, log: Log): FetchImplementation {
  let pauseUntil = 0;
  let told = '';
  return async (target, options) => {
    if (Date.now() < pauseUntil) throw new Error('paused after a failure');
    try {
      const response = await fetch(target, options);
      if (response.status !== 200) {
        discardBody(response);
        throw new Error(`expected the status 200, found ${response.status}`);
      }
      const given = keysOf(await readJson(response, MOST_BYTES));
      if (given === undefined) throw new Error('expected a JWKS, {"keys":[…]}');
      const { keys, passedOver } = readKeySet(given);
      if (keys.length > 0) log.info({ url }, 'token keys loaded');
      // Not each time anew, for the set is asked for again and again.
      const found = `${keys.length > 0}:${passedOver}`;
      if (told !== found) {
        if (passedOver.length > 0) log.warn({ url, keys: passedOver }, 'keys passed over');
        if (keys.length === 0) log.warn({ url }, 'none of the token keys can be used: every token is refused');
      }
      told = found;
      return Response.json({ keys });
    } catch (error) {
      pauseUntil = Date.now() + FAILURE_PAUSE_MS;
      log.warn({ url, because: reasonOf(error) }, 'token keys cannot be loaded');
      throw error;
    }
  };
}
