import { describe, expect, it } from 'vitest';
import { locatedAt, plainValue, readYaml } from '../../src/document/index.js';

const { root } = readYaml('list: [first, {a/b: 1}]\nname: x\n');
const found = (pointer: string) => locatedAt(root as NonNullable<typeof root>, pointer);

describe('a value with its place', () => {
  it.each([
    ['', { list: ['first', { 'a/b': 1 }], name: 'x' }],
    ['/list/0', 'first'],
    ['/list/1/a~1b', 1],
  ])('is found by the pointer %j', (pointer, value) => {
    const { isThere, at } = found(pointer);
    expect([isThere, plainValue(at)]).toEqual([true, value]);
  });

  it.each([
    ['/list/', ['first', { 'a/b': 1 }]],
    ['/list/2/deeper', ['first', { 'a/b': 1 }]],
    ['/name/x', 'x'],
    ['/none', { list: ['first', { 'a/b': 1 }], name: 'x' }],
  ])('that is not there is looked for as far as there is something: %j', (pointer, value) => {
    const { isThere, at } = found(pointer);
    expect([isThere, plainValue(at)]).toEqual([false, value]);
  });

  it('has the place of its name, which for an element is its own', () => {
    expect(found('/name')).toMatchObject({ namePlace: { line: 2, column: 1 }, at: { place: { line: 2, column: 7 } } });
    expect(found('/list/0')).toMatchObject({ namePlace: { line: 1, column: 8 }, at: { place: { line: 1, column: 8 } } });
  });
});
