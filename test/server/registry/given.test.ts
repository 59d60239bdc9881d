import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Json, type JsonObject, matches, membersOf } from '../../../src/protocol/index.js';
import { Given } from '../../../src/server/registry/given.js';
import { notification, RUNS, subscription } from './arbitraries.js';

const TOPIC = { package: 'p', page: 'q' };

/** The same value, its outermost arrays said over and over until they are long: it is accepted as before. */
function lengthened(value: Json): Json {
  if (Array.isArray(value)) return Array.from({ length: 20 }, () => value).flat();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, lengthened(entry as Json)]));
}

test('a comparison says what the definition says, also of arrays that are long (R-3.1, R-3.2, R-3.3)', { timeout: 120_000 }, () => {
  let accepted = 0;
  fc.assert(
    fc.property(fc.array(subscription, { minLength: 1, maxLength: 8 }), notification, fc.boolean(), (wishes, sought, isLong) => {
      const filters = membersOf(sought.filters);
      const members = Object.entries(filters).map(([name, value]) => [name, isLong ? lengthened([value, value]) : value] as const);
      const given = Object.fromEntries(members) as JsonObject;
      const prepared = new Given(given);
      for (const wish of wishes) {
        const wanted = membersOf(wish.filters);
        const expected = matches({ ...TOPIC, filters: wanted }, { ...TOPIC, filters: given });
        expect(prepared.isWantedBy(wanted)).toBe(expected);
        if (expected) accepted++;
      }
    }),
    { numRuns: RUNS },
  );
  expect(accepted).toBeGreaterThan(RUNS / 10);
});

test('a long array is read once, however many subscriptions are compared with it and however much they want', () => {
  let reads = 0;
  const counted = new Proxy(
    Array.from({ length: 1000 }, (_, index) => `${index}`),
    {
      get: (target, name, receiver) => {
        if (typeof name === 'string' && /^\d+$/.test(name)) reads++;
        return Reflect.get(target, name, receiver);
      },
    },
  );
  const given = new Given({ a: counted, b: '1' });
  const wanted = Array.from({ length: 1000 }, (_, index) => `other ${index}`);
  for (let turn = 0; turn < 100; turn++) expect(given.isWantedBy({ a: wanted, b: '1' })).toBe(false);
  expect(given.isWantedBy({ a: [...wanted, 999], b: '1' })).toBe(true);
  expect(reads).toBe(1000);
});
