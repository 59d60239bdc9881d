import process from 'node:process';
import fc from 'fast-check';
import type { Filters, Json, JsonObject, Notification, Subscription, Topic } from '../../../src/protocol/index.js';

/** Runs of a law: the most where nobody waits for them. */
export const RUNS = process.env.CI ? 10_000 : 1_000;

/** Few, so that both sides often name the same; half of them are names that every object of JavaScript has. */
const NAMES = ['a', 'b', '', '__proto__', 'constructor', 'hasOwnProperty', 'toString'];
const SCALARS: readonly Json[] = ['2', 2, '02', 'x', null, 'null', true, 'true', false];

const scalar = fc.constantFrom(...SCALARS);
const wildcard: fc.Arbitrary<Json> = fc.constantFrom<Json[]>(true, {});

/** Objects with own members, also for `__proto__`, as `JSON.parse` makes them. */
function members(value: fc.Arbitrary<Json>): fc.Arbitrary<JsonObject> {
  const name = fc.oneof({ weight: 5, arbitrary: fc.constantFrom('a', 'b') }, { weight: 2, arbitrary: fc.constantFrom(...NAMES) });
  return fc.array(fc.tuple(name, value), { maxLength: 2 }).map((entries) => Object.fromEntries(entries));
}

/** Any JSON of the alphabets, up to five levels of arrays and objects. */
const value: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'medium', withCrossShrink: true },
    { weight: 4, arbitrary: scalar },
    { weight: 1, arbitrary: wildcard },
    { weight: 2, arbitrary: fc.array(tie('value'), { maxLength: 3 }) as fc.Arbitrary<Json> },
    { weight: 4, arbitrary: members(tie('value')) as fc.Arbitrary<Json> },
  ),
})).value;

export const TOPICS: readonly Topic[] = [
  { package: 'p', page: 'q' },
  { package: 'p', page: 'r' },
];

const topic = fc.oneof({ weight: 3, arbitrary: fc.constant(TOPICS[0]) }, { weight: 1, arbitrary: fc.constant(TOPICS[1]) });
const none = fc.constantFrom<(Filters | undefined)[]>(undefined, null, {}, []);

function about<T extends Topic>(filters: fc.Arbitrary<Filters | undefined>): fc.Arbitrary<T> {
  return fc.tuple(topic, filters).map(([pair, found]) => ({ ...pair, ...(found === undefined ? {} : { filters: found }) }) as T);
}

export const subscription = about<Subscription>(
  fc.oneof({ weight: 12, arbitrary: members(value) }, { weight: 1, arbitrary: none }, { weight: 1, arbitrary: fc.constant<Filters>(true) }),
);

/** One peer's whole set. */
export const set = fc.array(subscription, { minLength: 1, maxLength: 4 });

export const notification = about<Notification>(fc.oneof({ weight: 12, arbitrary: members(value) }, { weight: 1, arbitrary: none }));
