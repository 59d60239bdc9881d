import type { JsonObject, Topic } from '../../protocol/index.js';
import { type Cost, isBetter } from './access-plan.js';
import type { CanonicalSet } from './canonical.js';
import type { Claim } from './claims.js';
import { FilterIndex } from './filter-index.js';
import { type FilterSet, FilterSets } from './filter-set.js';
import { type Group, type Narrowing, newGroup } from './group.js';
import type { Lookup } from './lookup.js';
import { filtersOf } from './posting.js';
import { WideMap } from './wide-map.js';

/** The groups of one topic, and where they wait. */
export class TopicIndex {
  readonly topic: Topic;
  readonly #index = new FilterIndex();
  /** By the keys of their claims. */
  readonly #groups = new WideMap<Group>();
  /** Made for the first group under grants. */
  #sets: FilterSets | undefined;

  constructor(topic: Topic) {
    this.topic = { package: topic.package, page: topic.page };
  }

  /** How many groups there are. */
  get size(): number {
    return this.#groups.size;
  }

  /** How many sets of filters are kept for groups under grants. */
  get sets(): number {
    return this.#sets?.size ?? 0;
  }

  get groups(): Iterable<Group> {
    return this.#groups.values();
  }

  find(filters: JsonObject): Lookup {
    return this.#index.find(filters);
  }

  /**
   * The group of a claim, which may be new and empty.
   * @param mostKeys values that may be posted for its grants; the subscriptions are posted instead if they are more.
   */
  open({ key, wanted, granted }: Claim, mostKeys: number): Group {
    const known = this.#groups.get(key);
    if (known) return known;
    const group = newGroup(this.topic, key);
    if (granted) group.narrowing = this.#narrow(wanted, granted, mostKeys);
    group.postings = this.#index.add(group, posted(group.narrowing)?.filters ?? wanted.filters);
    this.#groups.set(key, group);
    return group;
  }

  /** Takes a group out that nobody is in. */
  close({ key, postings, narrowing }: Group): void {
    this.#index.remove(postings);
    this.#groups.delete(key);
    if (!narrowing) return;
    this.#sets?.release(narrowing.wanted);
    this.#sets?.release(narrowing.granted);
  }

  #narrow(wanted: CanonicalSet, granted: CanonicalSet, mostKeys: number): Narrowing {
    this.#sets ??= new FilterSets();
    const sides = { wanted: this.#sets.take(wanted), granted: this.#sets.take(granted) };
    const byGranted = this.#costOf(sides.granted, mostKeys);
    const byWanted = byGranted && this.#costOf(sides.wanted);
    const isByGrants = byGranted && byWanted && isBetter(byGranted, byWanted);
    return { ...sides, unposted: isByGrants ? sides.wanted : sides.granted };
  }

  /** Whoever else has the set will be met with it, wherever they are posted. */
  #costOf({ filters, uses }: FilterSet, mostKeys?: number): Cost | undefined {
    const cost = this.#index.costOf(filters, mostKeys);
    return cost && { ...cost, crowd: Math.max(cost.crowd, uses - 1) };
  }
}

/** What the peers of a group want, whatever their grants are. */
export function wantedBy({ key, postings, narrowing }: Group): CanonicalSet {
  return narrowing?.wanted ?? { key, filters: filtersOf(postings) };
}

function posted(narrowing: Narrowing | undefined): FilterSet | undefined {
  if (!narrowing) return undefined;
  return narrowing.unposted === narrowing.wanted ? narrowing.granted : narrowing.wanted;
}
