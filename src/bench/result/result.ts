import type { HostileKind, Limits, Load, PublisherKind } from '../load/load.js';

/** What a run came to; `--json` prints it and `--save` keeps it. Times are in ms where the name says so. */
export interface BenchResult {
  /** Of this document; a reader of another number must not guess. */
  readonly format: 'wsn-bench/1';
  readonly verdict: Verdict;
  /** Why the verdict is not `passed`: one sentence each, most important first. */
  readonly because: readonly string[];
  /** Of wsn. */
  readonly version: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly machine: Machine;
  readonly url: string;
  readonly settings: Settings;
  /** What was used of what `auto` left open. */
  readonly used: { readonly publishers: PublisherKind; readonly subprotocol: string | null; readonly sourceAddresses: number };
  /** How long each phase took. */
  readonly phasesMs: Readonly<Record<Phase, number>>;
  readonly connections: Connections;
  readonly notifications: Notifications;
  /** Of the notifications that were planned in the hold. */
  readonly deliveries: Counts & { readonly perSecond: number | null };
  /** Of those of the warm-up, which do not count. */
  readonly warmUpDeliveries: Counts;
  /** What the faults of the load did; absent where it has none. */
  readonly recovery?: Recovery;
  /** The channels in which something was wrong, the worst 100 first. */
  readonly faultyChannels: readonly (Counts & { readonly channel: number })[];
  /** From the planned moment to the receipt by one subscriber. */
  readonly latencyMs: Measured;
  /** From the planned moment to when the generator sent it. */
  readonly latenessMs: Distribution;
  /** Of each notification that all or enough of its receivers got: from the planned moment to the first, the median, 99 % and all of them. */
  readonly fanOutMs: Readonly<Record<'first' | 'median' | 'p99' | 'last', Distribution>>;
  /** The five slowest deliveries, slowest first. */
  readonly slowest: readonly SlowDelivery[];
  readonly timeline: Timeline;
  readonly generator: GeneratorHealth;
  readonly thresholds: readonly ThresholdOutcome[];
  /** `null` without a baseline. */
  readonly regression: Regression | null;
  /** What a reader should know and what is no failure. */
  readonly notes: readonly string[];
}

export type Verdict = 'passed' | 'failed' | 'regressed' | 'invalid' | 'aborted';

export type Phase = 'ramp' | 'warm-up' | 'hold' | 'drain';

export interface Settings {
  readonly load: Load;
  readonly limits: Limits;
  readonly workers: number;
}

export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryBytes: number;
  readonly node: string;
  readonly platform: string;
}

/** Things of one kind that went wrong. */
export interface Mishap {
  readonly count: number;
  /** The first one's reason, in the broker's or the system's words. */
  readonly first: string | null;
}

export interface Connections {
  readonly wanted: number;
  readonly connected: number;
  /** Got a canary: what they subscribe to is in force. */
  readonly ready: number;
  readonly failed: Mishap;
  /** Ended before the run did, though nobody here ended them; hostile ones are not counted. */
  readonly disconnected: Mishap;
  readonly hostile: readonly { readonly kind: HostileKind; readonly count: number; readonly droppedByBroker: number }[];
  /** Memory of the generator a subscriber, in bytes; `null` where too few came for a figure. */
  readonly memoryBytesEach: number | null;
}

export interface Notifications {
  /** In the hold. For arrivals `max`, which plan nothing, what was sent. */
  readonly planned: number;
  readonly sent: number;
  readonly warmUp: number;
  /** Left more than `LATE_MS` after their planned moment. */
  readonly late: number;
  readonly perSecond: number | null;
  readonly refused: Mishap;
  /** May have been taken or not: the connection broke before the answer. */
  readonly unknown: Mishap;
  /** Never answered, on connections that stood. */
  readonly unanswered: number;
  /** With HTTP publishers: answers by status code, and requests a second. */
  readonly http: {
    readonly statusCodes: Readonly<Record<string, number>>;
    readonly perSecond: number | null;
    readonly errors: number;
  } | null;
}

/** What became of deliveries. */
export interface Counts {
  /** For each notification that was sent and not refused, its receivers according to the matching rules. */
  readonly expected: number;
  /** Of these, how many came; second copies are not counted here. */
  readonly delivered: number;
  /** Never came; without those of which the broker had told the subscriber that they would not. */
  readonly lost: number;
  /** Came once more, though no position told so. */
  readonly duplicated: number;
  /** Came to a subscriber whose subscriptions do not match it. */
  readonly misdelivered: number;
  /** Came behind one that was published after the broker had acknowledged it. */
  readonly reordered: number;
  /** Came with another value than was sent, or in a message that is none of the run's. */
  readonly corrupt: number;
}

