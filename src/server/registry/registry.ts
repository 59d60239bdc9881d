import { LIMITS, membersOf, type Notification, type Subscription, type Topic, topicKey } from '../../protocol/index.js';
import type { Peer } from '../peer.js';
import { canonicalSet } from './canonical.js';
import { type Claim, Claims } from './claims.js';
import { type Group, join, leave, move, settle } from './group.js';
import type { Membership } from './membership.js';
import { TopicIndex, wantedBy } from './topic-index.js';
import { topicSets } from './topic-sets.js';
import { WideMap } from './wide-map.js';

/** How well the index has chosen: candidates a match, 1 being perfect. */
export interface RegistryStats {
  readonly topics: number;
  readonly groups: number;
  readonly memberships: number;
  /** Sets of filters that are kept for groups under grants. */
  readonly sets: number;
  /** Since the start: what look-ups had to consider, how much of it was compared in vain, and the groups they found. */
  readonly candidates: number;
  readonly refused: number;
  readonly found: number;
  /** 1 is perfect: whatever was considered was also found. */
  readonly candidatesPerMatch: number;
}

/**
 * Who wants what, and may have it. Finds the peers of a notification without asking each: its cost follows the candidates
 * of one predicate a subscription or grant (see `FilterIndex`), not the number of peers that are connected. `matches` of
 * a subscription and `permits` of the peer's grants are the definition of what it must find.
 */
export class Registry {
  readonly #topics = new WideMap<TopicIndex>();
  readonly #unwatched: (topic: Topic) => void;
  #groups = 0;
  #memberships = 0;
  #sets = 0;
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
      sets: this.#sets,
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
    const claims = new Claims(peer.access.subscribe);
    for (const [key, ofTopic] of sets) {
      const topic = ofTopic[0] as Topic;
      const claim = claims.of(topic, canonicalSet(ofTopic));
      const old = kept.get(key);
      if (old?.group.key === claim.key) {
        kept.delete(key);
        settle(old, sets.size === 1);
        next.push(old);
      } else next.push(join(this.#open(topic, claim, sets.size), peer, sets.size === 1));
    }
    this.#memberships += next.length - peer.memberships.length;
    // A copy, because an array that has grown by pushing keeps room for sixteen more, and most peers follow one topic.
    peer.memberships = next.slice();
    for (const membership of kept.values()) this.#leave(membership);
  }

  /**
   * Puts the peer's set under its new grants, `peer.access` having been replaced, in one synchronous step: from now on
   * nothing reaches it that they do not let through. Memberships keep their order and what the peer was told; a
   * topic that no grant names stays among them, and nothing of it is found until one does.
   */
  regrant(peer: Peer): void {
    const claims = new Claims(peer.access.subscribe);
    const { memberships } = peer;
    peer.memberships = memberships.map((membership) => {
      const { group } = membership;
      const claim = claims.of(group.topic, wantedBy(group));
      if (claim.key === group.key) return membership;
      const moved = move(membership, this.#open(group.topic, claim, memberships.length), memberships.length === 1);
      this.#closeEmpty(group);
      return moved;
    });
  }

  /** Forgets a peer; nothing that only it had asked for stays behind. */
  remove(peer: Peer): void {
    const gone = peer.memberships;
    peer.memberships = [];
    this.#memberships -= gone.length;
    for (const membership of gone) this.#leave(membership);
  }

  /** The groups that want `notification`, each once; a peer is in at most one of them. */
  find(notification: Notification): readonly Group[] {
    const entry = this.#topics.get(topicKey(notification));
    if (!entry) return [];
    const { groups, candidates, refused } = entry.find(membersOf(notification.filters));
    this.#candidates += candidates;
    this.#refused += refused;
    this.#found += groups.length;
    return groups;
  }

  /** Every group of a topic, whatever it wants of it. */
  groupsOf(topic: Topic): Iterable<Group> {
    return this.#topics.get(topicKey(topic))?.groups ?? [];
  }

  /** @param topics how many the peer follows: together they post no more for grants than they may for subscriptions. */
  #open(topic: Topic, claim: Claim, topics: number): Group {
    const key = topicKey(topic);
    let entry = this.#topics.get(key);
    if (!entry) {
      entry = new TopicIndex(topic);
      this.#topics.set(key, entry);
    }
    const { size, sets } = entry;
    const group = entry.open(claim, LIMITS.filterValues / topics);
    this.#groups += entry.size - size;
    this.#sets += entry.sets - sets;
    return group;
  }

  #leave(membership: Membership): void {
    leave(membership);
    this.#closeEmpty(membership.group);
  }

  #closeEmpty(group: Group): void {
    if (group.size > 0) return;
    const key = topicKey(group.topic);
    const entry = this.#topics.get(key) as TopicIndex;
    const { sets } = entry;
    entry.close(group);
    this.#groups--;
    this.#sets += entry.sets - sets;
    if (entry.size > 0) return;
    this.#topics.delete(key);
    this.#unwatched(group.topic);
  }
}
