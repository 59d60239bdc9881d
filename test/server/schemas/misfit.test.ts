import { describe, expect, test } from 'vitest';
import type { Json } from '../../../src/protocol/index.js';
import type { Violation } from '../../../src/server/schemas/schemas.js';
import { schemaFolder } from './folder.js';
import { checkData, load } from './support.js';

async function violationOf(schema: Json, data: Json | undefined): Promise<Pick<Violation, 'path' | 'message'> | undefined> {
  using folder = schemaFolder({ 'p/q.json': schema });
  const violation = checkData(await load(folder), data);
  return violation && { path: violation.path, message: violation.message };
}

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
    [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, 5, '/data', 'expected a string or null, found a number'],
    [{ anyOf: [{ enum: ['a', 'b'] }, { type: 'array' }] }, 'c', '/data', 'expected one of "a", "b" or an array, found another string'],
    [{ anyOf: [{ minimum: 9 }, { type: 'null' }] }, 5, '/data', 'expected one of the 2 forms of the schema, found a number of none'],
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
