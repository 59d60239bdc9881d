import type { Position, Subscription, Topic } from '../../protocol/index.js';
import type { Peer } from '../peer.js';
import type { Posting } from './filter-index.js';

/**
 * The peers whose whole set of subscriptions in one topic is the same, however they spelled it. A notification is
 * matched once for the group, not once for each of them.
 */
export interface Group {
  readonly topic: Topic;
  /** Equal for equal sets: see `canonical`. */
  readonly key: string;
  readonly subscriptions: readonly Subscription[];
  readonly members: Membership[];
  /** Where the index keeps the subscriptions. */
  postings: readonly Posting[];
  /** Number of the look-up that found this group last: so that it is found at most once in each. */
  stamp: number;
}

/** A peer's place in a group. */
export interface Membership {
  readonly peer: Peer;
  readonly group: Group;
  /** Index in `group.members`, kept up to date, so that leaving does not search. */
  place: number;
  /** The last position of the topic that the peer was told of. */
  toldEpoch: string;
  toldOffset: number;
}

/** Puts a peer at the end of a group. */
export function join(group: Group, peer: Peer): Membership {
  const membership: Membership = { peer, group, place: group.members.length, toldEpoch: '', toldOffset: 0 };
  group.members.push(membership);
  return membership;
}

/** Takes a peer out of its group: the last member moves into its place. */
export function leave(membership: Membership): void {
  const { members } = membership.group;
  const last = members.pop();
  if (last === undefined || last === membership) return;
  members[membership.place] = last;
  last.place = membership.place;
}

/** Notes that the peer is being told of `position`, so that its next mark need not. */
export function tell(membership: Membership, position: Position): void {
  membership.toldEpoch = position.epoch;
  membership.toldOffset = position.offset;
}
