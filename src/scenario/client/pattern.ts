import { escapePointer, isObject, type Json, type JsonObject } from '../../protocol/index.js';

/** Where a value differs from a pattern. */
export interface Mismatch {
  /** JSON pointer in the value. */
  readonly pointer: string;
  readonly expected: string;
  readonly found: string;
}

type Operator = (wanted: Json, found: Json | undefined, pointer: string) => Mismatch | undefined;

const TYPES: Readonly<Record<string, (value: Json) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
  list: Array.isArray,
  object: isObject,
};

/** What may stand in a pattern instead of a value, as the only member of an object. */
const OPERATORS: Readonly<Record<string, Operator>> = {
  $any: (_, found, pointer) => (found === undefined ? { pointer, expected: 'anything', found: 'nothing' } : undefined),
  $absent: (_, found, pointer) => (found === undefined ? undefined : { pointer, expected: 'nothing', found: show(found) }),
  $type: (wanted, found, pointer) =>
    verdict(found !== undefined && TYPES[String(wanted)]?.(found) === true, `a value of type ${wanted}`, found, pointer),
  $matches: (wanted, found, pointer) =>
    verdict(typeof found === 'string' && new RegExp(String(wanted), 'us').test(found), `text that matches /${wanted}/`, found, pointer),
  $oneOf: (wanted, found, pointer) =>
    verdict(
      Array.isArray(wanted) && wanted.some((one: Json) => mismatch(one, found) === undefined),
      `one of ${show(wanted)}`,
      found,
      pointer,
    ),
  $atLeast: (wanted, found, pointer) => verdict(typeof found === 'number' && found >= Number(wanted), `at least ${wanted}`, found, pointer),
  $not: (wanted, found, pointer) => verdict(mismatch(wanted, found) !== undefined, `not ${show(wanted)}`, found, pointer),
};

/**
 * Compares a value with a pattern (docs/scenarios.md, "Values"): objects may have more members than the pattern, all else is equal.
 * @param found `undefined` where there is nothing.
 * @returns the first difference, or `undefined` when the value fits.
 */
export function mismatch(pattern: Json, found: Json | undefined, pointer = ''): Mismatch | undefined {
  const operator = operatorOf(pattern);
  if (operator) return operator(found, pointer);
  if (found === undefined) return { pointer, expected: show(pattern), found: 'nothing' };
  if (Array.isArray(pattern)) return mismatchedElement(pattern, found, pointer);
  if (isObject(pattern)) return mismatchedMember(pattern, found, pointer);
  return verdict(pattern === found, show(pattern), found, pointer);
}

/** What is wrong with the operators of a pattern, for the check of a file; `undefined` when nothing is. */
export function patternProblem(pattern: Json): string | undefined {
  if (Array.isArray(pattern)) return first(pattern.map(patternProblem));
  if (!isObject(pattern)) return undefined;
  const names = Object.keys(pattern);
  const name = names.find((one) => one.startsWith('$'));
  if (name === undefined) return first(Object.values(pattern).map(patternProblem));
  if (!Object.hasOwn(OPERATORS, name)) return `${name} is no operator of a pattern: expected one of ${Object.keys(OPERATORS).join(', ')}`;
  if (names.length > 1) return `${name} stands beside other members: an operator is the only member of its object`;
  return operandProblem(name, pattern[name] as Json);
}

function operandProblem(name: string, operand: Json): string | undefined {
  if (name === '$type' && !Object.hasOwn(TYPES, String(operand)))
    return `$type ${show(operand)} is no type: expected one of ${Object.keys(TYPES).join(', ')}`;
  if (name === '$oneOf' && !Array.isArray(operand)) return '$oneOf has to be a list of values';
  if (name === '$atLeast' && typeof operand !== 'number') return '$atLeast has to be a number';
  if (name === '$not') return patternProblem(operand);
  if (name !== '$matches') return undefined;
  try {
    new RegExp(String(operand), 'us');
    return undefined;
  } catch (error) {
    return `$matches ${show(operand)} is no regular expression: ${(error as Error).message}`;
  }
}

/** A value as JSON, short enough for a message. */
export function show(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  const text = written(value);
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}

/** A server may nest deeper than can be written. */
function written(value: Json): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return 'a value that is nested too deep to be shown';
    throw error;
  }
}

function operatorOf(pattern: Json): ((found: Json | undefined, pointer: string) => Mismatch | undefined) | undefined {
  if (!isObject(pattern)) return undefined;
  const [name = '', ...others] = Object.keys(pattern);
  const operator = others.length === 0 && Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
  return operator && ((found, pointer) => operator(pattern[name] as Json, found, pointer));
}

function mismatchedElement(pattern: readonly Json[], found: Json, pointer: string): Mismatch | undefined {
  if (!Array.isArray(found)) return { pointer, expected: `a list of ${pattern.length}`, found: show(found) };
  if (found.length !== pattern.length)
    return { pointer, expected: `a list of ${pattern.length}`, found: `one of ${found.length}: ${show(found)}` };
  return first(pattern.map((one, index) => mismatch(one, found[index] as Json, `${pointer}/${index}`)));
}

function mismatchedMember(pattern: JsonObject, found: Json, pointer: string): Mismatch | undefined {
  if (!isObject(found)) return { pointer, expected: `an object such as ${show(pattern)}`, found: show(found) };
  return first(
    Object.entries(pattern).map(([name, one]) =>
      mismatch(one, Object.hasOwn(found, name) ? found[name] : undefined, `${pointer}/${escapePointer(name)}`),
    ),
  );
}

function verdict(fits: boolean, expected: string, found: Json | undefined, pointer: string): Mismatch | undefined {
  return fits ? undefined : { pointer, expected, found: show(found) };
}

function first<T>(values: readonly (T | undefined)[]): T | undefined {
  return values.find((value) => value !== undefined);
}
