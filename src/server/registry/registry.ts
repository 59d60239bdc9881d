import { matches, membersOf, type Notification, type Subscription, type Topic, topicKey } from '../../protocol/index.js';
import type { Peer } from '../peer.js';
import { canonicalSet } from './canonical.js';
import { FilterIndex, type Posting } from './filter-index.js';
import { type Group, join, leave, type Membership } from './group.js';

interface TopicEntry {
  readonly topic: Topic;
  readonly index: FilterIndex;
  /** By the canonical text of their sets. */
  readonly groups: Map<string, Group>;
}

/** How well the index has chosen: candidates a match, 1 being perfect. */
export interface RegistryStats {
  readonly topics: number;
  readonly groups: number;
  readonly memberships: number;
  /** Postings that look-ups came across, and groups found by them, since the start. */
  readonly candidates: number;
  readonly found: number;
}

/**
 * Who wants what. Finds the peers of a notification without asking each: its cost follows the candidates of one
 * predicate a subscription (see `FilterIndex`), not the number of peers that are connected. `protocol/match` is the
 * definition of what it must find.
 */
export class Registry {
  readonly #topics = new Map<string, TopicEntry>();
  readonly #unwatched: (topic: Topic) => void;
  #stamp = 0;
  #groups = 0;
  #memberships = 0;
  #candidates = 0;
  #found = 0;

  /** @param unwatched told of a topic when nobody subscribes to it any more. */
  constructor(unwatched: (topic: Topic) => void = () => {}) {
    this.#unwatched = unwatched;
  }

  get stats(): RegistryStats {
    return {
      topics: this.#topics.size,
      groups: this.#groups,
      memberships: this.#memberships,
      candidates: this.#candidates,
      found: this.#found,
    };
  }

  /** Whether anybody subscribes to the topic. */
  isWatched(topic: Topic): boolean {
    return this.#topics.has(topicKey(topic));
  }

  /**
   * Puts a new set of subscriptions in the place of the peer's old one, in one synchronous step. A topic in
   * which the peer wants what it wanted before keeps its membership, with what the peer was told.
   */
  replace(peer: Peer, subscriptions: readonly Subscription[]): void {
    const kept = new Map(peer.memberships.map((membership) => [topicKey(membership.group.topic), membership]));
    const next: Membership[] = [];
    for (const [key, set] of byTopic(subscriptions)) {
      const canonical = canonicalSet(set);
      const old = kept.get(key);
      if (old?.group.key === canonical) {
        kept.delete(key);
        next.push(old);
      } else next.push(this.#join(peer, key, canonical, set));
    }
    peer.memberships = next;
    for (const membership of kept.values()) this.#leave(membership);
  }

  /** Forgets a peer; nothing that only it had asked for stays behind. */
  remove(peer: Peer): void {
    const gone = peer.memberships;
    peer.memberships = [];
    for (const membership of gone) this.#leave(membership);
  }

  /** The groups that want `notification`, each once; a peer is in at most one of them. */
  find(notification: Notification): readonly Group[] {
    const groups: Group[] = [];
    const entry = this.#topics.get(topicKey(notification));
    if (!entry) return groups;
    const stamp = ++this.#stamp;
    entry.index.visit(membersOf(notification.filters), (posting: Posting) => {
      this.#candidates++;
      const { group } = posting;
      if (group.stamp === stamp || posting.stamp === stamp) return;
      posting.stamp = stamp;
      if (!posting.isExact && !matches(posting.subscription, notification)) return;
      group.stamp = stamp;
      groups.push(group);
    });
    this.#found += groups.length;
    return groups;
  }

  /** Every group of a topic, whatever it wants of it. */
  groupsOf(topic: Topic): Iterable<Group> {
    return this.#topics.get(topicKey(topic))?.groups.values() ?? [];
  }

  #join(peer: Peer, key: string, canonical: string, set: readonly Subscription[]): Membership {
    let entry = this.#topics.get(key);
    if (!entry) {
      const { package: name, page } = set[0] as Subscription;
      entry = { topic: { package: name, page }, index: new FilterIndex(), groups: new Map() };
      this.#topics.set(key, entry);
    }
    const group = entry.groups.get(canonical) ?? this.#open(entry, canonical, set);
    this.#memberships++;
    return join(group, peer);
  }

  #open(entry: TopicEntry, key: string, subscriptions: readonly Subscription[]): Group {
    const group: Group = { topic: entry.topic, key, subscriptions, members: [], postings: [], stamp: 0 };
    group.postings = subscriptions.map((subscription) => entry.index.add(group, subscription));
    entry.groups.set(key, group);
    this.#groups++;
    return group;
  }

  #leave(membership: Membership): void {
    leave(membership);
    this.#memberships--;
    const { group } = membership;
    if (group.members.length > 0) return;
    const key = topicKey(group.topic);
    const entry = this.#topics.get(key) as TopicEntry;
    for (const posting of group.postings) posting.withdraw();
    entry.groups.delete(group.key);
    this.#groups--;
    if (entry.groups.size > 0) return;
    this.#topics.delete(key);
    this.#unwatched(group.topic);
  }
}

function byTopic(subscriptions: readonly Subscription[]): Map<string, Subscription[]> {
  const sets = new Map<string, Subscription[]>();
  for (const subscription of subscriptions) {
    const key = topicKey(subscription);
    const set = sets.get(key);
    if (set) set.push(subscription);
    else sets.set(key, [subscription]);
  }
  return sets;
}
