import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accepts, type Filters, isWildcard, type Json, matches } from '../../src/protocol/index.js';
import { filters, json, RUNS } from './arbitraries.js';
import { tableAccepts, tableMatches } from './matching-table.js';

const YES = true;
const NO = false;

/** A sentence, what is wanted, what is given (as they would be written in a message), and the verdict. */
type Case = readonly [sentence: string, wanted: string, given: string, verdict: boolean];

const ROW_1: readonly Case[] = [
  ['true accepts a string', 'true', '"2"', YES],
  ['true accepts an empty string', 'true', '""', YES],
  ['true accepts a number', 'true', '85.5', YES],
  ['true accepts zero', 'true', '0', YES],
  ['true accepts false', 'true', 'false', YES],
  ['true accepts true', 'true', 'true', YES],
  ['true accepts null', 'true', 'null', YES],
  ['true accepts an array', 'true', '["2"]', YES],
  ['true accepts an empty array', 'true', '[]', YES],
  ['true accepts an object', 'true', '{"channel":"2"}', YES],
  ['true accepts an empty object', 'true', '{}', YES],
];
const ROW_2: readonly Case[] = [
  ['an empty object accepts a string', '{}', '"2"', YES],
  ['an empty object accepts null', '{}', 'null', YES],
  ['an empty object accepts false', '{}', 'false', YES],
  ['an empty object accepts an empty array', '{}', '[]', YES],
  ['an empty object accepts an empty object', '{}', '{}', YES],
  ['an empty object accepts an object', '{}', '{"channel":"2"}', YES],
];
const ROW_3: readonly Case[] = [
  ['of an array given, one element that is equal is enough', '"2"', '["1","2"]', YES],
  ['of an array given, no element may be equal', '"4"', '["1","2"]', NO],
  ['an empty array given is accepted by no scalar', '"2"', '[]', NO],
  ['an empty array given is not accepted by null', 'null', '[]', NO],
  ['an empty array given is accepted by no list', '["2"]', '[]', NO],
  ['an empty array given is not accepted by an empty list', '[]', '[]', NO],
  ['an empty array given is not accepted by an object with members', '{"a":true}', '[]', NO],
  ['a list wanted and an array given need one value in common', '["3","2"]', '["1","2"]', YES],
  ['a list wanted and an array given with nothing in common do not meet', '["3","4"]', '["1","2"]', NO],
  ['an array inside an array given is looked into', '"2"', '["1",["2"]]', YES],
  ['arrays in arrays given are looked into at any depth', '"2"', '[[[["2"]]]]', YES],
  ['empty arrays in an array given accept nothing', '"2"', '[[],[[]]]', NO],
  ['an object in an array given meets an object wanted', '{"a":"1"}', '[{"a":"2"},{"a":"1"}]', YES],
  ['the members wanted must be accepted by one and the same object', '{"a":"1","b":"2"}', '[{"a":"1"},{"b":"2"}]', NO],
  ['an object wanted meets a scalar in an array given by any entry', '{"a":"1","b":"2"}', '["2"]', YES],
  ['a scalar wanted never accepts an object in an array', '"1"', '[{"a":"1"}]', NO],
  ['null wanted accepts null in an array', 'null', '["1",null]', YES],
  ['a number wanted accepts the same as text in an array', '2', '["2"]', YES],
  ['a list wanted does not equal an array given as a whole', '[["1","2"]]', '["1","2"]', NO],
];
const ROW_4: readonly Case[] = [
  ['a list accepts a value that stands in it', '["2","3","5"]', '"2"', YES],
  ['a list accepts its last value', '["2","3","5"]', '"5"', YES],
  ['a list refuses a value that does not stand in it', '["2","3","5"]', '"4"', NO],
  ['a list of numbers accepts the same as text', '[2,3,5]', '"3"', YES],
  ['a list of texts accepts the same as a number', '["2","3","5"]', '3', YES],
  ['an empty list accepts no string', '[]', '"2"', NO],
  ['an empty list does not accept null', '[]', 'null', NO],
  ['an empty list does not accept an empty string', '[]', '""', NO],
  ['true in a list is no wildcard', '[true]', '"2"', NO],
  ['true in a list accepts true', '[true]', 'true', YES],
  ['true in a list accepts "true"', '[true]', '"true"', YES],
  ['true in a list does not accept 1', '[true]', '1', NO],
  ['false in a list accepts false', '[false]', 'false', YES],
  ['null in a list accepts null', '["2",null]', 'null', YES],
  ['null in a list does not accept "null"', '[null]', '"null"', NO],
  ['an array in a list is inert', '[["2"]]', '"2"', NO],
  ['an object in a list is inert', '[{"a":"2"}]', '"2"', NO],
  ['an empty object in a list is no wildcard', '[{}]', '"2"', NO],
  ['an empty array in a list is not an empty string', '[[]]', '""', NO],
  ['beside what is inert in a list, scalars still accept', '[["2"],{},"2"]', '"2"', YES],
];
const ROW_5: readonly Case[] = [
  ['a string accepts the same string', '"2"', '"2"', YES],
  ['a string refuses another', '"2"', '"3"', NO],
  ['upper case is not lower case', '"A"', '"a"', NO],
  ['a space counts', '"2"', '"2 "', NO],
  ['an empty string accepts an empty string', '""', '""', YES],
  ['an empty string does not accept null', '""', 'null', NO],
  ['an empty string does not accept 0', '""', '0', NO],
  ['an empty string does not accept false', '""', 'false', NO],
  ['false does not accept 0', 'false', '0', NO],
  ['false accepts "false"', 'false', '"false"', YES],
  ['null accepts null', 'null', 'null', YES],
  ['null does not accept "null"', 'null', '"null"', NO],
  ['"null" does not accept null', '"null"', 'null', NO],
  ['null does not accept false', 'null', 'false', NO],
  ['"true" accepts true', '"true"', 'true', YES],
  ['composed and decomposed letters differ', '"\\u00e9"', '"e\\u0301"', NO],
  ['an escaped letter is the letter', '"\\u00e9"', '"é"', YES],
];
const NUMBERS: readonly Case[] = [
  ['"2" equals 2', '"2"', '2', YES],
  ['2 equals "2"', '2', '"2"', YES],
  ['"02" does not equal 2', '"02"', '2', NO],
  ['"02" does not equal "2"', '"02"', '"2"', NO],
  ['"2.0" does not equal 2', '"2.0"', '2', NO],
  ['"2" equals 2.0, which is the number 2', '"2"', '2.0', YES],
  ['85.5 equals "85.5"', '85.5', '"85.5"', YES],
  ['85.0 equals 85', '85.0', '85', YES],
  ['85.0 equals "85"', '85.0', '"85"', YES],
  ['"85.0" does not equal 85.0', '"85.0"', '85.0', NO],
  ['1e3 equals "1000"', '1e3', '"1000"', YES],
  ['"1e3" does not equal 1000', '"1e3"', '1000', NO],
  ['1e21 equals "1e+21"', '1e21', '"1e+21"', YES],
  ['0.0000001 equals "1e-7"', '0.0000001', '"1e-7"', YES],
  ['-0 equals 0', '-0', '0', YES],
  ['-0 equals "0"', '-0', '"0"', YES],
  ['"-0" does not equal -0', '"-0"', '-0', NO],
  ['-1 equals "-1"', '-1', '"-1"', YES],
  ['"+1" does not equal 1', '"+1"', '1', NO],
  ['integers above 2^53 may be equal though they differ', '9007199254740993', '9007199254740992', YES],
  ['a long id as a number does not equal itself as text', '12345678901234567890', '"12345678901234567890"', NO],
  ['a long id as text equals itself only', '"12345678901234567890"', '"12345678901234567891"', NO],
  ['1 does not equal true', '1', 'true', NO],
  ['0 does not equal null', '0', 'null', NO],
];
const ROW_6: readonly Case[] = [
  ['an object accepts an object with the same member', '{"channel":"2"}', '{"channel":"2"}', YES],
  ['members that only the notification has are no obstacle', '{"channel":"2"}', '{"channel":"2","user":"7"}', YES],
  ['every member wanted must be there', '{"a":"1","b":"2"}', '{"a":"1"}', NO],
  ['every member wanted must accept', '{"a":"1","b":"2"}', '{"a":"1","b":"3"}', NO],
  ['all members wanted are there and accept', '{"a":"1","b":"2"}', '{"b":"2","a":"1"}', YES],
  ['a member wanted does not meet an empty object', '{"a":true}', '{}', NO],
  ['true on a member accepts null in it', '{"a":true}', '{"a":null}', YES],
  ['an empty object on a member needs the member', '{"a":{}}', '{"b":"1"}', NO],
  ['objects nest', '{"a":{"b":{"c":"1"}}}', '{"a":{"b":{"c":1}}}', YES],
  ['objects nest, and the innermost refuses', '{"a":{"b":{"c":"1"}}}', '{"a":{"b":{"c":2}}}', NO],
  ['an object below meets a scalar by any entry', '{"a":{"b":"1","c":"2"}}', '{"a":"2"}', YES],
  ['names are compared exactly', '{"Channel":"2"}', '{"channel":"2"}', NO],
  ['an empty name is a name', '{"":"2"}', '{"":"2"}', YES],
  ['__proto__ is an ordinary name', '{"__proto__":"2"}', '{"__proto__":"2"}', YES],
  ['__proto__ is not in every object', '{"__proto__":true}', '{}', NO],
  ['__proto__ with members is compared like any object', '{"__proto__":{"a":"1"}}', '{"__proto__":{"a":"2"}}', NO],
  ['constructor is not in every object', '{"constructor":true}', '{"a":"1"}', NO],
  ['constructor is an ordinary name', '{"constructor":"1"}', '{"constructor":"1"}', YES],
  ['hasOwnProperty is an ordinary name', '{"hasOwnProperty":"1","a":"2"}', '{"hasOwnProperty":"1","a":"2"}', YES],
  ['hasOwnProperty is not in every object', '{"hasOwnProperty":true}', '{}', NO],
];
const ROW_7: readonly Case[] = [
  ['an object accepts a scalar that any entry accepts', '{"channel":["2","3","5"]}', '"2"', YES],
  ['an object refuses a scalar that no entry accepts', '{"channel":["2","3","5"]}', '"4"', NO],
  ['an object against a scalar is OR', '{"a":"1","b":"2"}', '"2"', YES],
  ['true in an entry accepts any scalar', '{"oee":true}', '"2"', YES],
  ['true in an entry accepts null', '{"oee":true}', 'null', YES],
  ['an empty object in an entry accepts any scalar', '{"oee":{}}', '"2"', YES],
  ['entries of entries accept too', '{"a":{"b":{"c":"2"}}}', '"2"', YES],
  ['an empty list in an entry accepts nothing', '{"a":[]}', '"2"', NO],
  ['true in a list in an entry is no wildcard', '{"a":[true]}', '"2"', NO],
  ['null in an entry accepts null', '{"a":"1","b":null}', 'null', YES],
  ['an entry called __proto__ accepts', '{"__proto__":"2"}', '"2"', YES],
];
const ROW_8: readonly Case[] = [
  ['a string never accepts an object', '"2"', '{"channel":"2"}', NO],
  ['a number never accepts an object', '2', '{"channel":2}', NO],
  ['false never accepts an object', 'false', '{}', NO],
  ['null never accepts an object', 'null', '{}', NO],
  ['a list never accepts an object', '["2"]', '{"channel":"2"}', NO],
  ['a list with the very object never accepts it', '[{"channel":"2"}]', '{"channel":"2"}', NO],
  ['an empty list never accepts an empty object', '[]', '{}', NO],
  ['"[object Object]" never accepts an object', '"[object Object]"', '{}', NO],
];

