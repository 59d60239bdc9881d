import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createProgram } from '../../../src/commands/program.js';
import { fileSchema } from '../../../src/commands/settings/file-shape.js';
import { DURATION, SIZE } from '../../../src/commands/settings/kinds.js';
import { GROUPS, SETTINGS } from '../../../src/commands/settings/settings.js';
import { settingsTable } from '../../../src/commands/settings/settings-table.js';
import { DEFAULTS } from '../../../src/server/options.js';
import { BOUNDS, FIXED_OPTIONS } from '../../../src/server/resolve-options.js';

const PAGE = readFileSync('docs/configuration.md', 'utf8');

const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(fileSchema());

function fits(file: unknown): boolean {
  return validate(file);
}

function isRead(kind: typeof DURATION, text: string): boolean {
  try {
    kind.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('the table of settings', () => {
  it('has every option of the broker but its log, and once', () => {
    const names = SETTINGS.filter(({ group }) => group !== 'log').map(({ name }) => name);
    expect(names.toSorted()).toEqual(
      Object.keys(DEFAULTS)
        .filter((name) => name !== 'log')
        .sort(),
    );
  });

  it.each(['path', 'flag', 'variable', 'about'] as const)('gives every setting a %s of its own', (part) => {
    const all = SETTINGS.map((setting) => setting[part]).filter((text) => text !== undefined);
    expect(all.filter((text, index) => text === '' || all.indexOf(text) !== index)).toEqual([]);
  });

  it('derives the variable from the flag, but of a list of keys', () => {
    const other = SETTINGS.filter(
      ({ flag, variable }) => flag !== undefined && variable !== `WSN_${flag.slice(2).replaceAll('-', '_').toUpperCase()}`,
    );
    expect(other.map(({ variable }) => variable)).toEqual(['WSN_API_KEYS']);
  });

  it('gives no secret a flag', () => {
    expect(SETTINGS.filter(({ flag }) => flag === undefined).map(({ variable }) => variable)).toEqual(['WSN_AUTH_SECRET']);
  });

  it('knows what each of its groups is about', () => {
    expect([...new Set(SETTINGS.map(({ group }) => group))].toSorted()).toEqual(Object.keys(GROUPS).sort());
  });

  it('has bounds for every number', () => {
    const numbers = SETTINGS.filter(({ kind }) => kind.written.includes('number')).map(({ name }) => name);
    expect(numbers.toSorted()).toEqual(Object.keys(BOUNDS).sort());
  });

  it('needs a restart for what is built into a broker, and for nothing else', () => {
    const fixed = SETTINGS.filter(({ isLive }) => !isLive);
    expect(fixed.map(({ name }) => name).toSorted()).toEqual(FIXED_OPTIONS.toSorted());
    expect(fixed.filter(({ isForNewConnections }) => isForNewConnections)).toEqual([]);
  });

  it('is what serve has flags for, beside --config and --no-color', () => {
    const serve = createProgram().commands.find((command) => command.name() === 'serve');
    const flags = serve?.options.filter(({ hidden }) => !hidden).map(({ long }) => long);
    expect(flags).toEqual([...SETTINGS.flatMap(({ flag }) => flag ?? []), '--config', '--no-color']);
  });

  it('is documented as it is: else run `npm run write:schema`', () => {
    expect(PAGE).toContain(settingsTable());
  });
});

describe('how a value is written', () => {
  it.each(
    SETTINGS.filter(({ standard, kind }) => standard !== undefined && !kind.isList).map((setting) => [setting.path, setting] as const),
  )('the default of %s is read back as the same', (_, { kind, standard }) => {
    expect(kind.parse(String(kind.format(standard)))).toEqual(standard);
  });

  it.each([
    ['size', SIZE],
    ['duration', DURATION],
  ] as const)('every %s is read back as the same', (_, kind) => {
    fc.assert(fc.property(fc.nat(2 ** 40), (value) => kind.parse(String(kind.format(value))) === value));
  });
});

describe('the schema of the file', () => {
  it('is published as the settings say: else run `npm run write:schema`', () => {
    expect(JSON.parse(readFileSync('docs/wsn.schema.json', 'utf8'))).toEqual(fileSchema());
  });

  it('accepts the example of the documentation', () => {
    const [, example = ''] = /```yaml\n(.*?)```/s.exec(PAGE) ?? [];
    expect(fits(parse(example)), JSON.stringify(validate.errors)).toBe(true);
  });

  it.each([
    ['duration', DURATION, (text: string) => ({ timeouts: { drain: text } }), fc.constantFrom('', 'ms', 's', 'm', 'h', 'd')],
    [
      'size',
      SIZE,
      (text: string) => ({ limits: { message: text } }),
      fc.constantFrom('', 'B', 'k', 'K', 'Ki', 'kib', 'MB', 'G', 'iB', 'T'),
    ],
  ] as const)('takes every %s as text that is read, and no other', (_, kind, file, unit) => {
    const space = fc.constantFrom('', ' ', '\t');
    const number = fc.constantFrom('', '0', '00', '5', '1.5', '.5', '5.', '-1', '12');
    fc.assert(
      fc.property(fc.tuple(space, number, space, unit, space), (parts) => {
        const text = parts.join('');
        expect([text, fits(file(text))]).toEqual([text, isRead(kind, text)]);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    [{ limits: { connections: -1 } }],
    [{ limits: { conections: 1 } }],
    [{ limit: {} }],
    [{ auth: { secret: 'x' } }],
    [{ timeouts: { close: 5 } }],
    [{ auth: { audience: [] } }],
    [{ auth: { algorithms: [] } }],
    [{ tls: { clientCert: 'maybe' } }],
    [{ anonymous: { subscribe: 'some' } }],
    [{ auth: { apiKeys: [{ name: 'a', sha256: 'b' }] } }],
  ])('refuses %j', (file) => {
    expect(fits(file)).toBe(false);
  });
});
