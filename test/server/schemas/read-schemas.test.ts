import { describe, expect, test } from 'vitest';
import { OptionError } from '../../../src/server/option-error.js';
import { loadSchemas } from '../../../src/server/schemas/schemas.js';
import { schemaFolder } from './folder.js';
import { checkBody, checkData, load, OBJECT } from './support.js';

async function refusalOf(files: Readonly<Record<string, unknown>>): Promise<string> {
  using folder = schemaFolder(files);
  const error = await load(folder).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(OptionError);
  expect((error as OptionError).option).toBe('schemas');
  return (error as OptionError).message.replaceAll(folder.path, 'DIR');
}
describe('a folder of schemas', () => {
  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['that is empty', {}, 'schemas DIR: there is no .json in this folder, expected <package>/<page>.json'],
    ['with a file that is no JSON', { 'p/q.json': '{\n  "type": object\n}' }, 'schemas DIR/p/q.json:2:11: not JSON: expected a value'],
    ['with a file that is empty', { 'p/q.json': '' }, 'schemas DIR/p/q.json:1:1: not JSON: expected a value'],
    ['with a file that is not UTF-8', { 'p/q.json': new Uint8Array([0x22, 0xff, 0x22]) }, 'schemas DIR/p/q.json: is not UTF-8'],
    ['with a list', { 'p/q.json': [] }, 'schemas DIR/p/q.json:1:1: expected a schema: an object, `true` or `false`'],
    ['with a name twice', { 'p/q.json': '{"type":"object",\n "type":"null"}' }, 'schemas DIR/p/q.json:2:2: the member "type" stands twice'],
    [
      'with an unknown keyword',
      { 'p/q.json': { properties: { a: { typ: 'object' } } } },
      'schemas DIR/p/q.json:4:7: found "typ", which is no keyword of JSON Schema 2020-12: did you mean "type"?',
    ],
    [
      'with another draft',
      { 'p/q.json': { $schema: 'http://json-schema.org/draft-07/schema#' } },
      'schemas DIR/p/q.json:2:14: found the draft "http://json-schema.org/draft-07/schema#", expected https://json-schema.org/draft/2020-12/schema',
    ],
    [
      'with a wrong value',
      { 'p/q.json': { type: 'object', minProperties: -1 } },
      'schemas DIR/p/q.json:3:20: /minProperties: expected at least 0, found a smaller number',
    ],
    [
      'with an unknown type',
      { 'p/q.json': { type: 'strin' } },
      'schemas DIR/p/q.json:2:11: /type: expected one of "array", "boolean", "integer", "null", "number", "object", "string" or an array, found another string',
    ],
    [
      'with an unknown format',
      { 'p/q.json': { format: 'datetime' } },
      'schemas DIR/p/q.json:2:13: found the format "datetime", which is not known: did you mean "date-time"?',
    ],
    [
      'with a broken pattern',
      { 'p/q.json': { pattern: '(' } },
      'schemas DIR/p/q.json:2:14: found the pattern "(", expected a regular expression of ECMAScript: Unterminated group',
    ],
    [
      'with a reference to nothing',
      { 'p/q.json': { items: { $ref: '../r.json' } } },
      'schemas DIR/p/q.json:3:13: found a $ref to "r.json", expected a place in a file of this folder: nothing is fetched from elsewhere',
    ],
    [
      'with a reference to a place that is not there',
      { 'p/q.json': { items: { $ref: '#/$defs/x' } } },
      'schemas DIR/p/q.json:3:13: found a $ref to "p/q.json#/$defs/x", and p/q.json has no such place',
    ],
    [
      'with a reference to a place that another file has not',
      { 'p/q.json': { items: { $ref: '../r.json#/$defs/x' } }, 'r.json': {} },
      'schemas DIR/p/q.json:3:13: found a $ref to "r.json#/$defs/x", and r.json has no such place',
    ],
    [
      'with a reference to a place that it has not, and a name of its own',
      { 'p/q.json': { $id: 'https://example.org/q', items: { $ref: '#/$defs/x' } } },
      'schemas DIR/p/q.json:4:13: found a $ref to "https://example.org/q#/$defs/x", and p/q.json has no such place',
    ],
    [
      'with a remote reference',
      { 'p/q.json': { $ref: 'https://example.org/x.json' } },
      'schemas DIR/p/q.json:2:11: found a $ref to "https://example.org/x.json", expected a place in a file of this folder: nothing is fetched from elsewhere',
    ],
    [
      'with a reference out of it',
      { 'p/q.json': { $ref: '../../../../etc/passwd' } },
      'schemas DIR/p/q.json:2:11: found a $ref to "etc/passwd", expected a place in a file of this folder: nothing is fetched from elsewhere',
    ],
    [
      'with a circle',
      { 'p/q.json': { allOf: [{ $ref: '#' }] } },
      'schemas DIR/p/q.json:1:1: refers to itself in a circle: no data would ever be checked to its end',
    ],
    [
      'with a page without a name',
      { 'p/.json': {}, 'p/%.json': {} },
      'schemas DIR/p/%.json: found "%" without the two hexadecimal digits of a byte of UTF-8: write %25 for the character itself',
    ],
    [
      'with two files of a topic',
      { 'p/q.json': {}, 'p/%71.json': {} },
      'schemas DIR/p/q.json: is for the same topic as p/%71.json: delete one of them',
    ],
    ['with another ending', { 'p/q.JSON': {} }, 'schemas DIR/p/q.JSON: expected the ending ".json" in small letters'],
    [
      'with several errors',
      { 'p/q.json': { a: 1 }, 'p/r.json': '{' },
      'schemas DIR/p/r.json:1:2: not JSON: expected a name in double quotes (and 1 more: wsn schema check DIR)',
    ],
    [
      'with a member that cannot be described',
      { 'p/q.json': '{"properties":{"__proto__":{}}}' },
      'schemas DIR/p/q.json:1:15: found the member "__proto__", which cannot be checked: describe it with "patternProperties" and "^__proto__$"',
    ],
    [
      'nested too deep',
      { 'p/q.json': `${'{"not":'.repeat(70)}{}${'}'.repeat(70)}` },
      'schemas DIR/p/q.json:1:449: nested deeper than 64 levels',
    ],
  ])('%s is refused by name (R-7.7)', async (_, files, message) => {
    expect(await refusalOf(files)).toBe(message);
  });

  test('that is not there is refused (R-7.7)', async () => {
    const loaded = loadSchemas({ schemas: '/nowhere/at/all', schemaMode: 'enforce' });
    await expect(loaded).rejects.toThrow('schemas /nowhere/at/all: there is no such folder');
  });

  test('may hold other files, and names with a dot in front', async () => {
    using folder = schemaFolder({ 'p/q.json': OBJECT, 'README.md': '#', '.git/x.json': '{', 'p/.q.json': '{', 'p/%2Eq.json': false });
    const schemas = await load(folder);
    expect(schemas.topics).toBe(2);
    expect(checkBody(schemas, '{"package":"p","page":".q","data":1}')[0]?.path).toBe('/data');
  });

  test('is none where there is no option', async () => {
    const schemas = await loadSchemas({ schemas: undefined, schemaMode: 'enforce' });
    expect(schemas.topics).toBe(0);
    expect(checkData(schemas, 1)).toBeUndefined();
  });
});
