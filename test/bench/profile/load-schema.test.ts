import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadSchema } from '../../../src/bench/profile/load-schema.js';

const validate = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true }).compile(loadSchema());

describe('the schema of profile files', () => {
  test('is published as the shape says: else run `npm run write:schema`', () => {
    const published: unknown = JSON.parse(readFileSync(new URL('../../../scenarios/load.schema.json', import.meta.url), 'utf8'));
    expect(published).toEqual(loadSchema());
  });

  test.each([
    'subscribers: 1000\nspread: { zipf: 1.1 }\narrivals: { ramp: [1, 2] }\nsize: 2 KB\nphases: { hold: 10s, warmUp: 0 }',
    'publishers: http\nconnect: { rate: null }\nhostile: { slow: 5% }\nlimits: { cpuShare: 0.5, gcPause: 1s }',
    'arrivals: max',
    'load: { seed: 1 }',
    'id: a/b\nsteps: []\nload: { seed: 1 }',
  ])('accepts %s', (text) => {
    expect({ ok: validate(parse(text)), errors: validate.errors }).toEqual({ ok: true, errors: null });
  });

  test.each([
    'subscribers: 0',
    `subscribers: "\${count}"`,
    'arrivals: { constant: 1, max: 1 }',
    'arrivals: { ramp: [1] }',
    'hostile: { slow: 95% x }',
    'load: { sede: 1 }',
    'sede: 1',
    'size: big',
  ])('refuses %s', (text) => {
    expect(validate(parse(text))).toBe(false);
  });
});
