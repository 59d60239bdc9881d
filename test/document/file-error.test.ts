import { expect, test } from 'vitest';
import { formatFileError } from '../../src/document/index.js';

const MESSAGE = { path: 'a.yaml', message: 'no' };

test('an error of a file shows the line, and marks the place below it, also behind tabs', () => {
  const source = { path: 'a.yaml', text: 'a: 1\r\n\tb:\tcd\r\n' };
  expect(formatFileError(source, { ...MESSAGE, place: { line: 2, column: 5, length: 2 } })).toBe(
    'a.yaml:2:5: no\n  2 | \tb:\tcd\n    | \t  \t^^',
  );
});

test('the marks end with the line, and there is always one', () => {
  const source = { path: 'a.yaml', text: 'abc' };
  expect(formatFileError(source, { ...MESSAGE, place: { line: 1, column: 3, length: 9 } })).toBe('a.yaml:1:3: no\n  1 | abc\n    |   ^');
  expect(formatFileError(source, { ...MESSAGE, place: { line: 2, column: 1, length: 1 } })).toBe('a.yaml:2:1: no\n  2 | \n    | ^');
});

test('of a long line only the part around the place is shown', () => {
  const source = { path: 'a.yaml', text: `${'a'.repeat(1000)}B${'c'.repeat(1000)}` };
  const [, line, marks] = formatFileError(source, { ...MESSAGE, place: { line: 1, column: 1001, length: 1 } }).split('\n');
  expect(line).toBe(`  1 | ${'a'.repeat(60)}B${'c'.repeat(59)}`);
  expect(marks).toBe(`    | ${' '.repeat(60)}^`);
});

test('of a file that cannot be read there is the message alone', () => {
  expect(formatFileError(undefined, { ...MESSAGE, place: { line: 1, column: 1, length: 1 } })).toBe('a.yaml: no');
});
