import { countValues, type JsonObject } from '../../protocol/index.js';
import type { Group } from './group.js';
import type { BucketKey, Node } from './node.js';

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
