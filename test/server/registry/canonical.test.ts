import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isObject,
  isScalar,
  isWildcard,
  type Json,
  type JsonObject,
  matches,
  type Subscription,
  topicKey,
} from '../../../src/protocol/index.js';
import { canonicalSet } from '../../../src/server/registry/canonical.js';
import { notification, RUNS, set } from './arbitraries.js';

/** The same wish in other words, chosen by `dice` at each turn. */
function respelled(wanted: Json, dice: () => number): Json {
  if (isWildcard(wanted)) return dice() % 2 ? true : {};
  if (isScalar(wanted)) return wanted !== null && dice() % 2 ? String(wanted) : wanted;
  if (isObject(wanted)) {
    const entries = Object.entries(wanted).map(([name, entry]) => [name, respelled(entry, dice)] as const);
    return Object.fromEntries(dice() % 2 ? entries.reverse() : entries);
  }
  const scalars = wanted.filter(isScalar).map((entry) => (entry === null || dice() % 2 ? entry : String(entry)));
  const inert: Json[] = dice() % 2 ? [[], { a: '2' }, ['2']] : [];
  return [...(dice() % 2 ? [...scalars, ...scalars] : scalars.reverse()), ...inert];
}

function respelledSet(subscriptions: readonly Subscription[], dice: () => number): Subscription[] {
  const others = subscriptions.map((one) => ({
    ...one,
    filters: isObject(one.filters) ? (respelled(one.filters, dice) as JsonObject) : null,
  }));
  return dice() % 2 ? [...others, ...others] : others.reverse();
}

/** Sets of one topic, as the registry cuts them. */
const setOfOneTopic = set.map((subscriptions) => subscriptions.map((one) => ({ ...one, package: 'p', page: 'q' })));

test('sets with equal canonical keys want the same of every notification (R-3.1, R-3.3)', { timeout: 120_000 }, () => {
  const drawn = fc.tuple(fc.array(setOfOneTopic, { minLength: 8, maxLength: 8 }), fc.array(notification, { minLength: 4, maxLength: 4 }));
  let equal = 0;
  fc.assert(
    fc.property(drawn, ([sets, notifications]) => {
      for (const [index, one] of sets.entries()) {
        for (const other of sets.slice(index + 1)) {
          if (canonicalSet(one).key !== canonicalSet(other).key) continue;
          equal++;
          for (const sought of notifications) {
            expect(one.some((wish) => matches(wish, sought))).toBe(other.some((wish) => matches(wish, sought)));
          }
        }
      }
    }),
    { numRuns: RUNS },
  );
  expect(equal).toBeGreaterThan(RUNS / 100);
});

test('a set that only says the same in other words has the same key, and wants the same (R-3.1, R-3.3)', { timeout: 120_000 }, () => {
  const drawn = fc.tuple(setOfOneTopic, fc.infiniteStream(fc.nat(1)), fc.array(notification, { maxLength: 4 }));
  fc.assert(
    fc.property(drawn, ([one, stream, notifications]) => {
      const other = respelledSet(one, () => stream.next().value as number);
      expect(canonicalSet(other).key).toBe(canonicalSet(one).key);
      for (const sought of notifications) {
        expect(other.some((wish) => matches(wish, sought))).toBe(one.some((wish) => matches(wish, sought)));
      }
    }),
    { numRuns: RUNS },
  );
});

describe('sets that differ in what they want have different keys', () => {
  const DIFFERENT: readonly [string, string, string][] = [
    ['the number 2 and the text 02', '{"a":2}', '{"a":"02"}'],
    ['null and the text null', '{"a":null}', '{"a":"null"}'],
    ['null and the text null in lists', '{"a":[null]}', '{"a":["null"]}'],
    ['a wildcard and the text true', '{"a":true}', '{"a":"true"}'],
    ['a wildcard and true in a list', '{"a":true}', '{"a":[true]}'],
    ['a wildcard and an asterisk', '{"a":true}', '{"a":"*"}'],
    ['an empty list and no condition', '{"a":[]}', '{}'],
    ['an own __proto__ and nothing', '{"__proto__":"2"}', '{}'],
    ['a name with a quote and two names', '{"a\\":\\"2\\",\\"b":"2"}', '{"a":"2","b":"2"}'],
    ['a member of a member and both beside each other', '{"a":{"b":"2"}}', '{"a":{},"b":"2"}'],
  ];
  test.each(DIFFERENT)('%s', (_, one, other) => {
    const text = (filters: string): string => canonicalSet([{ package: 'p', page: 'q', filters: JSON.parse(filters) }]).key;
    expect(text(one)).not.toBe(text(other));
  });

  test('two wishes, and one that a line break makes look like two', () => {
    const wish = (name: string): Subscription => ({ package: 'p', page: 'q', filters: { [name]: '2' } });
    expect(canonicalSet([wish('a'), wish('b')]).key).not.toBe(canonicalSet([wish('a":"2"}\n{"b')]).key);
    expect(topicKey(wish('a'))).toBe(topicKey(wish('b')));
  });
});

describe('what is kept of a set', () => {
  test('is a key that stays short however much is wanted', () => {
    const wish = (last: string): Subscription => ({
      package: 'p',
      page: 'q',
      filters: { a: [...Array.from({ length: 5000 }, (_, index) => `${index}`), last] },
    });
    const [one, other] = [canonicalSet([wish('x')]), canonicalSet([wish('y')])];
    expect(one.key).toHaveLength(32);
    expect(one.key).not.toBe(other.key);
    expect(canonicalSet([wish('x')]).key).toBe(one.key);
  });

  test('is each wish once, however often and in whatever words it stands there', () => {
    const filters: JsonObject[] = [
      { a: ['2', '3'], b: true },
      { b: {}, a: [3, 2, 2] },
      { a: '2', b: true },
    ];
    expect(canonicalSet(filters.map((wanted) => ({ package: 'p', page: 'q', filters: wanted }))).filters).toHaveLength(2);
  });
});
