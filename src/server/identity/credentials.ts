import { ProtocolError } from '../../protocol/index.js';
import { timesGiven } from '../times-given.js';
import type { Caller } from './identity.js';

/** What a request brought to say who comes; never kept beyond the request. */
export type Credentials = { readonly kind: 'none' } | { readonly kind: 'key' | 'token'; readonly text: string };

/** Longest token that is looked at, in characters: what is longer is refused before anything is computed. */
export const MOST_TOKEN_LENGTH = 16 * 1024;

const NONE: Credentials = { kind: 'none' };
const TOKEN_PROTOCOL = 'wsn.token.';
/** What a name of a scheme other than Bearer may go on with (RFC 9110 section 5.6.2); whatever else follows, Bearer is meant. */
const BEARER = /^bearer(?![\w!#$%&'*+.^`|~-])[ \t]*/i;
/** The b64token of RFC 6750 section 2.1: every JWT, and whatever else a back-end may hand out. */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/**
 * Reads the credentials of a request. A key counts before every token; of the tokens the first that is there: the
 * Authorization header, an offered subprotocol, the query. Cookies are never looked at.
 * @throws ProtocolError `unauthenticated` when one is there that cannot be one: nobody falls back to being nobody.
 */
export function readCredentials({ headers, rawHeaders, url }: Caller, isQueryAllowed: boolean): Credentials {
  if (headers.authorization !== undefined) refuseTwo('Authorization', rawHeaders);
  if (headers['x-api-key'] !== undefined) refuseTwo('X-Api-Key', rawHeaders);
  const key = headers['x-api-key'];
  if (key !== undefined) return readKey(String(key));
  const token = bearerToken(headers.authorization) ?? offeredToken(headers['sec-websocket-protocol']) ?? queryToken(url, isQueryAllowed);
  return token === undefined ? NONE : { kind: 'token', text: checkToken(token) };
}

/** @throws ProtocolError `unauthenticated` when the text is too long or has characters that no token has. */
export function checkToken(token: string): string {
  if (token.length > MOST_TOKEN_LENGTH) throw refusal(`the token is longer than ${MOST_TOKEN_LENGTH} characters`);
  if (token === '') throw refusal('the token is empty');
  if (!TOKEN.test(token)) throw refusal('the token has characters that no token has');
  return token;
}

function readKey(text: string): Credentials {
  if (text === '') throw refusal('X-Api-Key is empty');
  return { kind: 'key', text };
}

/** Another scheme may be meant for a proxy on the way, and is passed over. */
function bearerToken(header: string | undefined): string | undefined {
  if (header === undefined || !BEARER.test(header)) return undefined;
  return header.replace(BEARER, '');
}

/** Of several, Node keeps the first or joins them, and what stands before the broker may have looked at another. */
function refuseTwo(name: string, rawHeaders: readonly string[]): void {
  const count = timesGiven(name, rawHeaders);
  if (count > 1) throw refusal(`expected one header ${name}, found ${count}`);
}

/** Browsers cannot set a header, but offer subprotocols; this one is never selected. */
function offeredToken(header: string | undefined): string | undefined {
  if (header === undefined || !header.includes(TOKEN_PROTOCOL)) return undefined;
  const offers = header.split(',').map((offer) => offer.trim());
  return single(
    offers.filter((offer) => offer.startsWith(TOKEN_PROTOCOL)).map((offer) => offer.slice(TOKEN_PROTOCOL.length)),
    `one subprotocol ${TOKEN_PROTOCOL}<token>`,
  );
}

function queryToken(url: string, isAllowed: boolean): string | undefined {
  const start = url.indexOf('?');
  if (start < 0) return undefined;
  const token = single(new URLSearchParams(url.slice(start + 1)).getAll('token'), 'one token in the query');
  if (token === undefined || isAllowed) return token;
  throw refusal("a token in the query is logged on its way and not taken; the broker's option --auth-query-token would allow it");
}

function single(found: readonly string[], expected: string): string | undefined {
  if (found.length > 1) throw refusal(`expected ${expected}, found ${found.length}`);
  return found[0];
}

function refusal(message: string): ProtocolError {
  return new ProtocolError('unauthenticated', message);
}
