import type { FuncKeywordDefinition } from 'ajv';
import { isObject, isScalar, type Json } from '../../protocol/index.js';

/**
 * The keywords that compare values. The compiler's own compare each pair of items, which for a message of 1 MiB would
 * stop the broker for a minute, and ask objects for their `valueOf`, which may be a member that the publisher sent.
 */
export const EQUALITY: readonly FuncKeywordDefinition[] = [
  {
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    compile: (isWanted: boolean) => (items) => !isWanted || areUnique(items),
  },
  { keyword: 'const', compile: (wanted: Json) => among([wanted]) },
  { keyword: 'enum', schemaType: 'array', compile: (wanted: readonly Json[]) => among(wanted) },
];

function areUnique(items: readonly Json[]): boolean {
  const seen = new Set<string>();
  for (const item of items) {
    const form = formOf(item);
    if (seen.has(form)) return false;
    seen.add(form);
  }
  return true;
}

function among(wanted: readonly Json[]): (data: Json) => boolean {
  const scalars = new Set(wanted.filter(isScalar));
  const others = new Set(wanted.filter((value) => !isScalar(value)).map(formOf));
  return (data) => (isScalar(data) ? scalars.has(data) : others.size > 0 && others.has(formOf(data)));
}

/** A text that is equal for equal values, in a time that grows with their size alone. */
function formOf(value: Json): string {
  return JSON.stringify(sorted(value));
}

/** Members as a list in order: an object would not keep those whose names are numbers in it. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return [0, ...value.map(sorted)];
  if (!isObject(value)) return value;
  const names = Object.keys(value).sort();
  return [1, ...names.flatMap((name): Json[] => [name, sorted(value[name] as Json)])];
}
