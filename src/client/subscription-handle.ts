import type { ProtocolError, SubscribedTopic, Subscription, Topic } from '../protocol/index.js';

/** A topic of which something may have been missed. It has no position where the base protocol was spoken. */
export interface LostTopic extends Topic {
  readonly epoch?: string;
  readonly offset?: number;
}

export interface SubscribeOptions {
  /** Aborting unsubscribes. */
  readonly signal?: AbortSignal;
  /** These topics of its own are lost: what came before is uncertain, load it from your API. */
  onReset?(topics: readonly LostTopic[]): void;
  /** After a reconnection: of these topics of its own nothing was missed. */
  onRecovered?(topics: readonly SubscribedTopic[]): void;
  /** The broker refuses its subscriptions: those before stand, if there were any. Without it the client's `onProblem` is told. */
  readonly onRefused?: ((error: ProtocolError) => void) | undefined;
}

/** Subscriptions of one part of an app. */
export interface SubscriptionHandle extends Disposable {
  /**
   * When its first subscriptions are in force: their topics, with what follows of a rewind (`rewound`, `complete`). With the base
   * protocol, which has no acknowledgement, an empty list when they are sent. Rejects with a ProtocolError when the broker refuses
   * them, with a ClosedError when the client closes or they are taken back before; nobody has to listen.
   */
  readonly ready: Promise<readonly SubscribedTopic[]>;
  /**
   * Wants these instead, without a gap for what is in both; resolves and rejects as `ready`.
   * What those before match goes on until these are in force. A `rewind` counts only for a topic of which the client has been told
   * nothing yet, and whatever it brings goes to every handle that matches it.
   */
  replace(subscriptions: Subscription | readonly Subscription[]): Promise<readonly SubscribedTopic[]>;
  unsubscribe(): void;
}
