import { expect, test } from 'vitest';
import { suggest } from '../../src/document/index.js';

test.each([
  ['cuont', ['client', 'count'], 'did you mean "count"?'],
  ['Count', ['client', 'count'], 'did you mean "count"?'],
  ['expectclose', ['expect', 'expect-close'], 'did you mean "expect-close"?'],
  ['xyz', ['client', 'count'], 'the members are client, count'],
  ['xyz', [], 'there are no members'],
  [
    '',
    Array.from({ length: 20 }, (_, index) => `long-${index}`),
    `the members are ${Array.from({ length: 16 }, (_, index) => `long-${index}`).join(', ')}, …`,
  ],
])('behind %j stands what is near to it, or all that there is', (name, known, suggestion) => {
  expect(suggest(name, known, 'members')).toBe(suggestion);
});
