import { comparisonForm, isScalar, isWildcard, type Json, type JsonObject, membersOf, type Subscription } from '../../protocol/index.js';

/**
 * A text that is equal for sets of subscriptions of one topic that accept the same for the same reasons: order of
 * subscriptions, of members and of listed values, repetition, and `2` or `"2"` make no difference. Sets with equal
 * texts match the same notifications; sets with different texts may do so too and then merely share nothing.
 */
export function canonicalSet(subscriptions: readonly Subscription[]): string {
  if (subscriptions.length === 1) return canonicalFilters(subscriptions[0]?.filters);
  return [...new Set(subscriptions.map((subscription) => canonicalFilters(subscription.filters)))].sort().join('\n');
}

function canonicalFilters(filters: Subscription['filters']): string {
  return canonicalMembers(membersOf(filters));
}

function canonicalMembers(members: JsonObject): string {
  const parts = Object.keys(members)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalWanted(members[name] as Json)}`);
  return `{${parts.join(',')}}`;
}

function canonicalWanted(wanted: Json): string {
  if (isWildcard(wanted)) return '*';
  if (isScalar(wanted)) return JSON.stringify(comparisonForm(wanted));
  if (!Array.isArray(wanted)) return canonicalMembers(wanted as JsonObject);
  // Objects and arrays inside a list accept nothing, so they do not tell two lists apart.
  const forms = new Set(wanted.filter(isScalar).map((element) => JSON.stringify(comparisonForm(element))));
  return `[${[...forms].sort().join(',')}]`;
}
