import type { Located } from './located.js';
import type { CheckContext } from './shape.js';

/** Longest piece of a found text that a complaint repeats, in characters. */
const SHOWN = 40;

/**
 * Complains that something else stands where a shape expects `expected`.
 * @param advice what to do about it, if there is more to say than the expectation does.
 * @returns `undefined`, which is what the check of a shape answers after a complaint.
 */
export function mismatch(at: Located, context: CheckContext, wish: { readonly expected: string; readonly advice?: string }): undefined {
  const advice = isOpen(at) ? 'a value that is known at run time only cannot stand here' : wish.advice;
  context.complain({
    message: `found ${describeLocated(at)}, expected ${wish.expected}${advice === undefined ? '' : `: ${advice}`}`,
    place: at.place,
  });
  return undefined;
}

/** What stands there, for messages: `the number 5`, `the text "abc"`, `a list`. */
export function describeLocated(at: Located): string {
  if (at.kind === 'list') return at.items.length === 0 ? 'an empty list' : 'a list';
  if (at.kind === 'map') return at.entries.length === 0 ? 'an empty map' : 'a map';
  if (at.value === null) return 'no value (null)';
  if (typeof at.value === 'string') return `the text ${quote(at.value)}`;
  return typeof at.value === 'number' ? `the number ${at.value}` : `\`${at.value}\``;
}

/** In double quotes, on one line, cut. */
export function quote(text: string): string {
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
}

/** Whether a text still refers to a variable after everything that the file knows has been put in. */
function isOpen(at: Located): boolean {
  return at.kind === 'scalar' && typeof at.value === 'string' && /(?<!\$)\$\{/.test(at.value);
}