describe('the matching table', () => {
  test.each([...ROW_1, ...ROW_2])('%s: %s against %s (R-3.2)', proves);
  test.each(ROW_3)('%s: %s against %s (R-3.2)', proves);
  test.each(ROW_4)('%s: %s against %s (R-3.2)', proves);
  test.each(ROW_5)('%s: %s against %s (R-3.2, R-3.3)', proves);
  test.each(NUMBERS)('%s: %s against %s (R-3.3)', proves);
  test.each(ROW_6)('%s: %s against %s (R-3.2)', proves);
  test.each(ROW_7)('%s: %s against %s (R-3.2)', proves);
  test.each(ROW_8)('%s: %s against %s (R-3.2)', proves);

  test('is what the code does, for any JSON on both sides (R-3.2)', () => {
    fc.assert(
      fc.property(json, json, (wanted, given) => {
        expect(accepts(wanted, given)).toBe(tableAccepts(wanted, given));
      }),
      { numRuns: RUNS },
    );
  });

  test('has both verdicts often enough under the generated values to prove something', () => {
    const verdicts = fc.sample(fc.tuple(json, json), { numRuns: 2000, seed: 1 }).map(([wanted, given]) => tableAccepts(wanted, given));
    expect(verdicts.filter((verdict) => verdict).length).toBeGreaterThan(200);
    expect(verdicts.filter((verdict) => !verdict).length).toBeGreaterThan(200);
  });

  test.each([
    ['true', YES],
    ['{}', YES],
    ['[]', NO],
    ['[true]', NO],
    ['"true"', NO],
    ['1', NO],
    ['null', NO],
    ['{"a":true}', NO],
  ])('has two wildcards, true and the empty object: %s (R-3.2)', (text, verdict) => {
    expect(isWildcard(JSON.parse(text) as Json)).toBe(verdict);
  });
});

