import { comparisonForm, type Filters, isObject, isScalar, type Json, type JsonObject, membersOf, type Scalar } from './filter.js';
import type { Notification, Subscription } from './messages.js';

/**
 * Whether a subscription wants a notification: package and page are equal, and every filter of the
 * subscription is an own member of the notification's filters whose value it accepts. This is the definition;
 * `server/registry` finds the same subscriptions without asking each. Never throws on decoded messages.
 */
export function matches(subscription: Subscription, notification: Notification): boolean {
  if (subscription.package !== notification.package || subscription.page !== notification.page) return false;
  return acceptsFilters(subscription.filters, notification.filters);
}

/** Whether every filter that is wanted is an own member of those that are given, whose value it accepts. */
export function acceptsFilters(wish: Filters | undefined, gift: Filters | undefined): boolean {
  return acceptsMembers(membersOf(wish), membersOf(gift));
}

/**
 * The table of PROTOCOL.md section 3: the first row that fits decides. `wanted` stands in a subscription,
 * `given` in a notification.
 */
export function accepts(wanted: Json, given: Json): boolean {
  if (isWildcard(wanted)) return true;
  if (Array.isArray(given)) return given.some((element) => accepts(wanted, element));
  if (isScalar(given)) return acceptsScalar(wanted, given);
  return isObject(wanted) && acceptsMembers(wanted, given as JsonObject);
}

/** `true`, or an object without members: any value that is present is accepted. */
export function isWildcard(wanted: Json): boolean {
  return wanted === true || (isObject(wanted) && Object.keys(wanted).length === 0);
}

/** Whether two scalars are equal: by their ECMAScript string forms, `null` only to `null`. */
export function equalScalars(one: Scalar, other: Scalar): boolean {
  return comparisonForm(one) === comparisonForm(other);
}

function acceptsMembers(wanted: JsonObject, given: JsonObject): boolean {
  for (const name of Object.keys(wanted)) {
    if (!Object.hasOwn(given, name) || !accepts(wanted[name] as Json, given[name] as Json)) return false;
  }
  return true;
}

function acceptsScalar(wanted: Json, given: Scalar): boolean {
  if (isScalar(wanted)) return equalScalars(wanted, given);
  if (Array.isArray(wanted)) return wanted.some((element) => isScalar(element) && equalScalars(element, given));
  return Object.values(wanted).some((entry) => accepts(entry, given));
}