/** What the faults of a load did to its subscribers, and what the broker made good. */
export interface Recovery {
  /** Lines of subscribers that were cut, and left half-open; restarts of the broker. */
  readonly cut: number;
  readonly halfOpen: number;
  readonly restarts: number;
  /** Resumes that were answered with `recovered: true` and whose replay has come, and those that were answered otherwise. */
  readonly resumed: number;
  readonly unresumed: number;
  /** Deliveries of the hold that came in a replay: part of `delivered`. */
  readonly recovered: number;
  /** Deliveries of the hold that never came, and of which the broker had said so: expected, but neither `delivered` nor `lost`. */
  readonly unrecovered: number;
  /** Deliveries of the hold that came once more, as their positions told. */
  readonly repeated: number;
  /** Notifications of the hold that could not be sent, and that were not answered, because the run restarted the broker. */
  readonly unsent: number;
  readonly cutOff: number;
  /** From the planned moment to the receipt of a delivery in a replay, which waited for its subscriber: none of it is in `latencyMs`. */
  readonly latencyMs: Distribution;
  /** From when a subscriber asked to resume until all that it had missed was there. */
  readonly resumeMs: Distribution;
}

/** A percentile is `null` where fewer than ten samples lie beyond it. All in ms. */
export interface Distribution {
  readonly samples: number;
  readonly min: number | null;
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p75: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly p9999: number | null;
  readonly max: number | null;
}

export const PERCENTILES = { p50: 50, p75: 75, p90: 90, p95: 95, p99: 99, p999: 99.9, p9999: 99.99 } as const;

/** A distribution that is known bucket by bucket. */
export interface Measured extends Distribution {
  /** Half the width of the 95 % interval of each, from resampled blocks of time; `null` where there are too few blocks. */
  readonly margin: { readonly p50: number | null; readonly p99: number | null };
  readonly buckets: readonly Bucket[];
}

/** Highest value that the bucket holds, in µs, and how many are in it; ascending, without the empty ones. */
export type Bucket = readonly [upToUs: number, count: number];

export interface SlowDelivery {
  readonly latencyMs: number;
  readonly notification: number;
  readonly channel: number;
  readonly subscriber: number;
  /** Planned moment, from the start of the hold. */
  readonly plannedMs: number;
}

/** The hold and what follows it, in slices of equal length by the time of receipt. */
export interface Timeline {
  readonly sliceMs: number;
  readonly slices: readonly Slice[];
}

export interface Slice {
  /** Its beginning, from the start of the hold. */
  readonly atMs: number;
  readonly sent: number;
  readonly delivered: number;
  /** Subscribers that are connected at its end. */
  readonly connected: number;
  /** Longest delay of an event loop of the generator in it. */
  readonly loopDelayMs: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
  /** Latencies of what came in it, for the heat map: as in `Measured`, but four buckets an octave. */
  readonly buckets: readonly Bucket[];
}

export interface GeneratorHealth {
  readonly isValid: boolean;
  readonly checks: readonly HealthCheck[];
  /** CPU of this process in the hold, of all its threads, in µs a delivery. */
  readonly cpuUsPerDelivery: number | null;
}

/** One of the limits beside what was measured. */
export interface HealthCheck {
  readonly limit: keyof Limits;
  /** `null` where this system does not tell. */
  readonly measured: number | null;
  readonly bound: number;
  readonly isPast: boolean;
  /** What to change when it is past. */
  readonly advice: string;
}

export interface ThresholdOutcome {
  /** As it was written; those that always hold (`lost==0`) say so. */
  readonly threshold: string;
  readonly isImplied: boolean;
  /** In the metric's own unit, with that unit; `null`: no data, which never passes. */
  readonly measured: number | null;
  readonly unit: string;
  readonly isPassed: boolean;
}

export interface Regression {
  /** Of the run it is compared with. */
  readonly baseline: { readonly startedAt: string; readonly version: string; readonly latencyMs: Measured };
  readonly rules: readonly RegressionOutcome[];
}

export interface RegressionOutcome {
  readonly rule: string;
  readonly before: number | null;
  readonly now: number | null;
  readonly unit: string;
  readonly changePercent: number | null;
  /** How far apart the two may be by chance, in the metric's unit. */
  readonly margin: number | null;
  readonly isRegression: boolean;
}
