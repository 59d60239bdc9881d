import type { Phase } from './result.js';

/** How far a run is, for those who watch; told at most ten times a second. */
export interface Progress {
  readonly phase: Phase;
  /** How long the phase has lasted, and how long it will last as far as that is known. */
  readonly elapsedMs: number;
  readonly totalMs: number | null;
  /** Hostile ones are left out. */
  readonly subscribers: { readonly wanted: number; readonly connected: number; readonly ready: number; readonly failed: number };
  /** Of the warm-up and the hold; `planned` is `null` for arrivals `max`. */
  readonly notifications: { readonly planned: number | null; readonly sent: number; readonly late: number };
  readonly delivered: number;
  /** Expected of what was sent, and not there yet. */
  readonly outstanding: number;
  /** Deliveries of each of the last seconds, at most 60, the running one left out. */
  readonly perSecond: readonly number[];
  readonly lastSecondMs: LiveLatency | null;
  readonly wholeMs: LiveLatency | null;
  /** `lost` is known only at the end of the drain: 0 until then. */
  readonly faults: {
    readonly lost: number;
    readonly duplicated: number;
    readonly misdelivered: number;
    readonly reordered: number;
    readonly corrupt: number;
  };
  /** `null` without faults. */
  readonly recovery: {
    /** Subscribers that a fault has cut off, and that are to come back. */
    readonly away: number;
    /** Deliveries that came in replays, and once more. */
    readonly recovered: number;
    readonly repeated: number;
    /** Resumes that the broker could not serve; what was lost by them is known only at the end. */
    readonly unrecovered: number;
  } | null;
  readonly generator: {
    /** Longest delay of an event loop in the last second. */
    readonly loopDelayMs: number;
    /** Part of all cores that this process uses, 0 to 1. */
    readonly cpuShare: number;
    /** Of the last second: unread in the kernel, as time; `null` where it is not known. */
    readonly backlogMs: number | null;
    /** What is past its limit now, in a word or two; `null` when all is well. */
    readonly trouble: string | null;
  };
}

/** In ms. */
export interface LiveLatency {
  readonly p50: number | null;
  readonly p99: number | null;
  readonly max: number;
}
