import { describe, type Json, type JsonObject } from './filter.js';
import { LIMITS } from './limits.js';
import { type ErrorCode, ProtocolError } from './protocol-error.js';
import type { Topic } from './topic.js';
import { utf8Length } from './utf8.js';

/**
 * Reads the topic of a subscription, a notification or a position.
 * @throws ProtocolError `code` with a pointer below `path`.
 */
export function readTopic(value: JsonObject, code: ErrorCode, path: string): Topic {
  return {
    package: readString({ value: value.package, maxBytes: LIMITS.topicNameBytes }, code, `${path}/package`),
    page: readString({ value: value.page, maxBytes: LIMITS.topicNameBytes }, code, `${path}/page`),
  };
}

/**
 * Reads a string that is not empty, and at most so long in UTF-8.
 * @throws ProtocolError `code` with the pointer `path`.
 */
export function readString({ value, maxBytes }: { value: Json | undefined; maxBytes: number }, code: ErrorCode, path: string): string {
  if (typeof value !== 'string' || value === '') {
    throw new ProtocolError(code, `expected a non-empty string, found ${describe(value)}`, { path });
  }
  // A UTF-16 unit takes at most three bytes, so most names need not be counted.
  const bytes = value.length * 3 <= maxBytes ? value.length : utf8Length(value);
  if (bytes > maxBytes) throw new ProtocolError(code, `expected at most ${maxBytes} bytes, found ${bytes}`, { path });
  return value;
}
