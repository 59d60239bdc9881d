import {
  type Filters,
  isObject,
  isScalar,
  type Json,
  type JsonObject,
  matches,
  membersOf,
  type Subscription,
} from '../../protocol/index.js';

/**
 * Filters of a notification that a subscription matches: what a fence publishes.
 * @returns `undefined` when no notification can match, as with an empty list of wanted values.
 */
export function witnessFilters(subscription: Subscription): JsonObject | undefined {
  const filters = givenMembers(membersOf(subscription.filters as Filters));
  if (filters === undefined) return undefined;
  const topic = { package: subscription.package, page: subscription.page };
  return matches(subscription, { ...topic, filters }) ? filters : undefined;
}

function givenMembers(wanted: JsonObject): JsonObject | undefined {
  const given: Record<string, Json> = {};
  for (const [name, one] of Object.entries(wanted)) {
    const value = givenFor(one);
    if (value === undefined) return undefined;
    Object.defineProperty(given, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return given;
}

function givenFor(wanted: Json): Json | undefined {
  if (!isObject(wanted)) return scalarFor(wanted);
  return Object.keys(wanted).length === 0 ? scalarFor(wanted) : (givenMembers(wanted) ?? scalarFor(wanted));
}

/** A scalar that is accepted: of an object any entry will do, also where another one accepts nothing. */
function scalarFor(wanted: Json): Json | undefined {
  if (wanted === true) return 'fence';
  if (isScalar(wanted)) return wanted;
  if (!isObject(wanted)) return wanted.find((one: Json) => isScalar(one));
  const entries = Object.values(wanted);
  return entries.length === 0 ? 'fence' : entries.map(scalarFor).find((one) => one !== undefined);
}
