import { isObject, type Json } from '../../protocol/index.js';

/** Strings, numbers and the colons behind names, of a text that is JSON. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|:/g;

/**
 * Whether a JSON text says no more than its value does when it is written to a file and sent from there: every number keeps its
 * digits, no name stands twice or has an escape, no half of a surrogate pair is in it, and nothing in it means something to a scenario.
 */
export function isFaithful(text: string, value: Json): boolean {
  let names = 0;
  let last = '';
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === ':') names++;
    if (token === ':' && last.includes('\\')) return false;
    if (token !== ':' && !token.startsWith('"') && String(Number(token)) !== token) return false;
    last = token;
  }
  return names === countMembers(value) && !/\\u[dD][89a-fA-F]/.test(JSON.stringify(value));
}

/** Members of all objects in a value; not a number when one of them is an operator of patterns, or is left out when it is sent. */
function countMembers(value: Json): number {
  if (Array.isArray(value)) return value.reduce((sum: number, one: Json) => sum + countMembers(one), 0);
  if (!isObject(value)) return 0;
  return Object.entries(value).reduce((sum, [name, member]) => sum + (name.startsWith('$') ? Number.NaN : 1) + countMembers(member), 0);
}
