import type { BenchResult } from './result.js';

/** What a search for the highest rate that holds came to. */
export interface FindMaxResult {
  readonly format: 'wsn-bench-find-max/1';
  /** The thresholds that a rate had to keep, as they were written. */
  readonly goal: readonly string[];
  /** Notifications a second; `null` when not even the lowest rate that was tried held. */
  readonly highestRate: number | null;
  /** What keeps it from being higher: the broker missed the goal, the generator was past a limit, or the search's own bound. */
  readonly limitedBy: 'broker' | 'generator' | 'bound' | 'interrupted';
  /** In the order in which they were made. */
  readonly trials: readonly Trial[];
  /** The run at the highest rate that held. */
  readonly best: BenchResult | null;
}

export interface Trial {
  readonly rate: number;
  readonly outcome: 'held' | 'missed' | 'invalid';
  /** Which threshold or limit was missed. */
  readonly because: string | null;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly lost: number;
}
