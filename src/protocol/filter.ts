import { LIMITS } from './limits.js';
import { type ErrorCode, ProtocolError } from './protocol-error.js';

export type Scalar = string | number | boolean | null;
export type JsonObject = { readonly [name: string]: Json };
export type Json = Scalar | readonly Json[] | JsonObject;

/**
 * Filters as they may be written: an object, or one of the forms of "none": absent, `null`, `{}`, `[]`
 * (an empty map in PHP) and, in a subscription, `true`.
 */
export type Filters = JsonObject | readonly Json[] | true | null;

const NONE: JsonObject = Object.freeze({});

export function isScalar(value: Json): value is Scalar {
  return value === null || typeof value !== 'object';
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The members of filters in any of their forms; every form of "none" has no members. */
export function membersOf(filters: Filters | undefined): JsonObject {
  return isObject(filters) ? filters : NONE;
}

/**
 * The form in which scalars are compared: `2` and `"2"` have the same, `"02"` another, and `null` is equal to
 * nothing but itself, so it has a form that no string has.
 */
export function comparisonForm(value: Scalar): string | null {
  return value === null ? null : String(value);
}

/**
 * Checks the value of `filters`.
 * @param path JSON pointer of the value, for the error.
 * @returns its members.
 * @throws ProtocolError with `code`.
 */
export function readFilters(value: Json | undefined, side: 'subscription' | 'notification', path: string): JsonObject {
  const code: ErrorCode = side === 'subscription' ? 'invalid-subscription' : 'invalid-notification';
  if (value === undefined || value === null) return NONE;
  if (value === true && side === 'subscription') return NONE;
  if (Array.isArray(value) && value.length === 0) return NONE;
  if (!isObject(value)) {
    throw new ProtocolError(code, `expected an object of filters, found ${describe(value)}`, { path });
  }
  if (isDeeperThan(value, LIMITS.filterDepth)) {
    throw new ProtocolError(code, `nested deeper than ${LIMITS.filterDepth} levels`, { path });
  }
  return value;
}

/** How many values, objects and arrays stand in `value`, itself included. */
export function countValues(value: Json): number {
  if (isScalar(value)) return 1;
  let count = 1;
  if (isArray(value)) for (const element of value) count += countValues(element);
  else for (const name in value) count += countValues(value[name] as Json);
  return count;
}

/** Names a JSON value by its type, for errors: it repeats nothing that a peer sent. */
export function describe(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'boolean') return String(value);
  if (value === '') return 'an empty string';
  return `a ${typeof value}`;
}

function isDeeperThan(value: Json, levels: number): boolean {
  if (isScalar(value)) return false;
  if (levels === 0) return true;
  // Without the arrays of `Object.values`: this is done for every notification.
  if (isArray(value)) {
    for (const element of value) if (isDeeperThan(element, levels - 1)) return true;
  } else for (const name in value) if (isDeeperThan(value[name] as Json, levels - 1)) return true;
  return false;
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
