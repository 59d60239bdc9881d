import { isObject, type Json, type JsonObject } from '../../protocol/index.js';
import { scan } from '../../protocol/scan.js';
import type { Line, Saying } from './story.js';

/** An answer of a `wsn.v1` server to a message of a client. */
export interface Answer {
  readonly index: number;
  readonly message: JsonObject;
  readonly kind: 'subscribed' | 'receipt' | 'error' | 'authenticated';
}

const KINDS = ['subscribed', 'receipt', 'error', 'authenticated'] as const;

/**
 * Finds what answered each message: the first answer with its `id`, and without one the first that has none.
 * @returns answers by the index of the message that they answer.
 */
export function answersOf(line: Line): ReadonlyMap<number, Answer> {
  const found = new Map<number, Answer>();
  const pending: Saying[] = [];
  for (const moment of line.moments) {
    const saying = moment.kind === 'said' ? line.said.find(({ index }) => index === moment.index) : undefined;
    if (saying) pending.push(saying);
    if (moment.kind !== 'heard') continue;
    const message = parse(moment.text);
    const kind = KINDS.find((name) => message !== undefined && Object.hasOwn(message, name));
    if (!message || !kind) continue;
    const at = pending.findIndex((one) => idOf(one.text) === idOf(message));
    const [asked] = at === -1 ? [] : pending.splice(at, 1);
    if (asked) found.set(asked.index, { index: moment.index, message, kind });
  }
  return found;
}

/** The JSON object of a text; `undefined` for anything else, and for what is nested too deep to be looked into. */
export function parse(text: string): JsonObject | undefined {
  try {
    scan(Buffer.from(text));
    const value = JSON.parse(text) as Json;
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Codes with which a server ends a connection for what it had said just before. */
export function isRefusal(code: number): boolean {
  return code === 1002 || code === 1003 || (code >= 1007 && code <= 1009) || code >= 4400;
}

/** Whether a `wsn.v1` client was closed for this message instead of being answered. */
export function isClosedFor({ index }: Saying, { dialect, moments, said }: Line, answer: Answer | undefined): boolean {
  if (dialect === 'base' || answer || said.some((saying) => saying.index > index)) return false;
  return moments.some((moment) => moment.kind === 'closing' && moment.by === 'server' && isRefusal(moment.code));
}

/** What an error says to programs. */
export function codeAndPath({ code = null, path }: JsonObject): JsonObject {
  return { code, ...(path === undefined ? {} : { path }) };
}

/** The `id` of a message, where it is one that an answer repeats. */
function idOf(message: string | JsonObject): string | undefined {
  const id = (typeof message === 'string' ? parse(message) : message)?.id;
  return typeof id === 'string' && id !== '' && Buffer.byteLength(id) <= 64 ? id : undefined;
}
