import type { Receipt } from '../../protocol/index.js';
import type { Outgoing } from './outgoing.js';

/** One of the ways to publish. Disposal ends its connections. */
export interface Publisher extends AsyncDisposable {
  /** How many may be under way at once without changing their order at the broker. */
  readonly window: number;
  /** Whether anything may have arrived yet. */
  hasSent(): boolean;
  /**
   * Publishes one notification.
   * @returns its receipt, where the transport has one.
   * @throws CommandFailure when the broker refuses it or cannot be reached; the reason of the signal that the publisher
   *   was made with, when that is aborted.
   */
  publish(outgoing: Outgoing): Promise<Receipt | undefined>;
}

/** How hard a publisher is to try. */
export interface Endeavour {
  /** Aborted when it is to end. */
  readonly signal: AbortSignal;
  /**
   * Set where it is to try again whatever may get better; every notification has a key then. Called with the reason for each wait,
   * in a peer's words.
   */
  readonly onWait: ((sentence: string) => void) | undefined;
}

/** Longest wait between two tries, in ms: somebody may be looking, and there is but one of us. */
export const RETRY_BACKOFF = { maxMs: 10_000 } as const;
