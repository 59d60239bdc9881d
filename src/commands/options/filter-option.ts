import { InvalidArgumentError } from 'commander';
import type { Json, JsonObject } from '../../protocol/index.js';

/** One `--filter`: where it looks in `filters`, and the values that it wants; none of them means any value. */
export interface FilterOption {
  readonly path: readonly string[];
  readonly values: readonly string[];
}

/** Filters under construction: a name leads to more names, or to the values wanted there. */
interface Branch extends Map<string, Branch | string[]> {}

/**
 * Reads `values.channel=2,3` (one of these values, compared as text) or `values.oee` (any value).
 * @throws InvalidArgumentError for an empty name or value, and for JSON.
 */
export function parseFilter(text: string): FilterOption {
  const equals = text.indexOf('=');
  const path = (equals < 0 ? text : text.slice(0, equals)).split('.').map((name) => name.trim());
  const values = equals < 0 ? [] : parseValues(text.slice(equals + 1));
  const isEmpty = path.includes('') || (equals >= 0 && values.length === 0);
  if (!isEmpty) return { path, values };
  throw new InvalidArgumentError('Expected NAME.NAME=VALUE,VALUE (one of these values) or NAME.NAME (any value).');
}

/**
 * The values of a filter, `2, 3,5`.
 * @throws InvalidArgumentError for JSON, which would be compared as the text that it is, and never match.
 */
export function parseValues(text: string): string[] {
  const values = splitList(text);
  if (!values.some((value) => /^[{[]/.test(value))) return values;
  throw new InvalidArgumentError('Expected plain values, such as 2,3: use --subscriptions for JSON.');
}

/** The parts of `2, 3,5` without the spaces around them; empty ones are left out. */
function splitList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/**
 * The `filters` of a subscription that wants all of `options`; the values of equal paths are taken together.
 * @throws InvalidArgumentError when one path ends where another goes on, which no filter can say.
 */
export function filtersFrom(options: readonly FilterOption[]): JsonObject {
  const root: Branch = new Map();
  for (const option of options) add(root, option);
  return toObject(root);
}

/** The way in which `filters` would be given as options, as far as they can be: what the questions suggest as an answer. */
export function filterTexts(filters: JsonObject, prefix = ''): string[] {
  return Object.entries(filters).flatMap(([name, wanted]): string[] => {
    const path = `${prefix}${name}`;
    if (wanted === true) return [path];
    if (Array.isArray(wanted)) return [`${path}=${wanted.map(String).join(',')}`];
    if (typeof wanted === 'object' && wanted !== null) return filterTexts(wanted as JsonObject, `${path}.`);
    return [`${path}=${String(wanted)}`];
  });
}

function add(root: Branch, { path, values }: FilterOption): void {
  let branch = root;
  for (const name of path.slice(0, -1)) {
    const next = branch.get(name) ?? new Map();
    if (Array.isArray(next)) throw conflict(path);
    branch.set(name, next);
    branch = next;
  }
  const last = path.at(-1) ?? '';
  const present = branch.get(last);
  if (present !== undefined && !Array.isArray(present)) throw conflict(path);
  branch.set(last, [...(present ?? []), ...values]);
}

function conflict(path: readonly string[]): InvalidArgumentError {
  return new InvalidArgumentError(`The filter ${path.join('.')} and another filter exclude each other: one ends where the other goes on.`);
}

/** `Object.fromEntries` makes own members also of names such as `__proto__`. */
function toObject(branch: Branch): JsonObject {
  const entries = [...branch].map(([name, wanted]): [string, Json] => {
    if (!Array.isArray(wanted)) return [name, toObject(wanted)];
    return [name, wanted.length === 0 ? true : wanted];
  });
  return Object.fromEntries(entries);
}
