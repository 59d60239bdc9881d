import type { Receipt } from '../../protocol/index.js';
import type { Outgoing } from './outgoing.js';

/** One of the ways to publish. Disposal ends its connections. */
export interface Publisher extends AsyncDisposable {
  /** How many may be under way at once without changing their order at the broker. */
  readonly window: number;
  /**
   * Publishes one notification.
   * @returns its receipt, where the transport has one.
   * @throws CommandFailure when the broker refuses it or cannot be reached; the reason of the signal that the publisher
   *   was made with, when that is aborted.
   */
  publish(outgoing: Outgoing): Promise<Receipt | undefined>;
}
