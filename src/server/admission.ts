import type { Caller, Identity } from './identity/identity.js';

/** What is known of a peer from its handshake. */
export interface Admission {
  readonly id: string;
  readonly caller: Caller;
  /** Undefined for a `wsn.v1` peer that has still to bring a token. */
  readonly identity: Identity | undefined;
  /** Whether it speaks for itself: neither a page nor a proxy was in its headers. */
  readonly isDirect: boolean;
  /** Whether anybody may publish on the port by which it came. */
  readonly isForPublishers: boolean;
}
