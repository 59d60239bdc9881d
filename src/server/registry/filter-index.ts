import { comparisonForm, isObject, isScalar, type Json, type JsonObject, membersOf, type Subscription } from '../../protocol/index.js';
import { type AccessPlan, planMembers } from './access-plan.js';
import type { Bucket } from './bucket.js';
import type { Group } from './group.js';
import { ANY_PRESENT, type BucketKey, Node } from './node.js';

/** One subscription of a group, posted in the buckets of its access plan. */
export class Posting {
  readonly group: Group;
  readonly subscription: Subscription;
  /** Whether meeting it is proof that it matches; otherwise `matches` has to confirm. */
  readonly isExact: boolean;
  /** Number of the look-up that came across it last: so that it is confirmed at most once in each. */
  stamp = 0;
  readonly #nodes: Node[] = [];
  readonly #keys: BucketKey[] = [];
  readonly #places: number[] = [];

  constructor(group: Group, subscription: Subscription) {
    this.group = group;
    this.subscription = subscription;
    this.isExact = isChain(membersOf(subscription.filters));
  }

  post(node: Node, key: BucketKey): void {
    const slot = this.#nodes.push(node) - 1;
    this.#keys.push(key);
    this.#places.push(node.openBucket(key).add(this, slot));
  }

  /** Told by a bucket that this posting stands elsewhere in it now. */
  moved(slot: number, place: number): void {
    this.#places[slot] = place;
  }

  withdraw(): void {
    for (const [slot, node] of this.#nodes.entries()) {
      const key = this.#keys[slot] as BucketKey;
      const bucket = node.bucket(key) as Bucket;
      bucket.removeAt(this.#places[slot] as number);
      if (bucket.size === 0) node.closeBucket(key);
    }
  }
}

/**
 * The index of one topic: a trie of filter names, with buckets of postings at its nodes. A notification walks it with
 * its own filters and meets a superset of the subscriptions that accept it, the *candidates*.
 *
 * Cost of a look-up: one step for each value in the notification's filters that has a node, and one for each
 * candidate. Worst cases: subscriptions without filters and wildcards are candidates of every notification that has
 * the member (they also match it, unless other filters refuse); subscriptions with several filters whose chosen
 * predicate is popular are confirmed one by one. Cost of adding or removing: one step for each value wanted under
 * the chosen predicate.
 */
export class FilterIndex {
  readonly #root = new Node();

  get isEmpty(): boolean {
    return this.#root.isEmpty;
  }

  add(group: Group, subscription: Subscription): Posting {
    const posting = new Posting(group, subscription);
    for (const target of this.#plan(subscription).targets) {
      let node = this.#root;
      for (const name of target.path) node = node.child(name);
      posting.post(node, target.key);
    }
    return posting;
  }

  /** Calls `candidate` for every posting that the filters come across, some of them more than once. */
  visit(filters: JsonObject, candidate: (posting: Posting) => void): void {
    meet(this.#root.anyPresent, candidate);
    visitMembers(this.#root, filters, candidate);
  }

  #plan(subscription: Subscription): AccessPlan {
    const members = membersOf(subscription.filters);
    if (Object.keys(members).length > 0) return planMembers(members, this.#root, []);
    return { targets: [{ path: [], key: ANY_PRESENT }], hasWildcard: true, crowd: 0 };
  }
}

function visitMembers(node: Node, members: JsonObject, candidate: (posting: Posting) => void): void {
  const { children } = node;
  if (!children) return;
  for (const name of Object.keys(members)) {
    const child = children.get(name);
    if (child) visitValue(child, members[name] as Json, candidate);
  }
}

function visitValue(node: Node, given: Json, candidate: (posting: Posting) => void): void {
  meet(node.anyPresent, candidate);
  if (isScalar(given)) {
    meet(node.anyScalar, candidate);
    meet(node.values?.get(comparisonForm(given)), candidate);
  } else if (isObject(given)) visitMembers(node, given, candidate);
  else for (const element of given as readonly Json[]) visitValue(node, element, candidate);
}

function meet(bucket: Bucket | undefined, candidate: (posting: Posting) => void): void {
  if (bucket) for (const posting of bucket.postings) candidate(posting);
}

/** Whether at most one member stands at every level: then to meet one predicate is to have met them all. */
function isChain(members: JsonObject): boolean {
  const values = Object.values(members);
  if (values.length > 1) return false;
  const [value] = values;
  return value === undefined || !isObject(value) || isChain(value);
}
