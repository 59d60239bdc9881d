import { describe, expect, test } from 'vitest';
import type { PeerOptions } from '../../../src/peer/index.js';
import type { BrokerOptions } from '../../../src/server/index.js';
import { inSeconds, unsigned } from '../identity/support.js';
import { KINDS, type Outcome, type Outcomes, outcomes, Scene } from './attempts.js';
import { ALL, bearing, channel, KEY, tokenOf } from './support.js';

const REFUSED = outcomes(401, 401, 4401, 401, 401, 4401, 401);
const MAY_NOTHING = outcomes(4403, 'forbidden', 'forbidden', 4403, 'forbidden', 'forbidden', 403);
const MAY_ALL = outcomes('hears', 'hears', 'hears', 'published', 'published', 'published', 'published');
const HEARS_ALONE = outcomes('hears', 'hears', 'hears', 4403, 'forbidden', 'forbidden', 403);
const SPEAKS_ALONE = outcomes(4403, 'forbidden', 'forbidden', 'published', 'published', 'published', 'published');

const COVERING = { subscribe: [channel('2', '9')], publish: [channel('2')] };
const ANOTHER_TOPIC = [{ package: 'another', page: 'messages' }];

/** Tokens, and what they let their bearers do with a notification of channel 2, wherever they stand. */
const TOKENS: readonly (readonly [what: string, make: () => Promise<string> | string, expected: Outcomes])[] = [
  ['a token that expired', () => tokenOf(COVERING, { exp: inSeconds(-60) }), REFUSED],
  ['a token that is not valid yet', () => tokenOf(COVERING, { nbf: inSeconds(60) }), REFUSED],
  ['a token of another key', () => tokenOf(COVERING, {}, 'another secret of 32 bytes or so'), REFUSED],
  ['a token for another audience', () => tokenOf(COVERING, { aud: 'another' }), REFUSED],
  ['a token for no audience', () => tokenOf(COVERING, { aud: undefined }), REFUSED],
  ['a token with alg none', () => unsigned({ alg: 'none' }, { sub: '5', aud: 'wsn.test', wsn: COVERING }), REFUSED],
  ['a token with malformed grants', () => tokenOf({ subscribe: [{ package: 'p' }] }), REFUSED],
  ['a token that is none', () => 'no-token-at-all', REFUSED],
  ['a token without the claim wsn', () => tokenOf(undefined), MAY_NOTHING],
  ['a token without grants', () => tokenOf({}), MAY_NOTHING],
  ['a token for another topic', () => tokenOf({ subscribe: ANOTHER_TOPIC, publish: ANOTHER_TOPIC }), MAY_NOTHING],
  [
    'a token for another channel',
    () => tokenOf({ subscribe: [channel('9')], publish: [channel('9')] }),
    outcomes('hears less', 'hears less', 'hears less', 4403, 'forbidden', 'forbidden', 403),
  ],
  ['a token that covers it', () => tokenOf(COVERING), MAY_ALL],
  ['a token that covers everything', () => tokenOf({ subscribe: ALL, publish: ALL }), MAY_ALL],
  ['a token that covers it and never ends', () => tokenOf(COVERING, { exp: undefined }), MAY_ALL],
  ['a token to hear alone', () => tokenOf({ subscribe: [channel('2')] }), HEARS_ALONE],
  ['a token to publish alone', () => tokenOf({ publish: [channel('2')] }), SPEAKS_ALONE],
];

/** Where a token stands in a handshake or a request. */
const PLACES: Readonly<Record<string, (token: string) => Partial<PeerOptions>>> = {
  'Authorization: Bearer': bearing,
  'the subprotocol wsn.token.': (token) => ({ subprotocols: [`wsn.token.${token}`] }),
  '?token=': (token) => ({ path: `/?token=${token}` }),
};

type Case = readonly [kind: keyof Outcomes, what: string, make: () => Promise<string> | string, expected: Outcome];

const CASES: readonly Case[] = KINDS.flatMap((kind) => TOKENS.map(([what, make, each]): Case => [kind, what, make, each[kind]]));
const IN_BAND = CASES.filter(([kind]) => kind.endsWith('in band'));
const AT_ONCE = CASES.filter(([kind]) => !kind.endsWith('in band'));

describe('who may do what', () => {
  const scene = new Scene({ authQueryToken: true });

  describe.each(Object.keys(PLACES))('with a token in %s', (place) => {
    test.each(AT_ONCE)('a %s with %s: $3 (R-7.2, R-7.3)', async (kind, _, make, expected) => {
      const options = (PLACES[place] as (typeof PLACES)[string])(await make());
      expect(await scene.outcomeOf(kind, { options })).toBe(expected);
    });
  });

  test.each(IN_BAND)('a %s with %s: $3 (R-7.2, R-5.10)', async (kind, _, make, expected) => {
    expect(await scene.outcomeOf(kind, { options: {}, token: await make() })).toBe(expected);
  });
});

describe('who may do what with a token in the query, where that is not allowed', () => {
  const scene = new Scene({});

  test.each(AT_ONCE)('a %s with %s: 401 (R-7.2)', async (kind, _, make) => {
    expect(await scene.outcomeOf(kind, { options: { path: `/?token=${await make()}` } })).toBe(401);
  });

  test.each(KINDS.filter((kind) => !kind.endsWith('in band')))(
    'a %s with a token in the header beside: what it covers (R-7.2)',
    async (kind) => {
      const options = { ...bearing(await tokenOf(COVERING)), path: '/?token=no-token-at-all' };
      expect(await scene.outcomeOf(kind, { options })).toBe(MAY_ALL[kind]);
    },
  );
});

