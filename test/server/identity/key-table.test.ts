import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ApiKey } from '../../../src/server/options.js';
import { authenticatorOf, caller, refusalOf, signWith } from './support.js';

const sha256 = (key: string) => createHash('sha256').update(key).digest('hex');
const withKey = (key: string) => caller({ 'x-api-key': key });
const grant = [{ package: 'p', page: '*' }] as const;

describe('API keys', () => {
  test('are known by their name, publish everything and hear nothing (R-7.2)', async () => {
    const authenticator = await authenticatorOf({ apiKeys: [{ name: 'php', sha256: sha256('secret').toUpperCase() }] });
    expect(authenticator.isOn).toBe(true);
    expect(authenticator.identify(withKey('secret'))).toEqual({
      id: 'key:php',
      kind: 'key',
      access: { subscribe: [], publish: 'all' },
      expiresAt: undefined,
    });
  });

  test('do what the configuration says instead (R-7.3)', async () => {
    const authenticator = await authenticatorOf({ apiKeys: [{ name: 'a', sha256: sha256('s'), publish: grant, subscribe: 'all' }] });
    expect(authenticator.identify(withKey('s'))).toMatchObject({ access: { subscribe: 'all', publish: grant } });
  });

  test('are compared as the bytes that the client sent (R-7.2)', async () => {
    const authenticator = await authenticatorOf({ apiKeys: [{ name: 'a', sha256: sha256('clé') }] });
    const asNodeReadsIt = Buffer.from('clé', 'utf8').toString('latin1');
    expect(authenticator.identify(withKey(asNodeReadsIt))).toMatchObject({ id: 'key:a' });
  });

  test('that are unknown are refused, also where only tokens are taken; and the other way round (R-7.2)', async () => {
    const keys = await authenticatorOf({ apiKeys: [{ name: 'a', sha256: sha256('s') }] });
    expect(await refusalOf(() => keys.identify(withKey('S')))).toBe('unauthenticated: the key in X-Api-Key is not known here');
    expect(await refusalOf(() => keys.identify(withKey('s, s')))).toBe('unauthenticated: the key in X-Api-Key is not known here');
    expect(await refusalOf(() => keys.identify(caller({ authorization: 'Bearer a.b.c' })))).toBe(
      'unauthenticated: no tokens are taken here, only keys (X-Api-Key)',
    );
    const tokens = await authenticatorOf({ authSecret: 's'.repeat(32) });
    expect(await refusalOf(() => tokens.identify(withKey('s')))).toBe('unauthenticated: the key in X-Api-Key is not known here');
  });

  test.each<[string, readonly ApiKey[]]>([
    [
      'has two keys with the name "a"',
      [
        { name: 'a', sha256: sha256('1') },
        { name: 'a', sha256: sha256('2') },
      ],
    ],
    [
      'has the key "b" a second time',
      [
        { name: 'a', sha256: sha256('1') },
        { name: 'b', sha256: sha256('1').toUpperCase() },
      ],
    ],
    ['has the key "a", whose sha256 is none: expected 64 hexadecimal digits', [{ name: 'a', sha256: 'the key itself' }]],
    ['has the name "": expected 1 to 64 letters', [{ name: '', sha256: sha256('1') }]],
    ['has the name "a\\nb"', [{ name: 'a\nb', sha256: sha256('1') }]],
  ])('are refused at the start: apiKeys %s', async (problem, apiKeys) => {
    await expect(authenticatorOf({ apiKeys })).rejects.toThrow(`apiKeys ${problem}`);
  });
});

describe('stillKnows', () => {
  const keyed = (key: Partial<ApiKey> = {}) => authenticatorOf({ apiKeys: [{ name: 'a', sha256: sha256('s'), ...key }] });

  test.each<[boolean, string, Partial<ApiKey>]>([
    [true, 'is there unchanged', {}],
    [false, 'has another name', { name: 'b' }],
    [false, 'has another digest', { sha256: sha256('t') }],
    [false, 'has other grants', { publish: grant }],
  ])('is %s for a key that %s', async (isKnown, _, change) => {
    const identity = (await keyed()).identify(withKey('s'));
    if (identity === undefined || identity instanceof Promise) throw new Error('not known at once');
    expect((await keyed(change)).stillKnows(identity)).toBe(isKnown);
  });

  test('is true for tokens until they end, unless tokens are no longer taken', async () => {
    const tokens = await authenticatorOf({ authSecret: 's'.repeat(32) });
    const token = await tokens.verify(await signWith('s'.repeat(32), { sub: '5' }), caller());
    expect(tokens.stillKnows({ ...token, expiresAt: undefined })).toBe(true);
    expect(tokens.stillKnows({ ...token, expiresAt: Date.now() + 10_000 })).toBe(true);
    expect(tokens.stillKnows({ ...token, expiresAt: Date.now() - 1 })).toBe(false);
    expect((await keyed()).stillKnows({ ...token, expiresAt: undefined })).toBe(false);
  });

  test('is true for everybody where nobody is authenticated, and for the anonymous', async () => {
    const off = await authenticatorOf({});
    expect(off.isOn).toBe(false);
    expect(off.identify(withKey('s'))).toBeUndefined();
    expect(await refusalOf(() => off.verify('a.b.c', caller()))).toBe('unsupported: nobody is authenticated here');
    const anonymous = { id: 'anonymous', kind: 'anonymous', access: { subscribe: [], publish: [] }, expiresAt: undefined } as const;
    expect(off.stillKnows(anonymous)).toBe(true);
    expect((await keyed()).stillKnows(anonymous)).toBe(true);
  });
});
