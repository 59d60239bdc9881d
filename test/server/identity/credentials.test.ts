import { describe, expect, test } from 'vitest';
import { MOST_TOKEN_LENGTH, readCredentials } from '../../../src/server/identity/credentials.js';
import type { Caller } from '../../../src/server/identity/identity.js';
import { caller, refusalOf } from './support.js';

const token = (text: string) => ({ kind: 'token', text });
const key = (text: string) => ({ kind: 'key', text });
const none = { kind: 'none' };
const at = (url: string, headers: Caller['headers'] = {}) => caller(headers, { url });

const FOUND: readonly [string, Caller, object][] = [
  ['nothing', caller(), none],
  ['a cookie', caller({ cookie: 'token=a.b.c; Authorization=Bearer a.b.c' }), none],
  ['a bearer', caller({ authorization: 'Bearer a.b-_c' }), token('a.b-_c')],
  ['a bearer in another case', caller({ authorization: 'bEARER a.b.c' }), token('a.b.c')],
  ['a bearer behind many spaces', caller({ authorization: 'Bearer    a.b.c' }), token('a.b.c')],
  ['a bearer behind a tab', caller({ authorization: 'Bearer\t a.b.c' }), token('a.b.c')],
  ['another scheme, which is meant for a proxy', caller({ authorization: 'Basic YTpi' }), none],
  ['a scheme that only begins like it', caller({ authorization: 'BearerX a.b.c' }), none],
  ['a subprotocol', caller({ 'sec-websocket-protocol': 'wsn.v1, wsn.token.a.b.c' }), token('a.b.c')],
  ['the subprotocol alone', caller({ 'sec-websocket-protocol': 'wsn.token.a.b.c' }), token('a.b.c')],
  ['no such subprotocol', caller({ 'sec-websocket-protocol': 'wsn.v1,chat' }), none],
  ['a token in the query', at('/?token=a.b.c'), token('a.b.c')],
  ['a token in a longer query', at('/live?x=1&token=a%2Eb.c&y=2'), token('a.b.c')],
  ['other members of a query', at('/?tokens=a&atoken=b'), none],
  ['a bearer before a subprotocol', caller({ authorization: 'Bearer a', 'sec-websocket-protocol': 'wsn.token.b' }), token('a')],
  ['a subprotocol before the query', at('/?token=c', { 'sec-websocket-protocol': 'wsn.token.b' }), token('b')],
  ['a key', caller({ 'x-api-key': 'k1' }), key('k1')],
  ['a key before a token', at('/?token=c', { 'x-api-key': 'k1', authorization: 'Bearer a' }), key('k1')],
];

const REFUSED: readonly [string, Caller, string][] = [
  ['an empty bearer', caller({ authorization: 'Bearer' }), 'the token is empty'],
  ['a bearer of spaces', caller({ authorization: 'Bearer  ' }), 'the token is empty'],
  ['a bearer of a tab', caller({ authorization: 'Bearer\t' }), 'the token is empty'],
  ['a bearer behind a sign', caller({ authorization: 'Bearer:a.b.c' }), 'the token has characters that no token has'],
  ['a bearer behind a space that is none', caller({ authorization: 'Bearer\xa0a.b.c' }), 'the token has characters that no token has'],
  [
    'two headers, of which Node keeps the first',
    caller({ authorization: 'Bearer a' }, { rawHeaders: ['Authorization', 'Bearer a', 'authorization', 'Bearer b'] }),
    'expected one header Authorization, found 2',
  ],
  [
    'two keys',
    caller({ 'x-api-key': 'k1, k2' }, { rawHeaders: ['X-Api-Key', 'k1', 'Via', 'x-api-key', 'x-api-key', 'k2'] }),
    'expected one header X-Api-Key, found 2',
  ],
  ['two bearers in one header', caller({ authorization: 'Bearer a, Bearer b' }), 'the token has characters that no token has'],
  ['an empty subprotocol', caller({ 'sec-websocket-protocol': 'wsn.token.' }), 'the token is empty'],
  [
    'two subprotocols',
    caller({ 'sec-websocket-protocol': 'wsn.token.a,wsn.token.b' }),
    'expected one subprotocol wsn.token.<token>, found 2',
  ],
  ['two tokens in the query', at('/?token=a&token=b'), 'expected one token in the query, found 2'],
  ['an empty token in the query', at('/?token='), 'the token is empty'],
  ['an empty key', caller({ 'x-api-key': '' }), 'X-Api-Key is empty'],
  [
    'a token that is too long',
    caller({ authorization: `Bearer ${'a'.repeat(MOST_TOKEN_LENGTH + 1)}` }),
    'the token is longer than 16384 characters',
  ],
];

describe('readCredentials', () => {
  test.each(FOUND)('reads %s (R-7.2)', (_, given, found) => {
    expect(readCredentials(given, true)).toEqual(found);
  });

  test.each(REFUSED)('refuses %s (R-7.2)', async (_, given, because) => {
    expect(await refusalOf(() => readCredentials(given, true))).toBe(`unauthenticated: ${because}`);
  });

  test('refuses a token in the query and names the option, unless it is allowed or something better came (R-7.2)', async () => {
    const because = "a token in the query is logged on its way and not taken; the broker's option --auth-query-token would allow it";
    expect(await refusalOf(() => readCredentials(at('/?token=a'), false))).toBe(`unauthenticated: ${because}`);
    expect(readCredentials(at('/?token=a', { authorization: 'Bearer b' }), false)).toEqual(token('b'));
    expect(readCredentials(at('/?x=a'), false)).toEqual(none);
  });
});
