import { hash } from 'node:crypto';
import { comparisonForm, isScalar, isWildcard, type Json, type JsonObject, membersOf, type Subscription } from '../../protocol/index.js';

/** What a peer wants of one topic. */
export interface CanonicalSet {
  /** Equal for equal sets, different for different ones; never long. */
  readonly key: string;
  /** The members of the filters of each subscription, those that say the same but once. */
  readonly filters: readonly JsonObject[];
}

/** Texts up to this length are their own key: it is that of a digest, so that no text looks like one. */
const MOST_KEY_CHARACTERS = 31;

/**
 * Reads a set of subscriptions of one topic. Sets have equal keys when they accept the same for the same reasons: order
 * of subscriptions, of members and of listed values, repetition, and `2` or `"2"` make no difference. Sets with equal
 * keys match the same notifications; sets with different keys may do so too and then merely share nothing.
 */
export function canonicalSet(subscriptions: readonly Subscription[]): CanonicalSet {
  const wishes = new Map<string, JsonObject>();
  for (const { filters } of subscriptions) {
    const members = membersOf(filters);
    wishes.set(canonicalMembers(members), members);
  }
  return { key: shortened([...wishes.keys()].sort().join('\n')), filters: [...wishes.values()] };
}

/** Equal for filters that say the same, different for others (see `canonicalSet`), and never long. */
export function canonicalKey(members: JsonObject): string {
  return shortened(canonicalMembers(members));
}

/** The text itself if it is short, else its digest. */
export function shortened(text: string): string {
  return text.length <= MOST_KEY_CHARACTERS ? text : digest(text);
}

/**
 * Short, because a million different sets are kept and a set may be a megabyte; SHA-256, because a peer must not be able
 * to make two sets that share a key.
 */
export function digest(text: string): string {
  return hash('sha256', text, 'binary');
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
