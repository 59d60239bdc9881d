import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Grant, grantsFor, type Json, matches, type Notification, namesTopic, permits, readGrants } from '../../src/protocol/index.js';
import { refusal } from './arbitraries.js';

const CHANNEL_2 = { package: 'p', page: 'messages', filters: { values: { channel: ['2'] } } };

function notice(filters: Notification['filters'], topic: Partial<Notification> = {}): Notification {
  return { package: 'p', page: 'messages', ...topic, ...(filters === undefined ? {} : { filters }) };
}

describe('a list of grants', () => {
  test.each<[what: string, value: Json | undefined, grants: readonly Grant[]]>([
    ['that is absent holds nothing', undefined, []],
    ['that is empty holds nothing', [], []],
    ['may name any package and page', [{ package: '*', page: '*' }], [{ package: '*', page: '*', filters: {} }]],
    ['has filters like a subscription', [CHANNEL_2], [CHANNEL_2]],
    ['has wildcards like a subscription', [{ ...CHANNEL_2, filters: true }], [{ ...CHANNEL_2, filters: {} }]],
  ])('%s (R-7.3)', (_, value, grants) => {
    expect(readGrants(value, '/wsn/subscribe')).toEqual(grants);
  });

  test.each<[value: Json, path: string, message: string]>([
    [null, '', 'expected an array of grants, found null'],
    [{ package: '*', page: '*' }, '', 'expected an array of grants, found an object'],
    ['*', '', 'expected an array of grants, found a string'],
    [['*'], '/0', 'expected a grant (an object), found a string'],
    [[{ package: 'p', page: 'q', filter: { values: '2' } }], '/0/filter', 'expected a grant to have package, page and filters alone'],
    [[CHANNEL_2, { ...CHANNEL_2, 'a~/b': null }], '/1/a~0~1b', 'expected a grant to have package, page and filters alone'],
    [[{ page: 'q' }], '/0/package', 'expected a name or "*", found nothing'],
    [[{ package: '', page: 'q' }], '/0/package', 'expected a name or "*", found an empty string'],
    [[{ package: 'p', page: ['q'] }], '/0/page', 'expected a name or "*", found an array'],
    [[CHANNEL_2, { package: 'p', page: 'é'.repeat(129) }], '/1/page', 'expected at most 256 bytes'],
    [[{ ...CHANNEL_2, filters: 'x' }], '/0/filters', 'expected an object of filters, found a string'],
    [Array(1001).fill(CHANNEL_2) as Json, '', 'expected at most 1000 grants, found 1001'],
    [[{ ...CHANNEL_2, filters: { v: Array(10_000).fill('x') as Json } }], '', 'expected at most 10000 filter values in all, found 10002'],
  ])('%j is refused at %j (R-7.3)', (value, path, message) => {
    const error = refusal(() => readGrants(value, '/wsn/subscribe'));
    expect([error.code, error.path, error.message]).toEqual(['unauthenticated', `/wsn/subscribe${path}`, message]);
  });
});

describe('a grant', () => {
  test('lets through what a subscription of its words matches, and nothing else (R-7.3)', () => {
    const value = fc.constantFrom<Json>(
      '2',
      '3',
      2,
      true,
      null,
      ['2'],
      ['3', '4'],
      { channel: '2' },
      { channel: ['2', '3'], line: 7 },
      {},
      [],
    );
    const filters = fc.dictionary(fc.constantFrom('values', 'value', '__proto__'), value, { maxKeys: 2 });
    fc.assert(
      fc.property(filters, filters, (wanted, given) => {
        const grant = { package: 'p', page: 'messages', filters: wanted };
        expect(permits([grant], notice(given))).toBe(matches(grant, notice(given)));
      }),
      { numRuns: 2000 },
    );
  });

  test('for channel 2 keeps back what a subscription for channel 2 and line 7 matches by a bare 7 (R-7.3)', () => {
    const subscription = { package: 'p', page: 'messages', filters: { values: { channel: '2', line: '7' } } };
    expect(matches(subscription, notice({ values: '7' }))).toBe(true);
    expect(permits([CHANNEL_2], notice({ values: '7' }))).toBe(false);
  });

  test.each<[grant: Grant, isNamed: boolean]>([
    [{ package: 'p', page: 'messages' }, true],
    [{ package: '*', page: 'messages' }, true],
    [{ package: 'p', page: '*' }, true],
    [{ package: '*', page: '*' }, true],
    [{ package: 'p', page: 'message' }, false],
    [{ package: 'P', page: '*' }, false],
    [{ package: 'p*', page: '*' }, false],
  ])('%j names p/messages: %s (R-7.3)', (grant, isNamed) => {
    expect(namesTopic([grant], notice(undefined))).toBe(isNamed);
    expect(permits([grant], notice(undefined))).toBe(isNamed);
    expect(grantsFor([grant, CHANNEL_2], notice(undefined))).toEqual(isNamed ? [grant, CHANNEL_2] : [CHANNEL_2]);
  });

  test('is one of a list, of which any is enough, and "all" is everything (R-7.3)', () => {
    const other = { ...CHANNEL_2, filters: { values: { channel: ['9'] } } };
    expect(permits([other, CHANNEL_2], notice({ values: '2' }))).toBe(true);
    expect(permits([other], notice({ values: '2' }))).toBe(false);
    expect(permits([], notice({ values: '2' }))).toBe(false);
    expect(permits('all', notice({ values: '2' }))).toBe(true);
    expect([namesTopic('all', CHANNEL_2), namesTopic([], CHANNEL_2)]).toEqual([true, false]);
  });
});
