import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plainValue, readYaml } from '../../../src/document/index.js';
import type { Json } from '../../../src/protocol/index.js';
import { dropAbsent, resolve, substitute } from '../../../src/scenario/file/substitute.js';

const COLUMNS = new Map<string, Json>([
  ['count', 2],
  ['word', 'two'],
  ['nothing', null],
  ['list', [1, { a: true }]],
]);

/** What a value of a file becomes while it is loaded. */
function atLoad(value: Json): { value: Json; complaints: readonly string[]; used: readonly string[] } {
  const { root } = readYaml(JSON.stringify(value));
  if (root === undefined) throw new Error('JSON is YAML');
  const complaints: string[] = [];
  const used: string[] = [];
  const filled = substitute(root, {
    columns: COLUMNS,
    later: new Set(['package', 'epoch']),
    use: (name) => used.push(name),
    complain: ({ message }) => complaints.push(message),
  });
  return { value: plainValue(filled), complaints, used };
}

describe('a variable', () => {
  test.each<readonly [string, Json]>([
    [`\${count}`, 2],
    [`\${nothing}`, null],
    [`\${list}`, [1, { a: true }]],
    [`\${count + 1}`, 3],
    [`\${ count-3 }`, -1],
    [`\${word} times`, 'two times'],
    [`\${count}\${count + 1}`, '23'],
    [`[\${list}, \${nothing}]`, '[[1,{"a":true}], null]'],
    [`\${repeat:3:ab}`, 'ababab'],
    [`<\${repeat:2: }>`, '<  >'],
    [`\${repeat:0:ab}`, ''],
    ['a $ b', 'a $ b'],
  ])('is put in alike when the file is loaded and when it runs: %s', (text, value) => {
    expect(atLoad(text)).toMatchObject({ value, complaints: [] });
    expect(resolve(text, COLUMNS)).toEqual(value);
  });

  test('that is known at run time only stays as it is, and so does an escape, until then', () => {
    const text = `\${package}/\${count}/$\${count}/\${repeat:2:$}`;
    expect(atLoad(text)).toEqual({ value: `\${package}/2/$\${count}/\${repeat:2:$}`, complaints: [], used: ['count'] });
    expect(resolve(`\${package}/2/$\${count}/\${repeat:2:$}`, new Map([['package', 'p']]))).toBe(`p/2/\${count}/$$`);
  });

  test('is put in at any depth, and never into a name', () => {
    const name = `\${count}`;
    const value = { [name]: [{ a: name }] };
    expect(atLoad(value).value).toEqual({ [name]: [{ a: 2 }] });
    expect(resolve(value, COLUMNS)).toEqual({ [name]: [{ a: 2 }] });
  });

  test.each([
    [`\${cuont}`, 'there is no variable "cuont": did you mean "count"?'],
    [`\${x}`, 'there is no variable "x": the variables are count, word, nothing, list, package, epoch'],
    [`\${word + 1}`, `\${word + 1} counts, and word is no number but "two"`],
    [`\${a b}`, `found \${a b}, expected \${name}, \${name + 1} or \${repeat:3:text}: a plain "\${" is written $\${`],
    ['a ${count', `found "\${" without its "}": a plain "\${" is written $\${`],
    [`\${repeat:99999999:abc}`, 'found 99999999 times 3 characters, expected at most 67108864 in all'],
  ])('that is wrong is a complaint of the file, and an error at run time: %s', (text, complaint) => {
    expect(atLoad(text)).toMatchObject({ value: text, complaints: [complaint] });
    expect(() => resolve(text, COLUMNS)).toThrow();
  });

  test('that no step has saved is named', () => {
    expect(() => resolve({ a: [`\${offset}`] }, COLUMNS)).toThrow('there is no variable "offset" yet: no step has saved it');
  });

  test('changes nothing of a value that names none', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(!JSON.stringify(value).includes('${'));
        expect(resolve(value as Json, COLUMNS)).toEqual(value);
      }),
    );
  });
});

test('a member that is to be absent is left out at any depth, and stays where it is no member', () => {
  const absent = { $absent: true };
  expect(dropAbsent({ a: absent, b: { c: absent, d: 1 }, e: [absent, { f: absent }] })).toEqual({ b: { d: 1 }, e: [absent, {}] });
});
