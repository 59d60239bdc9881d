import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  converted,
  duration,
  either,
  exactly,
  flag,
  type Infer,
  integer,
  json,
  listOf,
  mapOf,
  nullable,
  number,
  oneOf,
  optional,
  readYaml,
  record,
  type Shape,
  text,
} from '../../src/document/index.js';
import { clientName } from '../../src/scenario/file/client-name.js';

/** What a shape makes of YAML, and its complaints as `line:column message`. */
function check<T>(shape: Shape<T>, yaml: string): { value: T | undefined; complaints: readonly string[] } {
  const { root } = readYaml(yaml);
  if (root === undefined) throw new Error(`no YAML: ${yaml}`);
  const complaints: string[] = [];
  const names = new Set(['alice', 'bob']);
  const value = shape.check(root, {
    names,
    complain: ({ message, place }) => complaints.push(`${place.line}:${place.column} ${message}`),
  });
  return { value, complaints };
}

const COUNT = record('How often', { least: integer('At least', { least: 0 }), most: optional(integer('At most', { least: 0, most: 9 })) });

describe('a shape', () => {
  test.each<readonly [string, Shape<unknown>, string, unknown]>([
    ['text', text(''), '"85"', '85'],
    ['a word', oneOf('', ['any', 'same']), 'same', 'same'],
    ['a whole number', integer('', { least: 1, most: 3 }), '3', 3],
    ['a number with a fraction', number('', { least: 0.1, most: 9 }), '0.5', 0.5],
    ['a number without bounds', number(''), '-1e300', -1e300],
    ['a list of as many items as it may have', listOf('', text(''), { least: 1, most: 2 }), '[a, b]', ['a', 'b']],
    ['what is converted', converted(integer('', { least: 0 }), String), '3', '3'],
    ['a flag', flag(''), 'false', false],
    ['a duration in ms', duration(''), '300ms', 300],
    ['a duration in s', duration(''), '1.5s', 1500],
    ['a duration in minutes', duration(''), '2m', 120_000],
    ['a duration in hours', duration(''), '1h', 3_600_000],
    ['no duration at all', duration(''), '0', 0],
    ['any value', json(''), '{ a: [1, null, "x"] }', { a: [1, null, 'x'] }],
    ['one value', exactly(false), 'false', false],
    ['null', nullable(text('')), '~', null],
    ['a list', listOf('', text('')), '[a, b]', ['a', 'b']],
    [
      'a map, also of a name that objects have',
      mapOf('', nullable(text(''))),
      '{ __proto__: a, b: null }',
      JSON.parse('{"__proto__":"a","b":null}'),
    ],
    ['the name of a client', clientName(''), 'bob', 'bob'],
    ['a record without what is optional', COUNT, '{ least: 1 }', { least: 1 }],
    ['a scalar or a list', either('', { scalar: text(''), list: listOf('', text('')) }), '[a]', ['a']],
  ])('reads %s', (_, shape, yaml, value) => {
    expect(check(shape, yaml)).toEqual({ value, complaints: [] });
  });

  test.each<readonly [Shape<unknown>, string, readonly string[]]>([
    [text(''), '85', ['1:1 found the number 85, expected text: put it in quotes']],
    [text(''), 'true', ['1:1 found `true`, expected text: put it in quotes']],
    [text(''), '', ['1:1 found no value (null), expected text']],
    [oneOf('', ['any', 'same']), 'sane', ['1:1 found the text "sane", expected one of any, same: did you mean "same"?']],
    [oneOf('', ['own']), 'x', ['1:1 found the text "x", expected "own"']],
    [integer('', { least: 1 }), '0', ['1:1 found the number 0, expected a whole number of at least 1']],
    [integer('', { least: 0, most: 15 }), '1.5', ['1:1 found the number 1.5, expected a whole number from 0 to 15']],
    [integer('', { least: 0 }), '[]', ['1:1 found an empty list, expected a whole number of at least 0']],
    [number('', { least: 0.1 }), '0', ['1:1 found the number 0, expected a number of at least 0.1']],
    [number('', { most: 1 }), '2', ['1:1 found the number 2, expected a number of at most 1']],
    [number(''), 'a', ['1:1 found the text "a", expected a number']],
    [converted(integer('', { least: 1 }), String), '0', ['1:1 found the number 0, expected a whole number of at least 1']],
    [duration('', { least: 10 }), '9ms', ['1:1 found the text "9ms", expected a duration such as 300ms or 2s, of at least 10ms']],
    [duration('', { least: 10 }), '0', ['1:1 found the number 0, expected a duration such as 300ms or 2s, of at least 10ms']],
    [duration(''), '600h', ['1:1 found the text "600h", expected a duration such as 300ms or 2s']],
    [listOf('', text(''), { least: 0, most: 1 }), '[a, b]', ['1:1 found a list, expected a list of at most 1']],
    [listOf('', text(''), { least: 2, most: 2 }), '[a]', ['1:1 found a list, expected a list of 2']],
    [flag(''), 'yes', ['1:1 found the text "yes", expected `true` or `false`']],
    [duration(''), '300', ['1:1 found the number 300, expected a duration such as 300ms or 2s']],
    [exactly(true), 'false', ['1:1 found `false`, expected `true`']],
    [nullable(text('')), '1', ['1:1 found the number 1, expected text: put it in quotes']],
    [clientName(''), 'alcie', ['1:1 there is no client "alcie": did you mean "alice"? The clients are alice, bob']],
    [clientName(''), 'server', ['1:1 there is no client "server": the clients are alice, bob']],
    [clientName(''), '1', ["1:1 found the number 1, expected a client's name"]],
    [
      listOf('', flag('')),
      '[1, true, 2]',
      ['1:2 found the number 1, expected `true` or `false`', '1:11 found the number 2, expected `true` or `false`'],
    ],
    [listOf('', text(''), { least: 1 }), '[]', ['1:1 found an empty list, expected a list of at least 1']],
    [mapOf('', text('')), 'a', ['1:1 found the text "a", expected a map']],
    [
      COUNT,
      '{ most: 10, leats: 1 }',
      [
        '1:9 found the number 10, expected a whole number from 0 to 9',
        '1:13 there is no member "leats": did you mean "least"?',
        '1:1 the member "least" is missing',
      ],
    ],
    [COUNT, '5', ['1:1 found the number 5, expected a map: its members are least, most']],
    [either('', { scalar: text(''), list: listOf('', text('')) }), '{}', ['1:1 found an empty map, expected text or a list']],
  ])('%#: complains with what was found and what was expected', (shape, yaml, complaints) => {
    expect(check(shape, yaml)).toEqual({ value: undefined, complaints });
  });

  test('takes no variable of the run time where a number stands', () => {
    expect(check(integer('', { least: 0 }), `"\${offset}"`).complaints).toEqual([
      `1:1 found the text "\${offset}", expected a whole number of at least 0: a value that is known at run time only cannot stand here`,
    ]);
  });
});

