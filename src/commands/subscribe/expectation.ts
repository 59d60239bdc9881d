import { InvalidArgumentError } from 'commander';
import { isScalar, type Json, type Notification, pointerParts } from '../../protocol/index.js';

/** One `--expect`: the text that must stand at a path of the notification. */
export interface Expectation {
  /** As it was written, `data.messageId=12345`. */
  readonly text: string;
  /** The path as it was written. */
  readonly where: string;
  readonly path: readonly string[];
  readonly value: string;
}

/**
 * Reads `data.messageId=12345`: names, or indexes of arrays, joined by dots, then the value. A path that begins with a
 * slash is a JSON pointer (RFC 6901), as in `/data/messageId=12345`.
 * @throws InvalidArgumentError where there is no `=` or no path.
 */
export function parseExpectation(text: string): Expectation {
  const equals = text.indexOf('=');
  const where = text.slice(0, Math.max(0, equals));
  const path = where.startsWith('/') ? pointerParts(where) : where.split('.');
  if (!path.includes('')) return { text, where, path, value: text.slice(equals + 1) };
  throw new InvalidArgumentError('Expected PATH=VALUE, such as data.messageId=12345, /data/messageId=12345 or message=Hello.');
}

/** Whether the notification holds what is expected: a plain value as text (`2` is `"2"`), anything else as compact JSON. */
export function holds(expectation: Expectation, notification: Notification): boolean {
  const found = valueAt(notification as unknown as Json, expectation.path);
  return found !== undefined && textOf(found) === expectation.value;
}

/** What stands at the path of an expectation, as text; `undefined` when nothing does. */
export function foundText(expectation: Expectation, notification: Notification): string | undefined {
  const found = valueAt(notification as unknown as Json, expectation.path);
  return found === undefined ? undefined : textOf(found);
}

function valueAt(root: Json, path: readonly string[]): Json | undefined {
  let value: Json | undefined = root;
  for (const name of path) {
    // Own and enumerable: not the `length` of an array.
    if (value === undefined || isScalar(value) || !Object.prototype.propertyIsEnumerable.call(value, name)) return undefined;
    value = (value as Record<string, Json>)[name];
  }
  return value;
}

function textOf(value: Json): string {
  return isScalar(value) ? String(value) : JSON.stringify(value);
}
