import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapePointer, pointerParts, valueAt } from '../../src/protocol/index.js';

describe('a JSON pointer', () => {
  it.each([
    ['', []],
    ['/', ['']],
    ['/a/0', ['a', '0']],
    ['/a~1b/m~0n', ['a/b', 'm~n']],
    ['/~01', ['~1']],
  ])('%j has the parts %j', (pointer, parts) => {
    expect(pointerParts(pointer)).toEqual(parts);
  });

  it('gives back the names that it was made of', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (names) => {
        expect(pointerParts(names.map((name) => `/${escapePointer(name)}`).join(''))).toEqual(names);
      }),
    );
  });

  const whole = { list: ['first', { 'a/b': null }], '': 'empty' };

  it.each([
    ['', whole],
    ['/list/0', 'first'],
    ['/list/1/a~1b', null],
    ['/', 'empty'],
    ['/list/', undefined],
    ['/list/00', undefined],
    ['/list/2', undefined],
    ['/list/length', undefined],
    ['/list/0/0', undefined],
    ['/toString', undefined],
    ['/none/deeper', undefined],
  ])('%j leads to %j', (pointer, value) => {
    expect(valueAt(whole, pointer)).toEqual(value);
  });
});
