import type { BenchSettings } from '../../bench/index.js';
import type { BenchFlags } from '../bench.js';

/** What is to be measured and how it is reported. */
export interface BenchTask {
  readonly settings: BenchSettings;
  readonly flags: BenchFlags;
  /** Aborted by the first signal: what there is by then is reported. */
  readonly signal: AbortSignal;
}