function proves(_sentence: string, wanted: string, given: string, verdict: boolean): void {
  const pair = [JSON.parse(wanted), JSON.parse(given)] as [Json, Json];
  expect(accepts(...pair)).toBe(verdict);
  expect(tableAccepts(...pair)).toBe(verdict);
}

/** Filters of a subscription and of a notification of one topic; an absent one is written as an empty text. */
const FILTERS: readonly Case[] = [
  ['seed 1: a channel of a list is wanted', '{"values":{"channel":["2","3","5"]}}', '{"values":"2"}', YES],
  ['seed 1: another channel is refused', '{"values":{"channel":["2","3","5"]}}', '{"values":"4"}', NO],
  ['seed 2: any value of a member is wanted', '{"values":{"oee":true}}', '{"values":{"oee":85.5}}', YES],
  ['seed 2: a scalar is accepted by any entry', '{"values":{"oee":true}}', '{"values":"2"}', YES],
  ['seed 2: another member is refused', '{"values":{"oee":true}}', '{"values":{"trs":85.5}}', NO],
  ['a name that the notification does not have', '{"value":true}', '{"values":"2"}', NO],
  ['several filters are AND: all accept', '{"values":"2","user":["7","8"]}', '{"values":"2","user":7}', YES],
  ['several filters are AND: one refuses', '{"values":"2","user":["7","8"]}', '{"values":"2","user":9}', NO],
  ['several filters are AND: one is absent', '{"values":"2","user":true}', '{"values":"2"}', NO],
  ['absent filters are no condition', '', '{"values":"2"}', YES],
  ['null is no condition', 'null', '{"values":"2"}', YES],
  ['an empty object is no condition', '{}', '{"values":"2"}', YES],
  ['PHP’s empty map is no condition', '[]', '{"values":"2"}', YES],
  ['true is no condition', 'true', '{"values":"2"}', YES],
  ['no condition accepts a notification without filters', 'true', '', YES],
  ['a condition refuses a notification without filters', '{"values":true}', '', NO],
  ['a condition refuses a notification with null', '{"values":true}', 'null', NO],
  ['a condition refuses a notification with an empty map', '{"values":{}}', '[]', NO],
  ['true accepts a member that is null', '{"values":true}', '{"values":null}', YES],
  ['__proto__ is not given by every notification', '{"__proto__":true}', '{"values":"2"}', NO],
  ['__proto__ may be a filter', '{"__proto__":"2"}', '{"__proto__":["1","2"]}', YES],
  ['constructor is not given by every notification', '{"constructor":true}', '{}', NO],
  ['toString is not given by a notification without filters', '{"toString":true}', '', NO],
];

