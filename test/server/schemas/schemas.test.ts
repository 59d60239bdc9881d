import { describe, expect, test } from 'vitest';
import { decodePublications, type Json } from '../../../src/protocol/index.js';
import { OptionError } from '../../../src/server/options.js';
import { loadSchemas, type Schemas, type Violation } from '../../../src/server/schemas/schemas.js';
import { type Folder, schemaFolder } from './folder.js';

const OBJECT = { type: 'object', required: ['id'], properties: { id: { type: 'string' } } };

function load(folder: Folder, schemaMode: 'enforce' | 'observe' = 'enforce'): Promise<Schemas> {
  return loadSchemas({ schemas: folder.path, schemaMode });
}

/** Checks a body as a broker decodes it. */
function checkBody(schemas: Schemas, body: string, path = ''): readonly (Violation | undefined)[] {
  const bytes = Buffer.from(body);
  const { isList, publications } = decodePublications({ bytes, text: body, isRelayed: true });
  return publications.map((publication, index) => schemas.check(publication, bytes, isList ? `/notifications/${index}` : path));
}

function checkData(schemas: Schemas, data: Json | undefined): Violation | undefined {
  return checkBody(schemas, JSON.stringify({ package: 'p', page: 'q', data }))[0];
}

async function violationOf(schema: Json, data: Json | undefined): Promise<Pick<Violation, 'path' | 'message'> | undefined> {
  using folder = schemaFolder({ 'p/q.json': schema });
  const violation = checkData(await load(folder), data);
  return violation && { path: violation.path, message: violation.message };
}

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

describe('the schema of a topic', () => {
  test('lets through what fits it, and what is about another topic (R-7.7)', async () => {
    using folder = schemaFolder({ 'p/q.json': OBJECT });
    const schemas = await load(folder);
    expect(schemas.topics).toBe(1);
    expect(checkData(schemas, { id: 'x' })).toBeUndefined();
    expect(checkBody(schemas, '{"package":"p","page":"Q","data":1}')).toEqual([undefined]);
    expect(checkBody(schemas, '{"package":"constructor","page":"__proto__","data":1}')).toEqual([undefined]);
  });

  test.each([
    ['a bare body', '{"package":"p","page":"q","data":{"id":5}}', '', '/data/id'],
    [
      'a message',
      '{"sender":"server","notification":{"package":"p","page":"q","data":{"id":5}}}',
      '/notification',
      '/notification/data/id',
    ],
    ['text that is not ASCII', '{"package":"p","page":"q","message":"é","data":{"id":5}}', '', '/data/id'],
  ])('refuses what does not fit in %s, with the pointer of the member (R-7.7)', async (_, body, path, pointer) => {
    using folder = schemaFolder({ 'p/q.json': OBJECT });
    expect(checkBody(await load(folder), body, path)).toEqual([
      { path: pointer, message: 'expected a string, found a number', rule: 'p/q.json#/properties/id/type', isObserved: false },
    ]);
  });

  test('finds the one at fault in a list (R-7.7)', async () => {
    using folder = schemaFolder({ 'p/q.json': OBJECT });
    const [good, bad] = checkBody(
      await load(folder),
      '{"notifications":[{"package":"p","page":"q","data":{"id":"1"}}, {"page":"q","data":{"id":[]},"package":"p"}]}',
    );
    expect(good).toBeUndefined();
    expect(bad?.path).toBe('/notifications/1/data/id');
  });

  test('is only observed where that is the mode (R-7.7)', async () => {
    using folder = schemaFolder({ 'p/q.json': OBJECT });
    expect(checkData(await load(folder, 'observe'), {})).toMatchObject({ path: '/data/id', isObserved: true });
  });

  test('refers to others of the folder by their path (R-7.7)', async () => {
    using folder = schemaFolder({
      'p/q.json': {
        properties: { at: { $ref: '../common.json#/$defs/time' }, by: { $ref: 'deep/user.json' }, é: { $ref: './a%2520b.json' } },
      },
      'p/deep/user.json': OBJECT,
      'p/a%20b.json': { type: 'integer' },
      'common.json': { $defs: { time: { type: 'string', format: 'date-time' } } },
    });
    const schemas = await load(folder);
    expect(schemas.topics).toBe(2);
    expect(checkData(schemas, { at: '2026-01-01T00:00:00Z', by: { id: '' }, é: 1 })).toBeUndefined();
    expect(checkData(schemas, { at: 'yesterday' })).toMatchObject({ path: '/data/at', rule: 'p/q.json ../common.json#/$defs/time/format' });
    expect(checkData(schemas, { by: {} })).toMatchObject({ path: '/data/by/id', rule: 'p/q.json deep/user.json/required' });
    expect(checkData(schemas, { é: 'x' })).toMatchObject({ path: '/data/é' });
    expect(checkBody(schemas, '{"package":"p","page":"a b","data":"x"}')[0]).toMatchObject({ path: '/data' });
  });

  test('refers by anchor and by a name of its own (R-7.7)', async () => {
    using folder = schemaFolder({
      'p/q.json': {
        $id: 'https://example.org/q',
        properties: { a: { $ref: '#id' }, b: { $ref: 'other' } },
        $defs: { id: { $anchor: 'id', type: 'string' } },
      },
      'other.json': { $id: 'https://example.org/other', type: 'integer' },
    });
    const schemas = await load(folder);
    expect(checkData(schemas, { a: '', b: 1 })).toBeUndefined();
    expect([checkData(schemas, { a: 1 })?.path, checkData(schemas, { b: '' })?.path]).toEqual(['/data/a', '/data/b']);
  });

  test('may refer to itself (R-7.7)', async () => {
    using folder = schemaFolder({ 'p/q.json': { type: 'object', properties: { next: { $ref: '#' } } } });
    expect(checkData(await load(folder), { next: { next: { next: 1 } } })?.path).toBe('/data/next/next/next');
  });
});

