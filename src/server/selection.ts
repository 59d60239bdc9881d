import { countValues, type Filters, membersOf } from '../protocol/index.js';
import type { Effort } from './effort.js';
import type { Entry } from './entry.js';
import { FilterIndex } from './registry/filter-index.js';
import { type Group, newGroup } from './registry/group.js';

/** The groups of an index of which only the filters matter. */
const NOWHERE = { package: '', page: '' };

/** To put a value into an index costs as much as to compare so many. */
const INDEXING = 4;

/**
 * Tells who of some owners of filters, all of one topic, accepts an entry: by an index, for a history of 10,000 and a set
 * of 1,000 would make ten million comparisons of one message. It counts what it does, for a set can be made so that an
 * index does not help.
 */
export class Selection<Owner> {
  readonly #index = new FilterIndex();
  readonly #owners = new Map<Group, Owner>();
  readonly #effort: Effort;

  constructor(effort: Effort) {
    this.#effort = effort;
  }

  /** Adds an owner, who accepts what any of the `set` accepts. */
  add(owner: Owner, set: readonly { readonly filters?: Filters }[]): void {
    const filters = set.map((one) => membersOf(one.filters));
    const group = newGroup(NOWHERE, '');
    for (const members of filters) this.#effort.spend(INDEXING * countValues(members));
    this.#index.add(group, filters);
    this.#owners.set(group, owner);
  }

  /** Those who accept an entry of the topic. */
  of({ filters, values }: Entry): readonly Owner[] {
    const { groups, candidates, work } = this.#index.find(filters);
    // A comparison looks at most once at each value below the members, and mostly there are none.
    const below = values - 1 - Object.keys(filters).length;
    this.#effort.spend(values + candidates + (work - candidates) * (1 + below));
    return groups.map((group) => this.#owners.get(group) as Owner);
  }
}
