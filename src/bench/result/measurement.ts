import type { BenchResult } from './result.js';

/** What was measured, before it is judged. */
export interface Measurement extends Omit<BenchResult, 'verdict' | 'because' | 'thresholds' | 'regression'> {
  /** Stopped by the user before all was sent; the figures are of what was sent until then. */
  readonly isAborted: boolean;
  /** Ended early because no connection was left to go on with. */
  readonly isBrokerGone: boolean;
}
