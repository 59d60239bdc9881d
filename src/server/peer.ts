import type { Access, Dialect } from '../protocol/index.js';
import type { Outbox } from './outbox.js';
import type { Membership } from './registry/membership.js';

/** One connected peer as the steps behind `connection` see it: what it speaks, where its frames wait, how to end it. */
export interface Peer {
  /** Names the peer in the log and, with `wsn.v1`, to itself. */
  readonly id: string;
  readonly dialect: Dialect;
  /** What it may hear and say; a token given in band replaces it. */
  readonly access: Access;
  readonly outbox: Outbox;
  /** Its places in the registry, one for each topic that it subscribes to. */
  memberships: readonly Membership[];
  /** False from the moment at which a close frame or a FIN has been read from the peer, or an end of ours has begun. */
  readonly isOpen: boolean;
  /** Lets what waits leave, then sends a close frame; the first cause of an end wins. */
  close(code: number, reason?: string): void;
  /** Destroys the socket at once: for a peer that cannot read a close frame. `code` is for log and counters. */
  drop(code: number, reason: string): void;
}
