import { describe, expect, test } from 'vitest';
import { plainValue, readYaml } from '../../src/document/index.js';

/** The first complaint about YAML, as `line:column+length message`. */
function complaintsOf(yaml: string): readonly string[] {
  return readYaml(yaml).complaints.map(({ place, message }) => `${place.line}:${place.column}+${place.length} ${message}`);
}

describe('YAML', () => {
  test('is read as what JSON can say, by the core schema of YAML 1.2', () => {
    const { root } = readYaml('a: 1\nb: [yes, true, ~, 0x10, 1.50, "1"]\n101: { "x y": }\nc: |\n  two\n  lines\n');
    expect(root && plainValue(root)).toEqual({ a: 1, b: ['yes', true, null, 16, 1.5, '1'], 101: { 'x y': null }, c: 'two\nlines\n' });
  });

  test('keeps the place of every name and value, in lines and columns from 1', () => {
    const { root } = readYaml('a:\r\n  - { b: "cd" }\r\n');
    expect(root).toMatchObject({
      kind: 'map',
      entries: [
        {
          key: 'a',
          keyPlace: { line: 1, column: 1, length: 1 },
          value: {
            kind: 'list',
            place: { line: 2, column: 3, length: 13 },
            items: [
              {
                place: { line: 2, column: 5, length: 11 },
                entries: [{ value: { value: 'cd', place: { line: 2, column: 10, length: 4 } } }],
              },
            ],
          },
        },
      ],
    });
  });

  test.each([
    ['a:\n\tb: 1\n', '2:1+1 found a tab in the indentation: indent with spaces'],
    ['a:\n  b: 1\n c: 2\n', '3:2+4 wrong indentation: the members of a map begin in the same column, and this line begins in another'],
    ['a:\n  - b: 1\n - c: 2\n', '3:2+6 wrong indentation: the items of a list begin in the same column, and this line begins in another'],
    [
      'a:\n  - b: 1\n    c: 1\n   d: 1\n',
      '4:4+4 wrong indentation: the line belongs to a list, and does not begin with "- " in its column',
    ],
    ['a: b\n  c: d\ne: f\n', '2:3+4 wrong indentation: the line above has a value, so nothing can stand below it'],
    ['a: 1\n"a": 2\n', '2:1+3 the member "a" stands twice'],
    ['a: 1\n---\nb: 1\n', '2:1+3 found a second document, expected one: take out the "---"'],
    [
      'a: { b: 1\nc: 2\n',
      '2:1+1 expected "," or "}": a map in braces has not ended, and what belongs to it is indented deeper than its name',
    ],
    [
      'a: [1, 2\nc: 2\n',
      '2:1+1 expected "," or "]": a list in brackets has not ended, and what belongs to it is indented deeper than its name',
    ],
    ['a: b: c\n', '1:4+1 found a second ": " in the line: put a text that has one in quotes'],
    ['a:1\nb: 2\n', '1:1+3 found a line that is no member: write "name: value", with a space behind the colon'],
    ['a: 1\nb\nc: 1\n', '2:1+1 found a line that is no member: write "name: value", with a space behind the colon'],
    ['a: 1\nb: "x\nc: y\n', '2:4+2 the quotes of this text do not end'],
    ['a: "x"#c\n', '1:7+2 found "#" right behind a value: put a space in front of a comment'],
    ['a: "x" y\n', '1:8+1 found more behind a value that has ended: put the whole text in quotes'],
    ['a: [b{c}]\n', '1:6+1 expected "," between two items: put a text that has braces or brackets in quotes, such as a variable'],
    ['a: @b\n', '1:4+1 found a text that begins with "@": put it in quotes'],
    ['a: "\\q"\n', '1:5+1 found \\q, which is no escape: write \\\\ for a backslash, or use single quotes'],
    ['a: &x 1\n', '1:7+1 found the anchor &x, expected no anchors and aliases: write the value out'],
    ['a: *x\n', '1:4+2 found the alias *x, expected no anchors and aliases: write the value out'],
    ['a: !!str 1\n', '1:10+1 found the tag tag:yaml.org,2002:str, expected no tags: put what begins with "!" in quotes'],
    ['a: !x 1\n', '1:7+1 found the tag !x, expected no tags: put what begins with "!" in quotes'],
    ['a: .inf\n', '1:4+4 found .inf, which is no number of JSON: put it in quotes'],
    ['%YAML 1.1\n---\na: yes\n', '3:1+6 found a %YAML directive, expected none: the file is YAML 1.2'],
    ['? [a]\n: 1\n', '1:3+1 found a list or a map as the name of a member, expected text'],
  ])('is refused in plain words: %j', (yaml, complaint) => {
    expect(complaintsOf(yaml)[0]).toBe(complaint);
    expect(readYaml(yaml).root).toBeUndefined();
  });

  test('that is nested without end is refused and does not end the process', () => {
    expect(complaintsOf('['.repeat(100_000))).toHaveLength(1);
    expect(complaintsOf(`a: ${'['.repeat(10_000)}${']'.repeat(10_000)}`)).toEqual([expect.stringContaining('nested too deep')]);
  });
});
