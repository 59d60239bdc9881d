import { comparisonForm, isObject, isScalar, type Json, type JsonObject } from '../../protocol/index.js';
import { type Cost, onlyTarget, planMembers, type Target } from './access-plan.js';
import type { Group } from './group.js';
import { Lookup } from './lookup.js';
import { type BucketKey, Node } from './node.js';
import { Guard, type Posting } from './posting.js';

/**
 * The index of one topic: a trie of filter names, with buckets of postings at its nodes. A notification walks it with
 * its own filters and comes across a superset of the subscriptions that accept it, the *candidates*.
 *
 * Let n be the values, objects and arrays in the notification's filters, c its candidates, w the values wanted in a set.
 *
 * - `find`: O(n + c), and for each candidate that wants more than one thing the values that it wants. Values that are
 *   wanted by others only cost nothing, however many they are.
 * - `add`, `remove`: O(w · depth), whoever else is there. Depth is at most 8.
 * - Memory: one entry of a map for each different value under a top name, one for each level of its depth once two want
 *   it; nothing of the message is kept but the values, and the filters of subscriptions that want more than one thing.
 *
 * What is bad, and what bounds it: subscriptions without filters and wildcards are candidates of every notification that
 * has the member, but then they are found too, unless other filters refuse. Subscriptions that want several things, each
 * of them popular, are compared one by one and may all refuse: at most 1,000 a peer and topic, which have at most 10,000
 * values. A notification that names a value many times pays for the crowd of it once. An array of m objects
 * costs a candidate that wants several members of one object m comparisons: who may publish may make a broker work.
 *
 * A group under grants posts its subscriptions or its grants, whichever fewer notifications come across; the other set is
 * compared when a candidate has been met, once in a look-up for all groups that share it. So a candidate costs at most
 * the values of that set more: 10,000, of its own peer if it is wanted, of whoever issues tokens if it is granted. Where
 * both sets are popular and only the pair is rare, candidates are as many as the smaller crowd.
 */
export class FilterIndex {
  readonly #root = new Node();

  get isEmpty(): boolean {
    return this.#root.isEmpty;
  }

  /**
   * Posts what a group wants, or what its grants let through.
   * @param filters of the group's subscriptions or grants, each in the form of its members.
   * @returns the postings, linked; undefined when nothing can ever match.
   */
  add(group: Group, filters: readonly JsonObject[]): Posting | undefined {
    let last: Posting | undefined;
    const post = (target: Target, guard: Guard | undefined): void => {
      const node = this.#reach(target.path);
      last = { group, node, keys: target.keys, guard, next: last };
      node.post(last);
    };
    const chains = new Map<string, Chain>();
    for (const wanted of filters) {
      const only = onlyTarget(wanted);
      if (only) addTo(chains, only);
      else {
        const guard = new Guard(wanted);
        for (const target of planMembers(wanted, this.#root).targets) post(target, guard);
      }
    }
    for (const { path, keys } of chains.values()) if (keys.size > 0) post({ path, keys: [...keys] }, undefined);
    return last;
  }

  /**
   * What it would cost, as the index stands, if these filters were added.
   * @returns undefined when they would take more than `mostKeys`.
   */
  costOf(filters: readonly JsonObject[], mostKeys = Number.POSITIVE_INFINITY): Cost | undefined {
    const sum = { hasWildcard: false, crowd: 0, keys: 0 };
    for (const wanted of filters) {
      const { hasWildcard, crowd, keys } = planMembers(wanted, this.#root);
      sum.hasWildcard ||= hasWildcard;
      sum.crowd += crowd;
      sum.keys += keys;
      if (sum.keys > mostKeys) return undefined;
    }
    return sum;
  }

  /** Takes out what `add` returned. */
  remove(postings: Posting | undefined): void {
    for (let posting = postings; posting; posting = posting.next) posting.node.withdraw(posting);
  }

  /** Everybody who wants a notification of the topic with these filters. */
  find(filters: JsonObject): Lookup {
    const lookup = new Lookup(filters);
    lookup.meet(this.#root.anyPresent);
    visitMembers(this.#root, filters, lookup);
    return lookup;
  }

  #reach(path: readonly string[]): Node {
    let node = this.#root;
    for (const name of path) node = node.child(name);
    return node;
  }
}

/** All that a group wants under one chain of names. */
interface Chain {
  readonly path: readonly string[];
  readonly keys: Set<BucketKey>;
}

/** Brings what is wanted under the same names together: any of it is enough. */
function addTo(chains: Map<string, Chain>, { path, keys }: Target): void {
  const name = JSON.stringify(path);
  const chain = chains.get(name);
  if (!chain) chains.set(name, { path, keys: new Set(keys) });
  else for (const key of keys) chain.keys.add(key);
}

function visitMembers(node: Node, members: JsonObject, lookup: Lookup): void {
  const { children } = node;
  if (!children) return;
  for (const name of Object.keys(members)) {
    const child = children.get(name);
    if (child) visitValue(child, members[name] as Json, lookup);
  }
}

function visitValue(node: Node, given: Json, lookup: Lookup): void {
  lookup.meet(node.anyPresent);
  if (isScalar(given)) {
    lookup.meet(node.anyScalar);
    lookup.meet(node.waitingFor(comparisonForm(given)));
  } else if (isObject(given)) visitMembers(node, given, lookup);
  else for (const element of given as readonly Json[]) visitValue(node, element, lookup);
}
