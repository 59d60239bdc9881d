import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printTypes } from '../../../src/commands/schema/print-types.js';
import { isObject, type Json } from '../../../src/protocol/index.js';
import { readSchemas } from '../../../src/server/schemas/read-schemas.js';
import { schemaFolder } from '../../server/schemas/folder.js';

const SEED = 20_261_123;

async function typesOf(files: Readonly<Record<string, unknown>>): Promise<string> {
  using folder = schemaFolder(files);
  const { files: read, errors } = await readSchemas(folder.path);
  expect(errors).toEqual([]);
  return printTypes(read);
}

/** What the compiler says about a module; empty when it is fine with it. */
function compile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'wsn-types-'));
  try {
    writeFileSync(join(folder, 'module.ts'), text);
    const flags = [
      '--noEmit',
      '--ignoreConfig',
      '--strict',
      '--exactOptionalPropertyTypes',
      '--target',
      'es2022',
      '--types',
      '',
      '--pretty',
      'false',
    ];
    execFileSync(process.execPath, [resolve('node_modules/typescript/bin/tsc'), ...flags, join(folder, 'module.ts')], { stdio: 'pipe' });
    return '';
  } catch (error) {
    return String((error as { readonly stdout?: Buffer }).stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const SCALARS: readonly Json[] = ['', 'a', 'b', 0, 1, -2.5, true, false, null];
const NAMES = ['a', 'b', 'c', 'not an identifier', '0'];

const value: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    { weight: 3, arbitrary: fc.constantFrom(...SCALARS) },
    { weight: 2, arbitrary: fc.array(tie('value'), { maxLength: 3 }) as fc.Arbitrary<Json> },
    { weight: 3, arbitrary: fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 3 }) as fc.Arbitrary<Json> },
  ),
})).value;

/** Schemas of all that the types can say, and some of what they cannot. */
const schema: fc.Arbitrary<Json> = fc.letrec<{ schema: Json }>((tie) => {
  const some = fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) as fc.Arbitrary<Json>;
  const part = tie('schema') as fc.Arbitrary<Json>;
  const keyword = <T>(name: string, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<[string, T]> => fc.tuple(fc.constant(name), arbitrary);
  const keywords = fc.oneof(
    keyword('type', fc.constantFrom<Json>('object', 'object', 'array', 'string', 'integer', 'boolean', ['object', 'array', 'null'])),
    keyword('properties', fc.dictionary(fc.constantFrom(...NAMES), part, { maxKeys: 3 })),
    keyword('required', fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 2 })),
    keyword('additionalProperties', part),
    keyword('patternProperties', fc.constant({ '^a': true })),
    keyword('items', part),
    keyword('prefixItems', some),
    keyword('minItems', fc.nat(2)),
    keyword('allOf', some),
    keyword('anyOf', some),
    keyword('oneOf', some),
    keyword('not', part),
    keyword('enum', fc.uniqueArray(value, { minLength: 1, maxLength: 4, selector: (entry) => JSON.stringify(entry) })),
    keyword('const', value),
    keyword('title', fc.constantFrom('A title', 'the end */ of a comment', 'two\nlines')),
  );
  const several = fc
    .array(keywords as fc.Arbitrary<[string, Json]>, { maxLength: 4 })
    .map((entries) => Object.fromEntries(entries) as Json);
  return { schema: fc.oneof({ depthSize: 'small', maxDepth: 3 }, fc.constantFrom<Json>(true, false, {}), several) };
}).schema;

