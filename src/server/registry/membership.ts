import type { Position } from '../../protocol/index.js';
import type { Outbox } from '../outbox.js';
import type { Peer } from '../peer.js';
import type { Audience } from './audience.js';
import type { Group } from './group.js';

/** A peer's place in a group. */
export interface Membership {
  readonly peer: Peer;
  /** The peer's, for who goes through thousands of members. */
  readonly outbox: Outbox;
  readonly group: Group;
  /** The audience that the peer is in; undefined while it follows other topics too. */
  audience: Audience | undefined;
  /** Index in the members of the audience or in `group.others`, kept up to date, so that leaving does not search. */
  place: number;
  /** Number of the first frame of its audience that the peer has not been handed. */
  next: number;
  /** The last position of the topic that the peer was told of by itself: see `toldOf`. */
  toldEpoch: string;
  toldOffset: number;
}

/** Notes that the peer is being told of `position`, so that its next mark need not. */
export function tell(membership: Membership, position: Position): void {
  membership.toldEpoch = position.epoch;
  membership.toldOffset = position.offset;
}

/** The last position of the topic that the peer was told of, by itself or with its audience. */
export function toldOf(membership: Membership): Position {
  const { audience, toldEpoch: epoch, toldOffset: offset } = membership;
  const told = audience?.told;
  return told && told.epoch === epoch && told.offset > offset ? told : { epoch, offset };
}

/** Takes one of `members` out: the last one moves into its place. */
export function takeOut(members: Membership[], membership: Membership): void {
  const last = members.pop();
  if (last === undefined || last === membership) return;
  members[membership.place] = last;
  last.place = membership.place;
}
