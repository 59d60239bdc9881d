import type { Json } from '../../protocol/index.js';
import { plainValue } from './located.js';
import { quote } from './mismatch.js';
import { scalar } from './scalar.js';
import type { Shape } from './shape.js';
import { nearest, suggest } from './suggestion.js';
import { orVariable } from './variable-schema.js';

/** Longest delay that a timer of Node keeps, in ms. */
const LONGEST_MS = 2 ** 31 - 1;

const DURATION = /^(\d+(?:\.\d+)?)(ms|s)$/;

/** Any text; the only shape but `json` in which a variable of the run time may stand. */
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
  const range = bounds.most === undefined ? `of at least ${least}` : `from ${least} to ${most}`;
  return scalar(`a whole number ${range}`, {
    read: (value) => (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most ? value : undefined),
    schema: orVariable(about, { type: 'integer', minimum: least, ...(bounds.most === undefined ? {} : { maximum: most }) }),
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

/** The name of one of the file's clients. */
export function clientName(about: string): Shape<string> {
  return scalar("a client's name", {
    read: (value, context) => (typeof value === 'string' && context.clients.has(value) ? value : undefined),
    complain: (value, context) =>
      typeof value === 'string' ? `there is no client ${quote(value)}: ${suggestClient(value, context.clients)}` : undefined,
    schema: { type: 'string', description: about },
  });
}

/** A duration such as `300ms` or `2s`, as ms. */
export function duration(about: string): Shape<number> {
  return scalar('a duration such as 300ms or 2s', {
    read: (value) => {
      const found = DURATION.exec(String(value));
      const ms = found === null ? Number.NaN : Math.round(Number(found[1]) * (found[2] === 's' ? 1000 : 1));
      return ms <= LONGEST_MS ? ms : undefined;
    },
    schema: orVariable(about, { type: 'string', pattern: DURATION.source }),
  });
}

/** Any value: JSON to send, or a pattern. Numbers are doubles; what has to keep its digits is sent as text. */
export function json(about: string): Shape<Json> {
  return { expected: 'any value', check: plainValue, schema: () => ({ description: about }) };
}

/** The nearest, and all that there are: whoever adds a client wants to see both. */
function suggestClient(name: string, clients: ReadonlySet<string>): string {
  const near = nearest(name, [...clients]);
  const all = suggest('', clients, 'clients');
  return near === undefined ? all : `did you mean ${quote(near)}? ${all[0]?.toUpperCase()}${all.slice(1)}`;
}
