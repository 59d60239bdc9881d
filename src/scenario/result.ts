import type { Place } from '../document/index.js';
import type { Case } from './scenario.js';
import type { WireLog } from './wire.js';

/** Why a case failed. */
export interface Failure {
  /** One sentence: what was found and what was expected. */
  readonly message: string;
  /** What the step wanted, as text of one or several lines; empty where `message` says it all. */
  readonly expected: string;
  /** What did arrive instead. */
  readonly actual: string;
  /** In the file of the case: the step, or the argument that did not come true. */
  readonly place: Place;
  /** The rule that is broken where it is another one than the scenario's, as for a frame that RFC 6455 forbids. */
  readonly rule?: string;
}

/**
 * How a case ended.
 * - `expected-failure`: failed, and the target file says that it would; `unexpected-pass`: passed, and it says the opposite.
 * - `skipped`: cannot be run against this server; `because` says why.
 */
export type Outcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'expected-failure'; readonly failure: Failure; readonly because: string }
  | { readonly kind: 'unexpected-pass'; readonly because: string }
  | { readonly kind: 'skipped'; readonly because: string };

/** One run of one case. */
export interface CaseResult {
  readonly case: Case;
  /** From 1; above with `--repeat`. */
  readonly round: number;
  readonly outcome: Outcome;
  readonly durationMs: number;
  /** Of this run, also of a passed one. */
  readonly wire: WireLog;
}

/** What a run came to. */
export interface Summary {
  readonly passed: number;
  /** Of the levels that count; failures of level `info` are in `noted`. */
  readonly failed: number;
  readonly noted: number;
  readonly expectedFailures: number;
  readonly unexpectedPasses: number;
  readonly skipped: number;
  readonly durationMs: number;
  /** The server, as it may be shown: its URL, or the command that was started. */
  readonly server: string;
  readonly seed: number;
  /** Whether `--bail` or Ctrl-C ended the run before all cases had been run. */
  readonly isComplete: boolean;
}