/** Headers without a token; those in band have none. */
const HEADERS: readonly (readonly [what: string, headers: () => Promise<Record<string, string>>, expected: Outcomes])[] = [
  ['nothing', async () => ({}), outcomes(401, 4401, '-', 401, 4401, '-', 401)],
  [
    'a cookie that is a good token',
    async () => ({ Cookie: `token=${await tokenOf(COVERING)}` }),
    outcomes(401, 4401, '-', 401, 4401, '-', 401),
  ],
  ['credentials of another scheme', async () => ({ Authorization: 'Basic dTpw' }), outcomes(401, 4401, '-', 401, 4401, '-', 401)],
  ['an empty Bearer', async () => ({ Authorization: 'Bearer ' }), REFUSED],
  ['a key', async () => ({ 'X-Api-Key': KEY }), SPEAKS_ALONE],
  ['a key and a token that expired', async () => ({ 'X-Api-Key': KEY, Authorization: 'Bearer no-token-at-all' }), SPEAKS_ALONE],
  ['an unknown key', async () => ({ 'X-Api-Key': `${KEY}0` }), REFUSED],
  [
    'an unknown key and a good token',
    async () => ({ 'X-Api-Key': `${KEY}0`, Authorization: `Bearer ${await tokenOf(COVERING)}` }),
    REFUSED,
  ],
  ['an empty key', async () => ({ 'X-Api-Key': '' }), REFUSED],
];

type HeaderCase = readonly [kind: keyof Outcomes, what: string, headers: () => Promise<Record<string, string>>, expected: Outcome];

function headerCases(table: typeof HEADERS): readonly HeaderCase[] {
  const kinds = KINDS.filter((kind) => !kind.endsWith('in band'));
  return kinds.flatMap((kind) => table.map(([what, headers, each]): HeaderCase => [kind, what, headers, each[kind]]));
}

describe('who may do what without a token', () => {
  const scene = new Scene({});

  test.each(headerCases(HEADERS))('a %s with %s: $3 (R-7.2)', async (kind, _, headers, expected) => {
    expect(await scene.outcomeOf(kind, { options: { headers: await headers() } })).toBe(expected);
  });
});

/** What the operator grants to anybody, and what somebody gets who shows nothing. */
const STRANGERS: readonly (readonly [what: string, options: Partial<BrokerOptions>, expected: Outcomes])[] = [
  ['channel 2 to hear', { anonymousSubscribe: [channel('2')] }, outcomes('hears', 'hears', '-', 4403, 'forbidden', '-', 401)],
  ['channel 9 to hear', { anonymousSubscribe: [channel('9')] }, outcomes('hears less', 'hears less', '-', 4403, 'forbidden', '-', 401)],
  ['everything to hear', { anonymousSubscribe: 'all' }, outcomes('hears', 'hears', '-', 4403, 'forbidden', '-', 401)],
  ['another topic to hear', { anonymousSubscribe: ANOTHER_TOPIC }, outcomes(4403, 'forbidden', '-', 4403, 'forbidden', '-', 401)],
  [
    'channel 2 to publish',
    { anonymousPublish: [channel('2')] },
    outcomes(4403, 'forbidden', '-', 'published', 'published', '-', 'published'),
  ],
  ['channel 9 to publish', { anonymousPublish: [channel('9')] }, outcomes(4403, 'forbidden', '-', 4403, 'forbidden', '-', 403)],
  [
    'everything',
    { anonymousSubscribe: 'all', anonymousPublish: 'all' },
    outcomes('hears', 'hears', '-', 'published', 'published', '-', 'published'),
  ],
  ['nothing, in so many words', { anonymousSubscribe: [], anonymousPublish: [] }, outcomes(401, 4401, '-', 401, 4401, '-', 401)],
  [
    'publishing from a listed network',
    { allowPublish: ['127.0.0.0/8'] },
    outcomes(4403, 'forbidden', '-', 'published', 'published', '-', 'published'),
  ],
  ['publishing from another network', { allowPublish: ['10.0.0.0/8'] }, outcomes(401, 4401, '-', 401, 4401, '-', 401)],
];

describe.each(STRANGERS)('who shows nothing where anybody is granted %s', (_, options, expected) => {
  const scene = new Scene(options);

  test.each(KINDS.filter((kind) => !kind.endsWith('in band')))('a %s (R-7.3)', async (kind) => {
    expect(await scene.outcomeOf(kind, { options: {} })).toBe(expected[kind]);
  });

  test.each(KINDS)('gets no more for a bad token: a %s (R-7.2)', async (kind) => {
    const bad = await tokenOf(COVERING, { exp: inSeconds(-60) });
    // In band the connection stays what it was, and is told.
    if (!kind.endsWith('in band')) expect(await scene.outcomeOf(kind, { options: bearing(bad) })).toBe(401);
    else {
      const asBefore = expected[kind.replace(', token in band', '') as keyof Outcomes];
      expect(await scene.outcomeOf(kind, { options: {}, token: bad })).toBe(asBefore);
    }
  });

  test.each(KINDS)('may do what it covers with a good token: a %s (R-7.2)', async (kind) => {
    const token = await tokenOf(COVERING);
    expect(await scene.outcomeOf(kind, { options: bearing(token), token })).toBe(MAY_ALL[kind]);
  });
});
