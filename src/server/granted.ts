import { type Grant, type GrantList, grantsFor, type Topic } from '../protocol/index.js';
import type { Effort } from './effort.js';
import { Selection } from './selection.js';

/** What a peer may hear of the past: what it may hear now, not what it might when the notification came. */
export class Granted {
  readonly #grants: GrantList;
  readonly #effort: Effort;
  #last: { readonly grants: readonly Grant[]; readonly selection: Selection<true> } | undefined;

  /** @param grants all that the peer has. */
  constructor(grants: GrantList, effort: Effort) {
    this.#grants = grants;
    this.#effort = effort;
  }

  /** What chooses among the entries of a topic; undefined where the peer may hear all of them. */
  in(topic: Topic): Selection<true> | undefined {
    if (this.#grants === 'all') return undefined;
    const grants = grantsFor(this.#grants, topic);
    // Mostly the same for each topic of a set.
    if (this.#last && isSame(this.#last.grants, grants)) return this.#last.selection;
    const selection = new Selection<true>(this.#effort);
    selection.add(true, grants);
    this.#last = { grants, selection };
    return selection;
  }
}

function isSame(one: readonly Grant[], other: readonly Grant[]): boolean {
  return one.length === other.length && one.every((grant, index) => grant === other[index]);
}
