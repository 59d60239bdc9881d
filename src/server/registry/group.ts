import type { Topic } from '../../protocol/index.js';
import type { Peer } from '../peer.js';
import { Audience } from './audience.js';
import type { FilterSet } from './filter-set.js';
import { type Membership, takeOut, tell, toldOf } from './membership.js';
import type { Posting } from './posting.js';

/**
 * What grants leave of what peers want: a notification has to meet both sets. One of them is posted in the index,
 * the other is compared with every notification that comes across the group.
 */
export interface Narrowing {
  readonly wanted: FilterSet;
  readonly granted: FilterSet;
  /** The one that is compared. */
  readonly unposted: FilterSet;
}

/**
 * The peers whose whole set of subscriptions in one topic is the same, however they spelled it, and whose grants keep the
 * same of it back. A notification is matched once for the group, not once for each of them, and queued once for each of
 * its audiences.
 */
export interface Group {
  readonly topic: Topic;
  /** Equal for equal sets under equal grants: see `claims`. */
  readonly key: string;
  /** What the index keeps of its subscriptions, or of its grants; without `narrowing` nobody else keeps them. */
  postings: Posting | undefined;
  /** undefined when grants keep nothing back. */
  narrowing: Narrowing | undefined;
  /** Number of the look-up that found or refused this group last: so that it is found at most once in each. */
  stamp: number;
  /** How many peers are in it, in whichever way. */
  size: number;
  /** Those who follow this topic alone, by what they speak; undefined where there is nobody. */
  base: Audience | undefined;
  v1: Audience | undefined;
  /** Those who follow other topics too: one by one, because all that one peer gets has one order. */
  others: Membership[] | undefined;
}

/** An empty group. */
export function newGroup(topic: Topic, key: string): Group {
  return { topic, key, postings: undefined, narrowing: undefined, stamp: 0, size: 0, base: undefined, v1: undefined, others: undefined };
}

/**
 * Puts a peer into a group: it gets what comes from now on.
 * @param isAlone whether this is the only topic that the peer follows.
 */
export function join(group: Group, peer: Peer, isAlone: boolean): Membership {
  const membership: Membership = { peer, outbox: peer.outbox, group, audience: undefined, place: 0, next: 0, toldEpoch: '', toldOffset: 0 };
  group.size++;
  enter(membership, isAlone);
  return membership;
}

/** Takes a peer out of its group; what waited there for it waits in its own outbox now. */
export function leave(membership: Membership): void {
  membership.group.size--;
  exit(membership);
}

/** Takes a peer to another group of the topic, with what it was told and, in its own outbox, what waited for it. */
export function move(membership: Membership, group: Group, isAlone: boolean): Membership {
  const told = toldOf(membership);
  leave(membership);
  // What all who are there were told the peer was not.
  group[membership.peer.dialect]?.tellEach();
  const moved = join(group, membership.peer, isAlone);
  tell(moved, told);
  return moved;
}

/** Notes that the peer has begun to follow other topics too, or follows this one alone again. */
export function settle(membership: Membership, isAlone: boolean): void {
  if (isAlone === (membership.audience !== undefined)) return;
  const told = toldOf(membership);
  exit(membership);
  enter(membership, isAlone);
  tell(membership, told);
}

function enter(membership: Membership, isAlone: boolean): void {
  const { group, peer } = membership;
  if (isAlone) {
    group[peer.dialect] ??= new Audience(peer.dialect);
    group[peer.dialect]?.add(membership);
  } else {
    group.others ??= [];
    membership.place = group.others.push(membership) - 1;
  }
}

function exit(membership: Membership): void {
  const { audience, group } = membership;
  if (audience) {
    audience.remove(membership);
    if (audience.members.length === 0) group[audience.dialect] = undefined;
  } else if (group.others) {
    takeOut(group.others, membership);
    if (group.others.length === 0) group.others = undefined;
  }
}
