import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/protocol/index.js';
import { mismatch, patternProblem } from '../../../src/scenario/client/pattern.js';

const FITTING: readonly (readonly [string, Json, Json | undefined])[] = [
  ['an equal scalar', 2, 2],
  ['null against null', null, null],
  ['an object with more members than the pattern', { a: 1 }, { a: 1, b: 2 }],
  ['the empty pattern against any object', {}, { a: 1 }],
  ['a list of the same length whose elements fit', [{ a: 1 }, 2], [{ a: 1, b: 1 }, 2]],
  ['$any against null', { $any: true }, null],
  ['$absent against a missing member', { a: { $absent: true } }, {}],
  ['$type integer against a whole number', { $type: 'integer' }, 3],
  ['$type list against a list', { $type: 'list' }, []],
  ['$matches against text that has it', { $matches: '^/notification: ' }, '/notification: expected'],
  ['$oneOf whose elements are patterns', { $oneOf: [1, { a: { $any: true } }] }, { a: 5 }],
  ['$atLeast against the least', { $atLeast: 3 }, 3],
  ['$not against something else', { $not: 2 }, '2'],
  ['a member called as an operator beside another is plain data', { a: { $any: true }, b: 1 }, { a: 0, b: 1 }],
];

const DIFFERENT: readonly (readonly [string, Json, Json | undefined, string, string, string])[] = [
  ['a scalar of another type', { a: 2 }, { a: '2' }, '/a', '2', '"2"'],
  ['a missing member', { a: { b: 1 } }, { a: {} }, '/a/b', '1', 'nothing'],
  ['an inherited name is no member', { toString: { $any: true } }, {}, '/toString', 'anything', 'nothing'],
  ['a list of another length', [1], [1, 2], '', 'a list of 1', 'one of 2: [1,2]'],
  ['a list in another order', [1, 2], [2, 1], '/0', '1', '2'],
  ['an object where a list is expected', [1], { 0: 1 }, '', 'a list of 1', '{"0":1}'],
  ['a list where an object is expected', { 0: 1 }, [1], '', 'an object such as {"0":1}', '[1]'],
  ['$absent against null', { a: { $absent: true } }, { a: null }, '/a', 'nothing', 'null'],
  ['$type integer against a fraction', { $type: 'integer' }, 1.5, '', 'a value of type integer', '1.5'],
  ['$type object against a list', { $type: 'object' }, [], '', 'a value of type object', '[]'],
  ['$matches against a number', { $matches: '2' }, 2, '', 'text that matches /2/', '2'],
  ['$oneOf without a fit', { $oneOf: [1, 2] }, 3, '', 'one of [1,2]', '3'],
  ['$not against the value', { $not: { a: 1 } }, { a: 1, b: 2 }, '', 'not {"a":1}', '{"a":1,"b":2}'],
  ['a name with a slash in the pointer', { 'a/b~': 1 }, { 'a/b~': 2 }, '/a~1b~0', '1', '2'],
];

describe('a pattern', () => {
  it.each(FITTING)('fits %s', (_, pattern, found) => {
    expect(mismatch(pattern, found)).toBeUndefined();
  });

  it.each(DIFFERENT)('tells what is different for %s', (_, pattern, found, pointer, expected, shown) => {
    expect(mismatch(pattern, found)).toEqual({ pointer, expected, found: shown });
  });

  it.each([
    [{ $anny: true }, '$anny is no operator of a pattern: expected one of $any, $absent, $type, $matches, $oneOf, $atLeast, $not'],
    [{ a: [{ $any: true, b: 1 }] }, '$any stands beside other members: an operator is the only member of its object'],
    [{ $type: 'text' }, '$type "text" is no type: expected one of string, number, integer, boolean, null, list, object'],
    [{ $not: { $oneOf: 1 } }, '$oneOf has to be a list of values'],
    [{ $atLeast: '1' }, '$atLeast has to be a number'],
  ])('with a fault in it is refused: %j', (pattern, problem) => {
    expect(patternProblem(pattern as Json)).toBe(problem);
  });

  it('with a regular expression that is none is refused', () => {
    expect(patternProblem({ reason: { $matches: '(' } })).toContain('$matches "(" is no regular expression');
  });
});