describe('what is wrong with data', () => {
  test.each<[Json, Json | undefined, string, string]>([
    [{ type: 'object' }, undefined, '/data', 'expected data, found nothing'],
    [{ enum: [1] }, undefined, '/data', 'expected data, found nothing'],
    [{ type: ['string', 'null'] }, 5, '/data', 'expected a string or null, found a number'],
    [{ type: 'integer' }, 'secret', '/data', 'expected an integer, found a string'],
    [{ required: ['a/b'] }, {}, '/data/a~1b', 'expected this member, found nothing'],
    [{ required: ['constructor'] }, {}, '/data/constructor', 'expected this member, found nothing'],
    [{ additionalProperties: false }, { 'x~': 1 }, '/data/x~0', 'expected no such member: the schema does not name it'],
    [{ unevaluatedProperties: false }, { x: 1 }, '/data/x', 'expected no such member: the schema does not name it'],
    [{ dependentRequired: { a: ['b'] } }, { a: 1 }, '/data/b', 'expected this member because of "a", found nothing'],
    [{ propertyNames: { maxLength: 1 } }, { xx: 1 }, '/data/xx', 'expected another name: that of this member does not fit the schema'],
    [{ enum: ['a', 2] }, 'secret', '/data', 'expected one of "a", 2, found another string'],
    [{ const: 5 }, 6, '/data', 'expected 5, found another number'],
    [{ minLength: 2 }, '😀', '/data', 'expected at least 2 characters, found 1'],
    [{ maxItems: 1 }, [1, 2], '/data', 'expected at most 1 items, found 2'],
    [{ prefixItems: [{}], items: false }, [1, 2], '/data', 'expected at most 1 items, found 2'],
    [{ minimum: 0 }, -5, '/data', 'expected at least 0, found a smaller number'],
    [{ multipleOf: 2 }, 3, '/data', 'expected a multiple of 2, found another number'],
    [{ pattern: '^a$' }, 'b', '/data', 'expected a string that matches ^a$, found another'],
    [{ format: 'uuid' }, 'b', '/data', 'expected the format "uuid", found another string'],
    [{ uniqueItems: true }, [{ a: 1, b: 2 }, 3, { b: 2, a: 1 }], '/data', 'expected items that all differ, found two that are equal'],
    [
      { contains: { type: 'string' }, minContains: 2 },
      ['a'],
      '/data',
      'expected at least 2 items for the schema of "contains", found another number of them',
    ],
    [{ not: { type: 'string' } }, 'a', '/data', 'expected a value that does not fit the schema of "not", found a string'],
    [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, 5, '/data', 'expected one of the 2 forms of the schema, found a number of none'],
    [{ oneOf: [{ minimum: 1 }, { minimum: 2 }] }, 5, '/data', 'expected exactly one of the 2 forms of the schema, found a number of two'],
    [{ oneOf: [{ type: 'string' }, { properties: { a: { type: 'string' } } }] }, { a: 5 }, '/data/a', 'expected a string, found a number'],
    [JSON.parse('{"if":{"type":"object"},"then":{"required":["k"]}}') as Json, {}, '/data/k', 'expected this member, found nothing'],
    [{ properties: { x: false } }, { x: null }, '/data/x', 'expected nothing here, found null'],
    [false, 5, '/data', 'expected nothing here, found a number'],
    [
      { patternProperties: { '^__proto__$': { type: 'string' } } },
      JSON.parse('{"__proto__":1}') as Json,
      '/data/__proto__',
      'expected a string, found a number',
    ],
  ])('is told for %j', async (schema, data, path, message) => {
    expect(await violationOf(schema, data)).toEqual({ path, message });
  });

  test.each<[Json, Json | undefined]>([
    [{}, undefined],
    [true, undefined],
    [{ uniqueItems: true }, [1, '1', [1], ['1'], { a: 1 }, { a: 2 }, [0, 1], null, [null], [], {}, [0], [1, 'a', 1]]],
    [{ uniqueItems: false }, [1, 1]],
    [{ enum: [{ b: 1, a: [{}] }, null] }, { a: [{}], b: 1 }],
    [{ anyOf: [{ const: { a: 1 } }, { required: ['valueOf'] }] }, { valueOf: 1, toString: 2, constructor: 3 }],
    [{ properties: { constructor: { type: 'string' } } }, {}],
    [{ format: 'date' }, 5],
  ])('is nothing for %j with %j', async (schema, data) => {
    expect(await violationOf(schema, data)).toBeUndefined();
  });

  test('is that a circle has no end, where only this data walks it', async () => {
    const found = await violationOf({ const: 'x', allOf: [{ if: { const: 'x' }, [`${'th'}en`]: { $ref: '#' } }] }, 'x');
    expect(found?.message).toBe('expected data that the schema can be applied to, found data on which it refers to itself in a circle');
  });

  test('repeats no long name of a member', async () => {
    const name = 'x'.repeat(10_000);
    expect((await violationOf({ properties: { a: { additionalProperties: false } } }, { a: { [name]: 1 } }))?.path).toBe('/data/a');
  });

  test('is found in a message of 1 MiB of items that all have to differ', async () => {
    const items = Array.from({ length: 100_000 }, (_, index) => [index]);
    expect(await violationOf({ uniqueItems: true }, items)).toBeUndefined();
    expect(await violationOf({ uniqueItems: true }, [...items, [5]])).toMatchObject({ path: '/data' });
  });
});

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
      'schemas DIR/p/q.json:2:11: /type: expected one of the 2 forms of the schema, found a string of none',
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
      'schemas DIR/p/q.json:3:13: found a $ref to "p/q.json#/$defs/x", expected a place in a file of this folder: nothing is fetched from elsewhere',
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
