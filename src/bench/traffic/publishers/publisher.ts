import type { Position } from '../../../protocol/index.js';
import type { Load, PublisherKind } from '../../load/load.js';
import type { RestartState } from '../../record/restart-state.js';
import type { Target } from '../../target.js';

/** Sends notifications, and tells its context what became of each. */
export interface Publisher extends AsyncDisposable {
  readonly kind: PublisherKind;
  /** What the broker selected; always `null` for connections that do not offer any. */
  readonly subprotocol: string | null;
  /** Notifications that were given to `publish` and of which it is not known yet what became of them; dropped ones are not. */
  readonly unanswered: number;
  /** Whether it can send no more: the connections that it lives by have ended. */
  readonly isGone: boolean;
  /** Sends now, or as soon as a connection is free for it, first come first served; never throws. */
  publish(index: number): void;
  /** Drops what still waits for a connection; nothing is told about it. What was sent is still answered. */
  stop(): void;
  /** What the broker answered to HTTP requests so far; `null` for other kinds. */
  httpOutcome(): HttpOutcome | null;
  /** What was answered so far was not yet the load: its outcome begins anew. */
  forgetHttpOutcome(): void;
}

/** As `Notifications.http` of a result. */
export interface HttpOutcome {
  /** How many answers there were of each status code. */
  readonly statusCodes: Readonly<Record<string, number>>;
  /** Answers a second, from the first request to the last answer; `null` when that is no time at all. */
  readonly perSecond: number | null;
  /** Requests that were not answered: the connection broke, or nothing came within 10 s. */
  readonly errors: number;
}

/** What a publisher needs to know, and whom it tells what it does. */
export interface PublisherContext {
  readonly target: Target;
  /** How many it may have open at the same time; `null`: as `PUBLISHER_CONNECTIONS` says. */
  readonly connections: number | null;
  readonly protocol: Load['protocol'];
  /** Bytes of notification `index`: the value of the member `notification`. Valid until the next call. */
  readonly notification: (index: number) => Buffer;
  /** Of notification `index`, from 0. With persistent connections each channel has one of its own, which keeps its order. */
  readonly channelOf: (index: number) => number;
  /** Addresses of this machine to connect from in turn; none: the system chooses. Ports run out where each notification has a connection. */
  readonly sourceAddresses: readonly string[];
  /** It is about to be written, or its connection to be opened: the moment that counts as sent. */
  onSending(index: number): void;
  /** @param position where it stands; told where there are `restarts`. */
  onAcknowledged(index: number, position?: Position): void;
  /** The broker did not take it. */
  onRefused(index: number, why: string): void;
  /** The connection ended before the broker had said whether it took it. */
  onUnknown(index: number, why: string): void;
  /** Under a load with faults: how often the run has restarted the broker. Persistent connections then come back; `null` without. */
  readonly restarts: RestartState | null;
  /** There was no connection to send it on, because the run has the broker restarted. */
  onUnsent(index: number): void;
  /** The same ended its connection before it was answered. */
  onCutOff(index: number): void;
  /** Ends everything at once, also what is under way. */
  readonly signal: AbortSignal;
}
