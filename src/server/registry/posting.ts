import { countValues, isObject, type Json, type JsonObject } from '../../protocol/index.js';
import type { Group } from './group.js';
import { ANY_PRESENT, type BucketKey, type Node } from './node.js';

/**
 * That a group waits for some values at one place of the index. What a group wants by one predicate alone (a value, or
 * any of a list, under a chain of names) is one posting for each chain, however many subscriptions say it, because any
 * of them is enough; a subscription with several predicates has postings of its own, which share a guard.
 */
export interface Posting {
  readonly group: Group;
  readonly node: Node;
  /** Each once. */
  readonly keys: readonly BucketKey[];
  /** What has to be confirmed of a notification that comes across it; undefined when coming across is proof. */
  readonly guard: Guard | undefined;
  /** The next posting of the group: a list, because most groups have one. */
  readonly next: Posting | undefined;
}

/** The filters of a subscription with several predicates, of which its postings cover one. */
export class Guard {
  readonly filters: JsonObject;
  /** What a comparison costs at most, in values. */
  readonly weight: number;
  /** Number of the look-up that compared it last: so that it is compared at most once in each. */
  stamp = 0;

  constructor(filters: JsonObject) {
    this.filters = filters;
    this.weight = countValues(filters);
  }
}

/**
 * What a list of postings was made from, read back: nobody else keeps the subscriptions of peers without grants. The
 * wishes may be fewer than there were and say the same in other words; those that nothing can meet are not among them.
 */
export function filtersOf(postings: Posting | undefined): readonly JsonObject[] {
  const filters = new Set<JsonObject>();
  for (let posting = postings; posting; posting = posting.next) filters.add(posting.guard?.filters ?? onlyWish(posting));
  return [...filters];
}

function onlyWish({ node, keys }: Posting): JsonObject {
  const wanted: Json = keys.includes(ANY_PRESENT) ? true : keys.filter((key) => typeof key !== 'symbol');
  const members = node.path.reduceRight<Json>((inner, name) => ({ [name]: inner }), wanted);
  return isObject(members) ? members : {};
}
