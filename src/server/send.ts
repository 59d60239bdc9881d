import { CLOSE_CODES } from '../protocol/index.js';
import type { Frame } from './frame.js';
import type { Peer } from './peer.js';

/**
 * Queues a frame that one peer alone gets, behind all that waits for it already, and drops the peer when too much
 * does: a peer that asks and never reads the answers must not fill the memory.
 */
export function send(peer: Peer, frame: Frame): void {
  for (const membership of peer.memberships) membership.audience?.catchUp(membership);
  if (!peer.outbox.push(frame)) peer.drop(CLOSE_CODES.overloaded.code, 'too far behind');
}
