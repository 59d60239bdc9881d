import { describe, isObject, isScalar, type Json, membersOf, type Scalar } from './filter.js';
import { accepts, equalScalars, isWildcard } from './match.js';
import type { Notification, Subscription } from './messages.js';

/** Why one comparison came out as it did; the tree of them is why a subscription matches or does not. */
export interface Reason {
  /** Whether this comparison was accepted. */
  readonly accepted: boolean;
  /** What was compared: `package`, or the path of a filter such as `filters.values.channel`. */
  readonly what: string;
  /** One sentence: the row of the table that decided, with both values. */
  readonly because: string;
  /** What the author of a refused filter probably wants to know. */
  readonly hint?: string;
  /** The comparisons that decided this one. */
  readonly parts: readonly Reason[];
}

/** The longest form in which a value is repeated in a sentence, in characters. */
const SHOWN = 60;

/**
 * Why `subscription` matches `notification`, or why not. `accepted` of the root is always what
 * `matches(subscription, notification)` returns; every comparison is made, also after the first refusal,
 * so that one reading shows all that has to be changed.
 */
export function explain(subscription: Subscription, notification: Notification): Reason {
  const parts = [explainName('package', subscription, notification), explainName('page', subscription, notification)];
  const wanted = membersOf(subscription.filters);
  const given = membersOf(notification.filters);
  for (const name of Object.keys(wanted)) {
    parts.push(explainMember(`filters.${name}`, name, wanted, given));
  }
  const refused = parts.filter((part) => !part.accepted).length;
  if (refused > 0) {
    const because = `the subscription does not match: ${refused} of ${parts.length} conditions refused`;
    return { accepted: false, what: 'subscription', because, parts };
  }
  const filters = parts.length === 2 ? 'there are no filters' : 'every filter accepts';
  return { accepted: true, what: 'subscription', because: `the subscription matches: the topic is equal and ${filters}`, parts };
}

function explainName(name: 'package' | 'page', subscription: Subscription, notification: Notification): Reason {
  const wanted = subscription[name];
  const given = notification[name];
  if (wanted === given) return leaf(true, name, `${show(wanted)} is equal`);
  const isNear = wanted.trim().toLowerCase() === given.trim().toLowerCase();
  const hint = isNear ? 'names are compared exactly: upper and lower case and spaces count' : undefined;
  return leaf(false, name, `${show(wanted)} is wanted, ${show(given)} is given`, hint);
}

function explainMember(what: string, name: string, wanted: Record<string, Json>, given: Record<string, Json>): Reason {
  if (Object.hasOwn(given, name)) return explainValue(what, wanted[name] as Json, given[name] as Json);
  const near = Object.keys(given).find((other) => isNearName(name, other));
  const because = `the notification has no member ${show(name)} here`;
  return leaf(false, what, because, near === undefined ? undefined : `it has ${show(near)}: names are compared exactly`);
}

function explainValue(what: string, wanted: Json, given: Json): Reason {
  if (wanted === true) return leaf(true, what, `any value is wanted (true), ${show(given)} is present`);
  if (isWildcard(wanted)) return leaf(true, what, `any value is wanted (an empty object), ${show(given)} is present`);
  if (Array.isArray(given)) return explainGivenArray(what, wanted, given);
  if (isScalar(given)) return explainGivenScalar(what, wanted, given);
  return explainGivenObject(what, wanted, given as Record<string, Json>);
}

function explainGivenArray(what: string, wanted: Json, given: readonly Json[]): Reason {
  if (given.length === 0) return leaf(false, what, 'an empty array is given: it has no element that could be accepted');
  const parts = given.map((element, index) => explainValue(`${what}[${index}]`, wanted, element));
  const accepted = parts.some((part) => part.accepted);
  const because = accepted ? 'one of the elements given is accepted' : 'none of the elements given is accepted';
  return { accepted, what, because, parts };
}

