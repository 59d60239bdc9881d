import type { JsonObject } from '../../protocol/index.js';
import { type Bucket, Crowd, isOne } from './bucket.js';
import type { FilterSet } from './filter-set.js';
import { Given } from './given.js';
import type { Group } from './group.js';
import type { Posting } from './posting.js';

/** Of all look-ups of all indexes, so that a number is never met twice. */
let stamps = 0;

/** One search for the groups that want a notification: what it has come across so far. */
export class Lookup {
  /** The groups that want it, each once. */
  readonly groups: Group[] = [];
  /** Postings that might have led to a group, each once: those of groups that were found before are not counted. */
  candidates = 0;
  /** Candidates that were refused when all their filters, and their grants, were compared. */
  refused = 0;
  /** The most that the comparisons can have cost, in values wanted, and one for each candidate. */
  work = 0;
  readonly #stamp = ++stamps;
  readonly #given: Given;

  constructor(filters: JsonObject) {
    this.#given = new Given(filters);
  }

  /** Considers everybody who waits in `bucket`. */
  meet(bucket: Bucket | undefined): void {
    if (bucket === undefined) return;
    if (isOne(bucket)) {
      this.#consider(bucket);
      return;
    }
    if (!(bucket instanceof Crowd)) {
      for (const posting of bucket) this.#consider(posting);
    } else if (bucket.stamp !== this.#stamp) {
      bucket.stamp = this.#stamp;
      for (const posting of bucket.postings) this.#consider(posting);
    }
  }

  #consider({ group, guard }: Posting): void {
    if (group.stamp === this.#stamp || guard?.stamp === this.#stamp) return;
    this.candidates++;
    this.work++;
    const unposted = group.narrowing?.unposted;
    // First what is known: grants that thousands share are compared once.
    if (unposted?.stamp === this.#stamp && !unposted.isMet) {
      this.#refuse(group);
      return;
    }
    if (guard) {
      guard.stamp = this.#stamp;
      this.work += guard.weight;
      if (!this.#given.isWantedBy(guard.filters)) {
        this.refused++;
        return;
      }
    }
    if (unposted && !this.#isMet(unposted)) {
      this.#refuse(group);
      return;
    }
    group.stamp = this.#stamp;
    this.groups.push(group);
  }

  /** For good: whatever else of it is posted, the other side has said no. */
  #refuse(group: Group): void {
    group.stamp = this.#stamp;
    this.refused++;
  }

  #isMet(set: FilterSet): boolean {
    if (set.stamp !== this.#stamp) {
      set.stamp = this.#stamp;
      set.isMet = set.filters.some((filters) => this.#given.isWantedBy(filters));
      this.work += set.weight;
    }
    return set.isMet;
  }
}
