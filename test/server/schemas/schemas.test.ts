import { describe, expect, test } from 'vitest';
import { schemaFolder } from './folder.js';
import { checkBody, checkData, load, OBJECT } from './support.js';

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
