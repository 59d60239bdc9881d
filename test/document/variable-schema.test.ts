import { describe, expect, test } from 'vitest';
import { either, integer, listOf, oneOf, optional, orVariable, record, type Shape, withoutVariables } from '../../src/document/index.js';

const INNER = record('Inner', { count: integer('How many', { least: 1 }) });

describe('the schema of a file that has no variables', () => {
  test.each<readonly [string, Shape<unknown>, object]>([
    ['a number', integer('How many', { least: 1, most: 2 }), { description: 'How many', type: 'integer', minimum: 1, maximum: 2 }],
    ['a word', oneOf('Which', ['a', 'b']), { description: 'Which', enum: ['a', 'b'] }],
    [
      'a list',
      listOf('Some', integer('Each', { least: 0 }), { least: 1, most: 3 }),
      { description: 'Some', type: 'array', items: { description: 'Each', type: 'integer', minimum: 0 }, minItems: 1, maxItems: 3 },
    ],
    [
      'a map within a map',
      record('Outer', { inner: optional(INNER) }),
      {
        description: 'Outer',
        type: 'object',
        properties: {
          inner: {
            description: 'Inner',
            type: 'object',
            properties: { count: { description: 'How many', type: 'integer', minimum: 1 } },
            required: ['count'],
            additionalProperties: false,
          },
        },
        additionalProperties: false,
      },
    ],
    [
      'one thing or another',
      either('Either', { scalar: oneOf('A word', ['a']), list: listOf('Some', oneOf('Each', ['b'])) }),
      {
        description: 'Either',
        anyOf: [
          { description: 'A word', enum: ['a'] },
          { description: 'Some', type: 'array', items: { description: 'Each', enum: ['b'] } },
        ],
      },
    ],
  ])('has %s as it is', (_, shape, schema) => {
    expect(JSON.stringify(shape.schema())).toContain('#/$defs/variable');
    expect(withoutVariables(shape.schema())).toEqual(schema);
  });

  test('keeps alternatives that are none', () => {
    const schema = orVariable('Two', { anyOf: [{ type: 'string' }, { const: 0 }] });
    expect(withoutVariables(schema)).toEqual({ description: 'Two', anyOf: [{ type: 'string' }, { const: 0 }] });
  });
});