describe('a subscription', () => {
  const topic = { package: 'p', page: 'q' };

  test.each(FILTERS)('%s: %s against %s (R-3.1)', (_sentence, wanted, given, verdict) => {
    const read = (text: string) => (text === '' ? {} : { filters: JSON.parse(text) as Filters });
    expect(matches({ ...topic, ...read(wanted) }, { ...topic, ...read(given) })).toBe(verdict);
    expect(tableMatches(read(wanted).filters, read(given).filters)).toBe(verdict);
  });

  test.each([
    ['another package', { package: 'P', page: 'q' }],
    ['another page', { package: 'p', page: 'q ' }],
    ['both names exchanged', { package: 'q', page: 'p' }],
    ['both names joined otherwise', { package: 'pq', page: '' }],
  ])('does not match a notification of %s (R-3.1, R-2.4)', (_sentence, other) => {
    expect(matches(topic, other)).toBe(false);
    expect(matches(topic, topic)).toBe(true);
  });

  test('matches as R-3.1 says for any filters on both sides (R-3.1)', () => {
    const none = fc.constantFrom<Filters | undefined>(undefined, null, []);
    const wanted = fc.oneof({ weight: 8, arbitrary: filters }, { weight: 1, arbitrary: fc.oneof(none, fc.constant<Filters>(true)) });
    const given = fc.oneof({ weight: 8, arbitrary: filters }, { weight: 1, arbitrary: none });
    const withFilters = (value: Filters | undefined) => (value === undefined ? topic : { ...topic, filters: value });
    fc.assert(
      fc.property(wanted, given, (one, other) => {
        expect(matches(withFilters(one), withFilters(other))).toBe(tableMatches(one, other));
      }),
      { numRuns: RUNS },
    );
  });
});
