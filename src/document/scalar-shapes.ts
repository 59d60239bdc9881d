import type { Json } from '../protocol/index.js';
import { plainValue } from './located.js';
import { quote } from './mismatch.js';
import { scalar } from './scalar.js';
import type { Shape } from './shape.js';
import { nearest } from './suggestion.js';
import { orVariable } from './variable-schema.js';

/** Longest delay that a timer of Node keeps, in ms. */
const LONGEST_MS = 2 ** 31 - 1;

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;

const MS_IN = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Any text; besides `json` the only shape here in which a variable of the run time may stand. */
export function text(about: string): Shape<string> {
  return scalar('text', {
    read: (value) => (typeof value === 'string' ? value : undefined),
    advice: (value) => (value === null || typeof value === 'string' ? undefined : 'put it in quotes'),
    schema: { type: 'string', description: about },
  });
}

/** One of a few words. */
export function oneOf<const V extends string>(about: string, values: readonly V[]): Shape<V> {
  return scalar(values.length === 1 ? quote(values[0] ?? '') : `one of ${values.join(', ')}`, {
    read: (value) => values.find((known) => known === value),
    advice: (value) => {
      const near = typeof value === 'string' ? nearest(value, values) : undefined;
      return near === undefined ? undefined : `did you mean ${quote(near)}?`;
    },
    schema: orVariable(about, { enum: values }),
  });
}

/** A whole number within bounds, which are allowed themselves. */
export function integer(about: string, bounds: { readonly least: number; readonly most?: number }): Shape<number> {
  const { least, most = Number.MAX_SAFE_INTEGER } = bounds;
  return scalar(`a whole number${rangeOf(bounds)}`, {
    read: (value) => (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most ? value : undefined),
    schema: orVariable(about, { type: 'integer', minimum: least, ...(bounds.most === undefined ? {} : { maximum: most }) }),
  });
}

/** A number within bounds, which are allowed themselves; it may have a fraction. */
export function number(about: string, bounds: { readonly least?: number; readonly most?: number } = {}): Shape<number> {
  const { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = bounds;
  return scalar(`a number${rangeOf(bounds)}`, {
    read: (value) => (typeof value === 'number' && value >= least && value <= most ? value : undefined),
    schema: orVariable(about, {
      type: 'number',
      ...(bounds.least === undefined ? {} : { minimum: bounds.least }),
      ...(bounds.most === undefined ? {} : { maximum: bounds.most }),
    }),
  });
}

/** `true` or `false`. */
export function flag(about: string): Shape<boolean> {
  return scalar('`true` or `false`', {
    read: (value) => (typeof value === 'boolean' ? value : undefined),
    schema: orVariable(about, { type: 'boolean' }),
  });
}

/** This value and no other; a shorthand, such as `true` for a member that is otherwise left out. */
export function exactly<const V extends number | boolean | null>(value: V): Shape<V> {
  return scalar(`\`${value}\``, {
    read: (found) => (found === value ? value : undefined),
    schema: { anyOf: [{ const: value }, { $ref: '#/$defs/variable' }] },
  });
}

/** A duration such as `300ms`, `2s`, `5m`, `1h` or 0, as ms. */
export function duration(about: string, bounds: { readonly least: number } = { least: 0 }): Shape<number> {
  const { least } = bounds;
  return scalar(`a duration such as 300ms or 2s${least === 0 ? '' : `, of at least ${least}ms`}`, {
    read: (value) => {
      const ms = msOf(String(value));
      return ms >= least && ms <= LONGEST_MS ? ms : undefined;
    },
    schema: orVariable(about, { anyOf: [{ type: 'string', pattern: DURATION.source }, { const: 0 }] }),
  });
}

/** Any value: JSON to send, or a pattern. Numbers are doubles; what has to keep its digits is sent as text. */
export function json(about: string): Shape<Json> {
  return { expected: 'any value', check: plainValue, schema: () => ({ description: about }) };
}

function rangeOf({ least, most }: { readonly least?: number; readonly most?: number }): string {
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`;
  if (least !== undefined) return ` of at least ${least}`;
  return most === undefined ? '' : ` of at most ${most}`;
}

/** `NaN` for what is no duration. */
function msOf(text: string): number {
  const found = DURATION.exec(text);
  if (found === null) return text === '0' ? 0 : Number.NaN;
  return Math.round(Number(found[1]) * MS_IN[found[2] as keyof typeof MS_IN]);
}
