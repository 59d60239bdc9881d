import type { Access, Dialect } from '../protocol/index.js';
import type { Caller, Identity } from './identity/identity.js';
import type { Metered } from './limits/limiter.js';
import type { Outbox } from './outbox.js';
import type { Membership } from './registry/membership.js';
import type { Work } from './suspension.js';

/** One connected peer as the steps behind `connection` see it: what it speaks, where its frames wait, how to end it. */
export interface Peer extends Metered {
  /** Names the peer in the log and, with `wsn.v1`, to itself. */
  readonly id: string;
  readonly dialect: Dialect;
  /** Who it is; undefined while a `wsn.v1` peer has still to bring its token. */
  readonly identity: Identity | undefined;
  /** What it may hear and say now. */
  readonly access: Access;
  /** Whether it speaks for itself: neither a page nor a proxy was in its headers. */
  readonly isDirect: boolean;
  /** Whether anybody may publish on the port by which it came. */
  readonly isForPublishers: boolean;
  /** As at its handshake, for who verifies its next token. */
  readonly caller: Caller;
  readonly outbox: Outbox;
  /** Its places in the registry, one for each topic that it subscribes to. */
  memberships: readonly Membership[];
  /** False from the moment at which a close frame or a FIN has been read from the peer, or an end of ours has begun. */
  readonly isOpen: boolean;
  /** Takes an identity in the place of the one before, and its end with it. */
  become(identity: Identity): void;
  /** Whether publications of it are not in the log yet. */
  readonly isUnsettled: boolean;
  /** One more publication of it is on its way into the log. */
  begun(): void;
  /** One of them is there, or failed, and it has been told. */
  settled(): void;
  /** Has `act` called when none of them is on its way. */
  whenSettled(act: () => void): void;
  /** What a base peer has published is in the log: closes with 1000 as soon as all that is on its way of it is. */
  served(): void;
  /** Has nothing else that the peer sends take effect before `work` has called back, and what it gave was called. */
  suspend(work: Work): void;
  /** Lets what waits leave, then sends a close frame; the first cause of an end wins. The log may have to tell less. */
  close(code: number, reason?: string, logged?: string): void;
  /** Destroys the socket at once: for a peer that cannot read a close frame. `code` is for log and counters. */
  drop(code: number, reason: string): void;
}