function explainGivenObject(what: string, wanted: Json, given: Record<string, Json>): Reason {
  if (!isObject(wanted)) {
    const because = `${describe(wanted)} is wanted, an object is given: a plain value or a list never accepts an object`;
    return leaf(false, what, because, 'to look inside, write an object with the same member names');
  }
  const parts = Object.keys(wanted).map((name) => explainMember(`${what}.${name}`, name, wanted, given));
  const accepted = parts.every((part) => part.accepted);
  const because = accepted ? 'every member wanted is given and accepted' : 'an object is given, so every member wanted must accept';
  return { accepted, what, because, parts };
}

function explainGivenScalar(what: string, wanted: Json, given: Scalar): Reason {
  if (isScalar(wanted)) return explainScalars(what, wanted, given);
  if (Array.isArray(wanted)) return explainWantedArray(what, wanted, given);
  const parts = Object.entries(wanted as Record<string, Json>).map(([name, entry]) => explainValue(`${what}.${name}`, entry, given));
  const accepted = accepts(wanted, given);
  const because = accepted
    ? `${show(given)} is a plain value, and one member wanted accepts it`
    : `${show(given)} is a plain value, and no member wanted accepts it`;
  return { accepted, what, because, parts };
}

function explainWantedArray(what: string, wanted: readonly Json[], given: Scalar): Reason {
  if (accepts(wanted, given)) return leaf(true, what, `${show(given)} is one of ${show(wanted)}`);
  if (wanted.length === 0) return leaf(false, what, 'an empty list is wanted: it accepts nothing', 'true accepts any value');
  const hint = wanted.map((element) => hintFor(element, given)).find((found) => found !== undefined);
  if (hint !== undefined) return leaf(false, what, `${show(given)} is none of ${show(wanted)}`, hint);
  const isInert = wanted.some((element) => !isScalar(element));
  const inert = isInert ? 'arrays and objects inside a list accept nothing' : undefined;
  const ordinary = wanted.includes(true) ? 'inside a list true is an ordinary value, not "any value"' : inert;
  return leaf(false, what, `${show(given)} is none of ${show(wanted)}`, ordinary);
}

function explainScalars(what: string, wanted: Scalar, given: Scalar): Reason {
  if (!equalScalars(wanted, given)) return leaf(false, what, `${show(wanted)} is wanted, ${show(given)} is given`, hintFor(wanted, given));
  const isUnsafe = [wanted, given].some((value) => typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER);
  const hint = isUnsafe ? 'numbers above 2^53 may compare equal though they differ: send ids as strings' : undefined;
  return leaf(true, what, `${show(given)} is equal to ${show(wanted)}`, hint);
}

/** What two scalars that differ may have been meant to be. */
function hintFor(wanted: Json, given: Scalar): string | undefined {
  if (!isScalar(wanted)) return undefined;
  if (wanted === null || given === null) {
    if (String(wanted) === String(given)) return 'null is equal only to null, not to the text "null"';
    return undefined;
  }
  const one = String(wanted);
  const other = String(given);
  if (one.trim() === other.trim() || one.toLowerCase() === other.toLowerCase()) {
    return 'values are compared as text: upper and lower case and spaces count';
  }
  if (one.trim() !== '' && other.trim() !== '' && Number(one) === Number(other)) {
    return `${show(one)} is not ${show(other)}: values are compared as text, so every digit counts`;
  }
  return undefined;
}

function isNearName(wanted: string, given: string): boolean {
  const one = wanted.trim().toLowerCase();
  const other = given.trim().toLowerCase();
  return one === other || `${one}s` === other || one === `${other}s`;
}

function leaf(accepted: boolean, what: string, because: string, hint?: string): Reason {
  return hint === undefined ? { accepted, what, because, parts: [] } : { accepted, what, because, hint, parts: [] };
}

function show(value: Json): string {
  // A number as it is compared: JSON has no form for the Infinity that 1e999 is read as.
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  if (text.length <= SHOWN) return text;
  const characters = [...text];
  return characters.length <= SHOWN ? text : `${characters.slice(0, SHOWN - 1).join('')}…`;
}
