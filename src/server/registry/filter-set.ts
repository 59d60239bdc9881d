import { countValues, type JsonObject } from '../../protocol/index.js';
import type { CanonicalSet } from './canonical.js';
import { WideMap } from './wide-map.js';

/** Filters of which one has to accept: what peers want of a topic, or what their grants let through. */
export class FilterSet {
  /** As of `CanonicalSet`. */
  readonly key: string;
  readonly filters: readonly JsonObject[];
  /** How many groups have it, on either side. */
  uses = 0;
  /** Number of the look-up that compared it last, and what came out: so that it is compared at most once in each. */
  stamp = 0;
  isMet = false;
  #weight = 0;

  constructor({ key, filters }: CanonicalSet) {
    this.key = key;
    this.filters = filters;
  }

  /** What a comparison costs at most, in values; counted when there is one. */
  get weight(): number {
    if (this.#weight === 0) for (const members of this.filters) this.#weight += countValues(members);
    return this.#weight;
  }
}

/** The sets of one topic's groups under grants, each kept once however many of them have it. */
export class FilterSets {
  readonly #sets = new WideMap<FilterSet>();

  get size(): number {
    return this.#sets.size;
  }

  /** The set that says the same; whoever takes it has to release it. */
  take(wanted: CanonicalSet): FilterSet {
    let set = this.#sets.get(wanted.key);
    if (!set) {
      set = new FilterSet(wanted);
      this.#sets.set(set.key, set);
    }
    set.uses++;
    return set;
  }

  release(set: FilterSet): void {
    set.uses--;
    if (set.uses === 0) this.#sets.delete(set.key);
  }
}