describe('a record', () => {
  const SHAPE = record(
    'What is sent',
    {
      client: text(''),
      text: optional(text('')),
      json: optional(json('')),
      hex: optional(text('')),
      chop: optional(flag('')),
      end: optional(flag('')),
    },
    { exactlyOne: [['text', 'json', 'hex']], atMostOne: [['chop', 'end']], atLeastOne: [['client', 'end']] },
  );

  test.each([
    ['{ client: a, text: a, json: 1 }', '1:1 found "text" and "json", of which only one may be given'],
    ['{ client: a, text: a, json: 1, hex: b }', '1:1 found "text", "json" and "hex", of which only one may be given'],
    ['{ client: a }', '1:1 found none of "text", "json" and "hex", expected one of them'],
    ['{ client: a, hex: b, chop: true, end: true }', '1:1 found "chop" and "end", of which only one may be given'],
    ['{ client: a, hex: b, chops: true }', '1:22 there is no member "chops": did you mean "chop"?'],
    ['{ hex: b, end: true }', '1:1 the member "client" is missing'],
  ])('keeps together what goes together: %s', (yaml, complaint) => {
    expect(check(SHAPE, yaml)).toEqual({ value: undefined, complaints: [complaint] });
  });

  test('has the type of its members', () => {
    expectTypeOf<Infer<typeof COUNT>>().toEqualTypeOf<{ readonly least: number; readonly most?: number }>();
    const order = record('', { order: optional(oneOf('', ['any', 'same'])), to: either('', { scalar: text(''), map: COUNT }) });
    expectTypeOf<Infer<typeof order>>().toEqualTypeOf<{
      readonly order?: 'any' | 'same';
      readonly to: string | { readonly least: number; readonly most?: number };
    }>();
  });
});
