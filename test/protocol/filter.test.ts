import { describe, expect, test } from 'vitest';
import { countValues, readFilters } from '../../src/protocol/filter.js';
import { comparisonForm, describe as describeValue, type Json, membersOf } from '../../src/protocol/index.js';
import { nested, refusal } from './arbitraries.js';

const SIDES = ['subscription', 'notification'] as const;

describe('filters', () => {
  test.each([
    ['absent', undefined],
    ['null', null],
    ['an empty object', {}],
    ['an empty array, PHP’s empty map', []],
  ] as const)('that are %s are no filters, on both sides (R-3.1)', (_form, value) => {
    for (const side of SIDES) expect(readFilters(value, side, '/filters')).toEqual({});
    expect(membersOf(value)).toEqual({});
  });

  test('that are true are no filters in a subscription, and invalid in a notification (R-3.1)', () => {
    expect(readFilters(true, 'subscription', '/filters')).toEqual({});
    expect(membersOf(true)).toEqual({});
    const error = refusal(() => readFilters(true, 'notification', '/filters'));
    expect(error.described).toBe('/filters: expected an object of filters, found true');
  });

  test.each([
    ['"2"', 'a string'],
    ['""', 'an empty string'],
    ['2', 'a number'],
    ['false', 'false'],
    ['["2"]', 'an array'],
    ['[[]]', 'an array'],
  ])('that are %s are invalid on both sides (R-3.1)', (text, found) => {
    for (const side of SIDES) {
      const error = refusal(() => readFilters(JSON.parse(text) as Json, side, '/here'));
      expect([error.code, error.described]).toEqual([`invalid-${side}`, `/here: expected an object of filters, found ${found}`]);
    }
  });

  test.each(['objects', 'mixed'] as const)('nest 8 levels of %s, and 9 are refused (R-2.5)', (kind) => {
    // `mixed` begins with an array, so one object stands around it.
    const text = (levels: number) => (kind === 'objects' ? nested(levels, 'objects') : `{"a":${nested(levels - 1, 'mixed')}}`);
    for (const side of SIDES) {
      expect(readFilters(JSON.parse(text(8)) as Json, side, '/filters')).toEqual(JSON.parse(text(8)));
      const error = refusal(() => readFilters(JSON.parse(text(9)) as Json, side, '/filters'));
      expect([error.code, error.described]).toEqual([`invalid-${side}`, '/filters: nested deeper than 8 levels']);
    }
  });

  test('gain no level by a scalar at the bottom (R-2.5)', () => {
    const value = JSON.parse(`${'{"a":'.repeat(8)}"2"${'}'.repeat(8)}`) as Json;
    expect(readFilters(value, 'subscription', '/filters')).toEqual(value);
  });

  test.each([
    ['{}', 1],
    ['"2"', 1],
    ['{"a":"1"}', 2],
    ['{"a":["1","2",[]]}', 5],
    ['{"a":{"b":{}},"c":null}', 4],
  ])('%s counts as %i values, objects and arrays (R-2.6)', (text, count) => {
    expect(countValues(JSON.parse(text) as Json)).toBe(count);
  });
});

test.each([
  ['"2"', '2'],
  ['2', '2'],
  ['2.0', '2'],
  ['-0', '0'],
  ['85.5', '85.5'],
  ['1e3', '1000'],
  ['1e21', '1e+21'],
  ['1e-7', '1e-7'],
  ['0.000001', '0.000001'],
  ['12345678901234567890', '12345678901234567000'],
  ['9007199254740993', '9007199254740992'],
  ['1e999', 'Infinity'],
  ['true', 'true'],
  ['false', 'false'],
  ['"null"', 'null'],
  ['null', null],
])('%s is compared as %j (R-3.3)', (text, form) => {
  expect(comparisonForm(JSON.parse(text) as string)).toBe(form);
});

test.each([
  [undefined, 'nothing'],
  [null, 'null'],
  [[], 'an empty array'],
  [['secret'], 'an array'],
  [{ secret: 1 }, 'an object'],
  [true, 'true'],
  [0, 'a number'],
  ['', 'an empty string'],
  ['secret', 'a string'],
] as const)('a value is named by its type, nothing of it repeated: %j is %s', (value, name) => {
  expect(describeValue(value as Json | undefined)).toBe(name);
});
