import { decodePublications, type Json, ProtocolError } from '../../protocol/index.js';
import { scan } from '../../protocol/scan.js';
import { UsageError } from '../exit/usage-error.js';
import { describeProtocolError } from '../input/json-input.js';
import type { Outgoing } from './outgoing.js';

/** One notification as options or answers say it. */
export interface NotificationParts {
  readonly package: string;
  readonly page: string;
  readonly values?: string;
  readonly filter?: readonly string[];
  /** JSON. */
  readonly data?: string;
  readonly message?: string;
}

/** Filters under construction: a name leads to more names, or to JSON text. */
interface Branch extends Map<string, Branch | string> {}

/**
 * Writes the notification that `parts` describe. JSON in them stays as it was typed: `85.0` is not `85` to everybody.
 * @throws UsageError when one of them is not what it should be, or when the broker would refuse the whole.
 */
export function notificationFrom(parts: NotificationParts): Outgoing {
  const members = [`"package":${JSON.stringify(parts.package)}`, `"page":${JSON.stringify(parts.page)}`];
  const filters: Branch = new Map();
  if (parts.values !== undefined) put(filters, ['values'], valueJson('--values', parts.values));
  for (const filter of parts.filter ?? []) putFilter(filters, filter);
  if (filters.size > 0) members.push(`"filters":${branchJson(filters)}`);
  if (parts.data !== undefined) members.push(`"data":${checkedJson('--data', parts.data)}`);
  if (parts.message !== undefined) members.push(`"message":${JSON.stringify(parts.message)}`);
  const json = `{${members.join(',')}}`;
  try {
    decodePublications({ bytes: Buffer.from(json), text: json });
  } catch (error) {
    if (error instanceof ProtocolError) throw new UsageError(error.described);
    throw error;
  }
  return { json };
}

/**
 * The JSON of a value: what begins as an object, an array or a string of JSON does is one, anything else is text, or
 * a list of texts where it has commas.
 * @throws UsageError when it begins as JSON and is none.
 */
function valueJson(option: string, text: string): string {
  if (/^\s*[{["]/.test(text)) return checkedJson(option, text);
  const parts = text.split(',').map((part) => part.trim());
  if (parts.includes('')) throw new UsageError(`${option}: expected VALUE or VALUE,VALUE without empty values, found "${text}"`);
  const value: Json = parts.length === 1 ? (parts[0] as string) : parts;
  return JSON.stringify(value);
}

function checkedJson(option: string, text: string): string {
  const bytes = Buffer.from(text);
  try {
    scan(bytes);
    return text;
  } catch (error) {
    if (error instanceof ProtocolError) throw new UsageError(describeProtocolError(option, { bytes }, error));
    throw error;
  }
}

function putFilter(filters: Branch, text: string): void {
  const equals = text.indexOf('=');
  const path = text.slice(0, Math.max(0, equals)).split('.');
  if (path.includes('')) throw new UsageError(`--filter: expected NAME=VALUES or NAME.NAME=VALUES, found "${text}"`);
  put(filters, path, valueJson(`--filter ${path.join('.')}`, text.slice(equals + 1)));
}

function put(filters: Branch, path: readonly string[], json: string): void {
  let branch = filters;
  for (const name of path.slice(0, -1)) {
    const next = branch.get(name) ?? new Map();
    if (typeof next === 'string') throw new UsageError(`the filter ${path.join('.')} goes on where another filter ends`);
    branch.set(name, next);
    branch = next;
  }
  const last = path.at(-1) ?? '';
  const found = branch.get(last);
  const name = path.join('.');
  if (typeof found === 'string')
    throw new UsageError(`the filter ${name} is given twice: put its values together, as in --filter ${name}=2,3`);
  if (found) throw new UsageError(`the filter ${name} ends where another filter goes on`);
  branch.set(last, json);
}

function branchJson(branch: Branch): string {
  const members = [...branch].map(([name, value]) => `${JSON.stringify(name)}:${typeof value === 'string' ? value : branchJson(value)}`);
  return `{${members.join(',')}}`;
}
