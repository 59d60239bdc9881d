import { CLOSE_CODES } from '../protocol/index.js';
import type { Frame } from './frame.js';
import type { Peer } from './peer.js';

/**
 * Queues a frame that one peer alone gets, and drops the peer when too much waits for it: a peer that asks and never
 * reads the answers must not fill the memory. The fan-out does the same by itself, for all of its peers at once.
 */
export function send(peer: Peer, frame: Frame): void {
  if (!peer.outbox.push(frame)) peer.drop(CLOSE_CODES.overloaded.code, 'too far behind');
}
