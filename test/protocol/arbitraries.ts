import process from 'node:process';
import fc from 'fast-check';
import { type Json, ProtocolError, type Received } from '../../src/protocol/index.js';

/** Runs of a law: many where time does not matter. */
export const RUNS = process.env.CI ? 10_000 : 1_000;

/** Names that are likely to meet on both sides, and those that JavaScript's objects have anyway. */
const NAMES = ['a', 'b', 'values', 'value', 'channel', '__proto__', 'constructor', 'hasOwnProperty', 'toString', ''];

const SCALARS: readonly Json[] = [
  ...[true, false, null, 0, -0, 1, 2, 3, 85, 85.5, 1000, 1e21, 2 ** 53, 2 ** 53 + 2, -1],
  ...[
    'true',
    'false',
    'null',
    '0',
    '-0',
    '1',
    '2',
    '3',
    '02',
    '2.0',
    '85',
    '85.5',
    '1000',
    '1e3',
    '1e+21',
    '',
    ' ',
    'a',
    '[object Object]',
  ],
];

const scalar: fc.Arbitrary<Json> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...SCALARS) },
  { weight: 1, arbitrary: fc.string() as fc.Arbitrary<Json> },
  { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) as fc.Arbitrary<Json> },
);

const name = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...NAMES) }, { weight: 1, arbitrary: fc.string() });

/** An object with the names given; `__proto__` becomes an own member, as with `JSON.parse`. */
function objectOf(value: fc.Arbitrary<Json>): fc.Arbitrary<{ readonly [name: string]: Json }> {
  return fc.array(fc.tuple(name, value), { maxLength: 3 }).map((entries) => Object.fromEntries(entries));
}

/** Any JSON, biased so that two of them often have something in common. */
export const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 4, arbitrary: scalar },
    { weight: 2, arbitrary: fc.array(tie('value'), { maxLength: 3 }) as fc.Arbitrary<Json> },
    { weight: 3, arbitrary: objectOf(tie('value')) as fc.Arbitrary<Json> },
  ),
})).value;

/** Filters as they are decoded: an object. */
export const filters = objectOf(json);

const space = fc.constantFrom('', '', '', ' ', '\n', '\t', '\r\n  ');
const character = fc.constantFrom(
  ...['a', 'e', 'n', ' ', 'é', '€', '😀', '/', '\u007f', '\u2028'],
  ...['\\n', '\\"', '\\\\', '\\/', '\\b', '\\u0061', '\\u00E9', '\\ud83d\\ude00', '\\ud800', '\\u0000'],
);
const stringText = fc.array(character, { maxLength: 6 }).map((characters) => `"${characters.join('')}"`);
const scalarText = fc.oneof(
  fc.constantFrom('true', 'false', 'null', '0', '-0', '85.0', '1e3', '1E-3', '-1.5e+10', '12345678901234567890', '1e999'),
  stringText,
);

/** The text of any JSON value, as a writer with taste for white space and escapes would write it. */
export const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => {
  const item = fc.tuple(space, tie('value'), space).map((parts) => parts.join(''));
  const member = fc.tuple(space, stringText, space, item).map(([before, title, after, value]) => `${before}${title}${after}:${value}`);
  const list = (entry: fc.Arbitrary<string>) =>
    fc.tuple(space, fc.array(entry, { maxLength: 4 })).map(([inside, items]) => (items.length === 0 ? inside : items.join(',')));
  return {
    value: fc.oneof(
      { depthSize: 'small' },
      scalarText,
      list(item).map((inside) => `[${inside}]`),
      list(member).map((inside) => `{${inside}}`),
    ),
  };
}).value;

const NOISE = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  ':',
  '\\',
  'u',
  '0',
  '1',
  '-',
  '+',
  '.',
  'e',
  't',
  'n',
  ' ',
  '\n',
  '\u0000',
  '\u001f',
  'é',
  '\ufeff',
];

export const noise: fc.Arbitrary<string> = fc.string({ unit: fc.constantFrom(...NOISE), maxLength: 12 });

interface Mutation {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({ at: fc.nat(500), remove: fc.nat(3), insert: fc.oneof(fc.constant(''), noise) });

/** A text of `texts` with one to three wounds. */
export function mutated(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(texts, fc.array(mutation, { minLength: 1, maxLength: 3 })).map(([text, mutations]) =>
    mutations.reduce((whole, { at, remove, insert }) => {
      const from = at % (whole.length + 1);
      return whole.slice(0, from) + insert + whole.slice(from + remove);
    }, text),
  );
}

/** A message as it would come off the wire: lone surrogates cannot travel in UTF-8. */
export function received(text: string): Received {
  const bytes = Buffer.from(text, 'utf8');
  return { bytes, text: bytes.toString('utf8') };
}

/** What `run` returns, or the ProtocolError that it throws; any other error is thrown on. */
export function outcome<T>(run: () => T): T | ProtocolError {
  try {
    return run();
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
}

/** The ProtocolError that `run` throws; fails when it throws none. */
export function refusal(run: () => unknown): ProtocolError {
  const result = outcome(run);
  if (result instanceof ProtocolError) return result;
  throw new Error(`expected a ProtocolError, found ${JSON.stringify(result)}`);
}

/** The text of `levels` arrays or objects in each other. */
export function nested(levels: number, kind: 'arrays' | 'objects' | 'mixed'): string {
  const isArray = (level: number) => kind === 'arrays' || (kind === 'mixed' && level % 2 === 1);
  let open = '';
  let close = '';
  for (let level = 1; level <= levels; level++) {
    open += isArray(level) ? '[' : level === levels ? '{' : '{"a":';
    close = (isArray(level) ? ']' : '}') + close;
  }
  return open + close;
}
