import { type Grant, type GrantList, grantsFor, type JsonObject, membersOf, type Topic } from '../../protocol/index.js';
import { type CanonicalSet, canonicalKey, digest, shortened } from './canonical.js';

/** What may reach a peer in one topic. */
export interface Claim {
  /** Equal for equal claims, different for different ones; never long. */
  readonly key: string;
  /** What its subscriptions want. */
  readonly wanted: CanonicalSet;
  /** What its grants let through; undefined when they keep back nothing that is wanted. */
  readonly granted: CanonicalSet | undefined;
}

/** The canonical key of a grant without filters. */
const UNCONDITIONAL = canonicalKey({});

/** The grants that name a topic, brought together. */
interface Named {
  readonly grants: readonly Grant[];
  /** Their filters, by canonical key; those that say the same but once. */
  readonly filters: ReadonlyMap<string, JsonObject>;
  readonly set: CanonicalSet;
}

/** Sets the grants of one peer against what it wants, topic by topic. */
export class Claims {
  /** The grants in the order of their filters' keys, so that those of a topic need not be sorted; undefined for all. */
  readonly #grants: readonly Grant[] | undefined;
  readonly #keys = new Map<Grant, string>();
  /** Of the topic before: grants may name any topic, and a peer may follow a thousand. */
  #named: Named | undefined;

  constructor(grants: GrantList) {
    if (grants === 'all') return;
    for (const grant of grants) this.#keys.set(grant, canonicalKey(membersOf(grant.filters)));
    this.#grants = [...this.#keys].sort(([, one], [, other]) => (one < other ? -1 : Number(one > other))).map(([grant]) => grant);
  }

  of(topic: Topic, wanted: CanonicalSet): Claim {
    const granted = this.#grants && this.#narrows(this.#naming(grantsFor(this.#grants, topic)), wanted);
    // What it is made from begins with a digit, and never looks like a set of filters.
    const key = granted ? digest(`${wanted.key.length}:${wanted.key}${granted.key}`) : wanted.key;
    return { key, wanted, granted };
  }

  #naming(grants: readonly Grant[]): Named {
    const known = this.#named;
    if (known?.grants.length === grants.length && known.grants.every((grant, at) => grant === grants[at])) return known;
    const filters = new Map<string, JsonObject>();
    for (const grant of grants) filters.set(this.#keys.get(grant) as string, membersOf(grant.filters));
    this.#named = { grants, filters, set: { key: shortened([...filters.keys()].join('\n')), filters: [...filters.values()] } };
    return this.#named;
  }

  /** @returns undefined when one of the grants has no filters, or each wish is word for word a grant. */
  #narrows({ filters, set }: Named, wanted: CanonicalSet): CanonicalSet | undefined {
    if (filters.has(UNCONDITIONAL) || wanted.filters.every((members) => filters.has(canonicalKey(members)))) return undefined;
    return set.key === wanted.key ? undefined : set;
  }
}
