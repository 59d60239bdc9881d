import type { Notification } from '../protocol/index.js';

/** What to publish: a notification, or its JSON text, which the broker relays byte for byte. */
export type Publishable = Notification | { readonly json: string };

export interface PublishOptions {
  /** With `wsn.v1`: the same key within two minutes is not sent again. */
  readonly key?: string;
  /** Whether not to send it with the base protocol, which has neither receipts nor keys: it rejects there. */
  readonly needsReceipt?: boolean;
  /** Stops waiting. What was sent already stays sent. */
  readonly signal?: AbortSignal;
  /** Called when it is handed to a connection: from then on it may be published. */
  onSent?(): void;
}
