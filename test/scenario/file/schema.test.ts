import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { WORDS } from '../../../src/commands/test/words.js';
import { scenarioSchema } from '../../../src/scenario/file/schema.js';
import { STEPS } from '../../../src/scenario/steps/index.js';

const ROOT = new URL('../../../', import.meta.url).pathname;
const FILES = readdirSync(join(ROOT, 'scenarios'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.ya?ml$/.test(name) && !name.startsWith('targets'))
  .sort();

const validate = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true }).compile(scenarioSchema(WORDS));

const MINIMAL = { id: 'a', title: 'A', rule: 'R-3.2', level: 'must', clients: { alice: {} }, steps: [{ ready: 'alice' }] };

/** What the schema has to say against a file: where, and which keyword. */
function errorsOf(file: unknown): readonly string[] {
  validate(file);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

describe('the schema of scenario files', () => {
  test('is published as the steps say: else run `npm run write:schema`', () => {
    const published: unknown = JSON.parse(readFileSync(join(ROOT, 'scenarios/scenario.schema.json'), 'utf8'));
    expect(published).toEqual(scenarioSchema(WORDS));
  });

  test('accepts the examples of the reference', () => {
    const page = readFileSync(join(ROOT, 'docs/scenarios.md'), 'utf8');
    const examples = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, example = '']) => parse(example));
    expect(examples.length).toBeGreaterThan(1);
    expect(examples.flatMap(errorsOf)).toEqual([]);
  });

  test('accepts every file of the suite', () => {
    const refused = FILES.flatMap((name) => {
      const errors = errorsOf(parse(readFileSync(join(ROOT, 'scenarios', name), 'utf8'), { stringKeys: true }));
      return errors.length === 0 ? [] : [{ name, errors }];
    });
    expect(FILES.length).toBeGreaterThan(0);
    expect(refused).toEqual([]);
  });

  test('describes every step by its word, as the table of steps does', () => {
    const schema = JSON.parse(JSON.stringify(scenarioSchema(WORDS)));
    for (const { word, about } of STEPS) expect(schema.$defs.step.properties[word].description).toBe(about);
  });

  test('accepts a variable of the matrix where a number, a flag, a word, a list or a part of a step stands', () => {
    const steps = [
      { expect: { client: 'alice', notification: 'news', count: `\${count}`, order: `\${order}`, exact: `\${exact}` } },
      { send: { client: 'alice', subscriptions: `\${set}` } },
      { frame: { client: 'alice', close: `\${close}` } },
      { frame: { client: 'alice', frames: [`\${first}`] } },
    ];
    expect(errorsOf({ ...MINIMAL, steps })).toEqual([]);
  });

  test.each([
    ['an unknown member', { ...MINIMAL, clinets: {} }],
    ['an unknown step', { ...MINIMAL, steps: [{ raedy: 'alice' }] }],
    ['a step of two words', { ...MINIMAL, steps: [{ ready: 'alice', fence: 'alice' }] }],
    ['no steps', { ...MINIMAL, steps: [] }],
    ['an unknown rule', { ...MINIMAL, rule: 'R-9' }],
    ['a load that is none', { ...MINIMAL, load: { subscribers: 0 } }],
    ['neither steps nor a load', { ...MINIMAL, steps: undefined }],
    ['two of which only one may be given', { ...MINIMAL, steps: [{ send: { client: 'alice', text: 'a', message: 1 } }] }],
    ['a text where a number stands', { ...MINIMAL, steps: [{ expect: { client: 'alice', message: {}, count: 'two' } }] }],
  ])('refuses %s', (_, file) => {
    expect(errorsOf(MINIMAL)).toEqual([]);
    expect(errorsOf(file)).not.toEqual([]);
  });
});
