import { expect, it } from 'vitest';
import { matchesGlob } from '../../../src/scenario/run/glob.js';

it.each([
  ['match/x', 'match/x'],
  ['match/x', 'match/x#3'],
  ['match/x#3', 'match/x#3'],
  ['match/x#*', 'match/x#12'],
  ['match/x#2-4,9', 'match/x#2'],
  ['match/x#2-4,9', 'match/x#4'],
  ['match/x#2-4,9', 'match/x#9'],
  ['match/*#3', 'match/x#3'],
  ['match/*', 'match/x'],
  ['match/*', 'match/x#3'],
  ['match/**', 'match/x/y'],
  ['**', 'match/x/y'],
  ['**/x', 'x'],
  ['**/x', 'match/deep/x'],
  ['match/**/x', 'match/x'],
  ['*/list-*', 'match/list-against-scalar'],
  ['match/?', 'match/x'],
  ['a.b/(c)', 'a.b/(c)'],
])('%s covers %s', (glob, id) => {
  expect(matchesGlob(glob, id)).toBe(true);
});

it.each([
  ['match/x', 'match/xy'],
  ['match/x', 'match/x/y'],
  ['match/x#3', 'match/x'],
  ['match/x#3', 'match/x#33'],
  ['match/x#2-4,9', 'match/x#5'],
  ['match/x#2-4,9', 'match/x'],
  ['match/x#2-4,9', 'match/y#3'],
  ['match/*', 'match/x/y'],
  ['match/?', 'match/xy'],
  ['match/?', 'match/'],
  ['match', 'match/x'],
  ['x', 'match/x'],
  ['a.b', 'aXb'],
  ['', 'x'],
])('%s does not cover %s', (glob, id) => {
  expect(matchesGlob(glob, id)).toBe(false);
});
