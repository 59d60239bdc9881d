import { InvalidArgumentError } from 'commander';
import { describeLocated, type Located, listOf, type Shape } from '../../document/index.js';
import type { JsonObject } from '../../protocol/index.js';
import { API_KEYS } from './api-keys.js';
import { type Bounds, boundsOf } from './bounds.js';
import { grantsShape, keysShape } from './credential-shapes.js';
import { GRANTS } from './grants.js';
import type { Kind } from './kind.js';
import { DURATION, isNetwork, NETWORKS, SECONDS } from './kinds.js';
import type { Setting } from './setting.js';

/** What a setting looks like in a file: complaints begin with its name there. */
export function settingShape(setting: Setting): Shape<unknown> {
  const { kind, path, about, standard } = setting;
  const shape = bareShape(setting);
  const normal = standard === undefined ? {} : { default: kind.format(standard) };
  return {
    expected: shape.expected,
    check: (at, context) =>
      shape.check(at, { complain: ({ message, place }) => context.complain({ message: `${path}${joint(message)}${message}`, place }) }),
    schema: () => ({ ...shape.schema(), description: about, ...normal }),
  };
}

/** `limits.message is 1: expected …` is a sentence; `limits.message: found a list, expected …` needs a colon. */
function joint(message: string): string {
  return /^(?:is|has) /.test(message) ? ' ' : ': ';
}

function bareShape(setting: Setting): Shape<unknown> {
  const { kind, about, standard } = setting;
  if (kind === GRANTS) return grantsShape();
  if (kind === API_KEYS) return keysShape(about);
  // One that is nothing by default would be no other than left out, and look as if it demanded something.
  if (kind.isList) return listOf(about, entryShape(kind), { least: standard === undefined ? 1 : 0 });
  return valueShape(kind, boundsOf(setting));
}

function valueShape(kind: Kind, bounds: Bounds | undefined): Shape<unknown> {
  return {
    expected: kind.expected,
    check(at, context) {
      const value = readValue(kind, at);
      const isWithin = bounds === undefined || typeof value !== 'number' || (value >= bounds.least && value <= bounds.most);
      if (value !== undefined && isWithin) return value;
      const expected =
        isWithin || bounds === undefined ? expectedOf(kind, at) : `${kind.format(bounds.least)} to ${kind.format(bounds.most)}`;
      return void context.complain({ message: `${foundText(at)}expected ${expected}`, place: at.place });
    },
    schema: () => valueSchema(kind, bounds),
  };
}

function entryShape(kind: Kind): Shape<string> {
  const isFine = (text: string) => text.trim() !== '' && (kind !== NETWORKS || isNetwork(text));
  return {
    expected: kind.expected,
    check(at, context) {
      if (at.kind === 'scalar' && typeof at.value === 'string' && isFine(at.value)) return at.value;
      const found = at.kind === 'scalar' ? JSON.stringify(at.value) : describeLocated(at);
      return void context.complain({ message: `has ${found}: expected ${kind.expected}`, place: at.place });
    },
    schema: () => ({ type: 'string', minLength: 1 }),
  };
}

/** @returns `undefined` for what is no value of this kind, in or out of bounds. */
function readValue(kind: Kind, at: Located): unknown {
  if (at.kind !== 'scalar' || !kind.written.some((type) => type === typeof at.value)) return undefined;
  try {
    return kind.parse(String(at.value));
  } catch (error) {
    if (error instanceof InvalidArgumentError) return undefined;
    throw error;
  }
}

function foundText(at: Located): string {
  return at.kind === 'scalar' && at.value !== null ? `is ${JSON.stringify(at.value)}: ` : `found ${describeLocated(at)}, `;
}

function expectedOf(kind: Kind, at: Located): string {
  const isUnquoted =
    at.kind === 'scalar' && at.value !== null && typeof at.value !== 'string' && kind.written.every((type) => type === 'string');
  return `${kind.expected}${isUnquoted && kind.choices === undefined ? ', put it in quotes' : ''}`;
}

function valueSchema(kind: Kind, bounds: Bounds | undefined): JsonObject {
  const range = bounds === undefined ? {} : { minimum: bounds.least, maximum: bounds.most };
  if (kind.choices !== undefined) return { enum: kind.choices };
  if (kind.written.includes('boolean')) return { type: 'boolean' };
  if (!kind.written.includes('number')) return { type: 'string', minLength: 1 };
  if (!kind.written.includes('string')) return { type: 'integer', ...range };
  if (kind === DURATION) return { anyOf: [{ type: 'string', pattern: '^\\s*(0|\\d+(\\.\\d+)?(ms|s|m|h))\\s*$' }, { const: 0 }] };
  if (kind === SECONDS) {
    return {
      anyOf: [
        { type: 'string', pattern: '^\\s*\\d+(\\.\\d+)?(ms|s|m|h)?\\s*$' },
        { type: 'number', minimum: 0 },
      ],
    };
  }
  return {
    anyOf: [
      { type: 'string', pattern: '^\\s*\\d+(\\.\\d+)?\\s*([kKmMgG][iI]?[bB]?|[bB])?\\s*$' },
      { type: 'integer', ...range },
    ],
  };
}
