import { membersOf, type Notification, type Subscription, type Topic, topicKey } from '../../protocol/index.js';
import type { Peer } from '../peer.js';
import { type CanonicalSet, canonicalSet } from './canonical.js';
import { FilterIndex } from './filter-index.js';
import { type Group, join, leave, newGroup, settle } from './group.js';
import type { Membership } from './membership.js';
import { topicSets } from './topic-sets.js';
import { WideMap } from './wide-map.js';

interface TopicEntry {
  readonly topic: Topic;
  readonly index: FilterIndex;
  /** By the canonical keys of their sets. */
  readonly groups: WideMap<Group>;
}

/** A peer that comes into a topic. */
interface Joining {
  readonly peer: Peer;
  /** The topic's. */
  readonly key: string;
  readonly topic: Topic;
  readonly set: CanonicalSet;
  /** Whether the peer follows no other topic. */
  readonly isAlone: boolean;
}

/** How well the index has chosen: candidates a match, 1 being perfect. */
export interface RegistryStats {
  readonly topics: number;
  readonly groups: number;
  readonly memberships: number;
  /** Since the start: what look-ups had to consider, how much of it was compared in vain, and the groups they found. */
  readonly candidates: number;
  readonly refused: number;
  readonly found: number;
  /** 1 is perfect: whatever was considered was also found. */
  readonly candidatesPerMatch: number;
}

/**
 * Who wants what. Finds the peers of a notification without asking each: its cost follows the candidates of one
 * predicate a subscription (see `FilterIndex`), not the number of peers that are connected. `protocol/match` is the
 * definition of what it must find.
 */
export class Registry {
  readonly #topics = new WideMap<TopicEntry>();
  readonly #unwatched: (topic: Topic) => void;
  #groups = 0;
  #memberships = 0;
  #candidates = 0;
  #refused = 0;
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
      refused: this.#refused,
      found: this.#found,
      candidatesPerMatch: this.#candidates === 0 ? 1 : this.#candidates / Math.max(1, this.#found),
    };
  }

  /** Whether anybody subscribes to the topic. */
  isWatched(topic: Topic): boolean {
    return this.#topics.get(topicKey(topic)) !== undefined;
  }

  /**
   * Puts a new set of subscriptions in the place of the peer's old one, in one synchronous step. A topic in
   * which the peer wants what it wanted before keeps its membership, with what the peer was told.
   */
  replace(peer: Peer, subscriptions: readonly Subscription[]): void {
    const kept = new Map(peer.memberships.map((membership) => [topicKey(membership.group.topic), membership]));
    const next: Membership[] = [];
    const sets = topicSets(subscriptions);
    const isAlone = sets.size === 1;
    for (const [key, ofTopic] of sets) {
      const set = canonicalSet(ofTopic);
      const old = kept.get(key);
      if (old?.group.key === set.key) {
        kept.delete(key);
        settle(old, isAlone);
        next.push(old);
      } else next.push(this.#join({ peer, key, topic: ofTopic[0] as Topic, set, isAlone }));
    }
    // A copy, because an array that has grown by pushing keeps room for sixteen more, and most peers follow one topic.
    peer.memberships = next.slice();
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
    const entry = this.#topics.get(topicKey(notification));
    if (!entry) return [];
    const { groups, candidates, refused } = entry.index.find(membersOf(notification.filters));
    this.#candidates += candidates;
    this.#refused += refused;
    this.#found += groups.length;
    return groups;
  }

  /** Every group of a topic, whatever it wants of it. */
  groupsOf(topic: Topic): Iterable<Group> {
    return this.#topics.get(topicKey(topic))?.groups.values() ?? [];
  }

  #join({ peer, key, topic, set, isAlone }: Joining): Membership {
    let entry = this.#topics.get(key);
    if (!entry) {
      entry = { topic: { package: topic.package, page: topic.page }, index: new FilterIndex(), groups: new WideMap() };
      this.#topics.set(key, entry);
    }
    const group = entry.groups.get(set.key) ?? this.#open(entry, set);
    this.#memberships++;
    return join(group, peer, isAlone);
  }

  #open(entry: TopicEntry, { key, filters }: CanonicalSet): Group {
    const group = newGroup(entry.topic, key);
    group.postings = entry.index.add(group, filters);
    entry.groups.set(key, group);
    this.#groups++;
    return group;
  }

  #leave(membership: Membership): void {
    leave(membership);
    this.#memberships--;
    const { group } = membership;
    if (group.size > 0) return;
    const key = topicKey(group.topic);
    const entry = this.#topics.get(key) as TopicEntry;
    entry.index.remove(group.postings);
    entry.groups.delete(group.key);
    this.#groups--;
    if (entry.groups.size > 0) return;
    this.#topics.delete(key);
    this.#unwatched(group.topic);
  }
}
