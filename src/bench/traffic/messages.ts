import type { BenchError } from '../bench-error.js';
import type { ThreadSample } from '../health/thread-watch.js';
import type { HostileKind, Load, PublisherKind } from '../load/load.js';
import type { Workload } from '../plan/workload.js';
import type { Board } from '../record/board.js';
import type { ChannelFaults } from '../record/fault-ledger.js';
import type { PublisherAccount } from '../record/publisher-account.js';
import type { ResumeOutcome } from '../record/resume-outcome.js';
import type { SlowOne } from '../record/slowest.js';
import type { Mishap, Notifications } from '../result/result.js';
import type { Way } from '../way.js';

/** What every thread of a run is started with. Typed arrays of the board and the workload are shared, not copied. */
export interface ThreadData {
  readonly url: string;
  /** Of this thread's connections. */
  readonly way: Way;
  /** Unique name of the run. */
  readonly run: string;
  readonly load: Load;
  readonly board: Board;
  readonly workload: Workload;
  /** Connections are made from these in turn; none: the system chooses. */
  readonly sourceAddresses: readonly string[];
  /** How often a thread tells what it has recorded. */
  readonly tickMs: number;
  /** For tests: this thread is blocked for so long, so much after the start of the load. */
  readonly stall: Stall | null;
}

export interface Stall {
  readonly atMs: number;
  readonly forMs: number;
}

export interface ReceiverData extends ThreadData {
  /** Of `receivers`, from 0. */
  readonly receiver: number;
  readonly receivers: number;
}

/** What the main thread tells a receiver; each is answered by the message that the comment names. */
export type ToReceiver =
  /** `connected`, when all have been tried. */
  | { readonly kind: 'connect' }
  /** `silent`: which canaries of this round are needed. */
  | { readonly kind: 'who-is-silent'; readonly round: number }
  /** `settled`: those that are not ready are let go, and nothing is expected of them. */
  | { readonly kind: 'settle' }
  /** `begun`: the board says when the load begins. */
  | { readonly kind: 'begin' }
  /** The load is over: no more faults. */
  | { readonly kind: 'calm' }
  /** `finished`, and then the connections are closed. */
  | { readonly kind: 'finish' };

export type FromReceiver =
  /** The thread is there, with nothing connected: what its memory is measured from. */
  | { readonly kind: 'started' }
  /** All connections were tried. */
  | {
      readonly kind: 'connected';
      readonly failed: Mishap;
      readonly isUnreachable: boolean;
      readonly subprotocol: string | null;
      readonly hostilePorts: readonly number[];
    }
  /** One channel for each subscriber that has not heard a canary of this round, without repeats; and why one may not hear any. */
  | { readonly kind: 'silent'; readonly subscribers: number; readonly channels: readonly number[]; readonly why: string | null }
  | { readonly kind: 'settled' }
  | { readonly kind: 'begun' }
  /** Local ports of those that a fault lets leave data unread now. */
  | { readonly kind: 'half-open'; readonly ports: readonly number[] }
  | { readonly kind: 'tick'; readonly latency: Uint32Array; readonly sample: ThreadSample }
  | {
      readonly kind: 'finished';
      readonly faults: readonly ChannelFaults[];
      readonly slowest: readonly SlowOne[];
      readonly disconnected: Mishap;
      readonly hostile: readonly HostileOutcome[];
      /** `null` without faults. */
      readonly resumes: ResumeOutcome | null;
    };

export interface HostileOutcome {
  readonly kind: HostileKind;
  readonly count: number;
  readonly droppedByBroker: number;
}

export type ToPublisher =
  /** `canaries-sent`, when they are answered or after a while. */
  | { readonly kind: 'canaries'; readonly round: number; readonly channels: readonly number[] }
  /** `sent-all`, when all is sent or no more can be. */
  | { readonly kind: 'begin' }
  /** Nothing more is sent; `sent-all` follows. */
  | { readonly kind: 'stop' }
  /** `finished`, and then the connections are closed. */
  | { readonly kind: 'finish' };

export type FromPublisher =
  | { readonly kind: 'opened'; readonly publishers: PublisherKind; readonly subprotocol: string | null }
  | { readonly kind: 'failed'; readonly error: Pick<BenchError, 'kind' | 'message'> }
  | { readonly kind: 'canaries-sent'; readonly refused: Mishap }
  | { readonly kind: 'tick'; readonly lateness: Uint32Array; readonly sample: ThreadSample; readonly account: PublisherAccount }
  | { readonly kind: 'sent-all'; readonly isGone: boolean }
  | { readonly kind: 'finished'; readonly http: Notifications['http'] };