describe('the types of schemas', () => {
  it('are those of what they say, with references as types of their own, and what no type can say left out (R-7.7)', async () => {
    const text = await typesOf({
      'amaiia_msg_srv/messages.json': {
        title: 'A new message',
        type: 'object',
        required: ['messageId', 'channelId'],
        additionalProperties: false,
        properties: {
          messageId: { type: 'string', pattern: '^\\d+$', description: 'As the database\nhas it. */' },
          channelId: { $ref: '../common.json#/$defs/channel' },
          kind: { enum: ['text', 1, null] },
          replies: { type: 'array', items: { $ref: '#' } },
          place: { prefixItems: [{ type: 'number' }, { type: 'number' }], items: false, type: 'array', minItems: 1 },
          more: { type: 'object', additionalProperties: { type: 'boolean', deprecated: true } },
        },
      },
      'common.json': { $defs: { channel: { title: 'Channel', anyOf: [{ type: 'string' }, { type: 'integer', minimum: 1 }] } } },
      'amaiia_msg_srv/%2F.json': true,
    });
    expect(text).toBe(`// Made by \`wsn schema types\`: change the schemas instead.

export type AmaiiaMsgSrv = unknown;

/** A new message */
export type AmaiiaMsgSrvMessages = {
  /**
   * As the database
   * has it. *\\/
   */
  readonly "messageId": string;
  readonly "channelId": Channel;
  readonly "kind"?: ("text" | 1 | null);
  readonly "replies"?: readonly AmaiiaMsgSrvMessages[];
  readonly "place"?: readonly [number, (number)?];
  readonly "more"?: {
    readonly [name: string]: boolean;
  };
};

/** Channel */
export type Channel = (string | number);

/** The data of notifications: \`Data['package']['page']\`. */
export interface Data {
  readonly "amaiia_msg_srv": {
    readonly "/": AmaiiaMsgSrv;
    readonly "messages": AmaiiaMsgSrvMessages;
  };
}
`);
    const use = "const id = (data: Data['amaiia_msg_srv']['messages']): string => data.replies?.[0]?.messageId ?? data.messageId;\nid;\n";
    expect(compile(text + use)).toBe('');
    expect(compile(`${text}export const bad: AmaiiaMsgSrvMessages = { messageId: 5, channelId: '2' };\n`)).toContain(
      "'number' is not assignable",
    );
  });

  it('hold all that fits the schemas (R-7.7)', async () => {
    const cases = fc.sample(fc.tuple(schema, fc.array(value, { minLength: 40, maxLength: 40 })), { seed: SEED, numRuns: 400 });
    const files = Object.fromEntries(cases.map(([one], index) => [`p/q${index}.json`, one]));
    using folder = schemaFolder(files);
    const { files: read, checks, errors } = await readSchemas(folder.path);
    expect(errors).toEqual([]);
    const misfits = cases.map((_, index) => checks.find(({ topic }) => topic.page === `q${index}`)?.misfit);
    // No check breaks on any value.
    const broken = cases.flatMap(([, values], index) => values.map((data) => misfits[index]?.(data)?.message ?? ''));
    expect(broken.filter((message) => message.includes('can be applied'))).toEqual([]);
    const samples = cases.flatMap(([one, values], index) =>
      [...valuesNear(one), ...values]
        .filter((data) => misfits[index]?.(data) === undefined)
        .map((data, at) => `export const s${index}_${at}: Data['p']['q${index}'] = ${JSON.stringify(data)};\n`),
    );
    expect(samples.length).toBeGreaterThan(4000);
    expect(compile(printTypes(read) + samples.join('')).slice(0, 2000)).toBe('');
  });
});

/** Values that a schema may have been written for: those that it names, and objects and lists that have them as parts. */
function valuesNear(one: Json): readonly Json[] {
  if (!isObject(one)) return [];
  const own = [...(Object.hasOwn(one, 'const') ? [one.const as Json] : []), ...((one.enum as readonly Json[] | undefined) ?? [])];
  const properties = isObject(one.properties) ? Object.entries(one.properties) : [];
  const names = [...new Set([...properties.map(([name]) => name), ...((one.required as readonly string[] | undefined) ?? [])])];
  const objects = SCALARS.map((scalar, index) =>
    Object.fromEntries(
      names.map((name) => {
        const near = valuesNear((isObject(one.properties) ? one.properties[name] : true) ?? true);
        return [name, near[index % (near.length || 1)] ?? scalar];
      }),
    ),
  );
  const lists = SCALARS.map((scalar) =>
    [...((one.prefixItems as readonly Json[] | undefined) ?? [])].map((part) => valuesNear(part)[0] ?? scalar),
  );
  const inner = ['allOf', 'anyOf', 'oneOf'].flatMap((word) => ((one[word] as readonly Json[] | undefined) ?? []).flatMap(valuesNear));
  return [...own, ...objects, ...lists, ...inner];
}
