import { randomBytes } from 'node:crypto';
import { BenchError } from './bench-error.js';
import { createEnvelope, type Envelope } from './envelope.js';
import { type BenchOptions, notificationCounts } from './options.js';
import { constantRate, type Pacer } from './pacer.js';
import { type Target, targetOf } from './target.js';
import { createWorkload, packageOf, type Workload } from './workload.js';

/** All that is known of a run before it begins: when, what and where. */
export interface Plan {
  readonly pacer: Pacer;
  /** How many of the first notifications warm up. */
  readonly warmUp: number;
  readonly workload: Workload;
  readonly envelope: Envelope;
  readonly target: Target;
  /** A notification that nobody in the run subscribes to. */
  readonly probe: string;
}

/**
 * Plans a run with a name of its own. The same options and seed plan the same notifications to the same channels.
 * @throws BenchError when what a notification must hold takes more bytes than it is to have.
 */
export function planRun(options: BenchOptions): Plan {
  const { subscribers, channels, sizeBytes, seed } = options;
  const counts = notificationCounts(options);
  const run = randomBytes(6).toString('hex');
  const pacer = constantRate(options.rate, counts.all);
  const workload = createWorkload({ subscribers, channels, count: counts.all, sizeBytes, seed, run });
  const envelope = createEnvelope(workload, pacer);
  if (sizeBytes < envelope.smallestSize) {
    const { smallestSize } = envelope;
    throw new BenchError(
      'too-small',
      `expected a size of at least ${smallestSize} bytes, which index, time and filters take; found ${sizeBytes}`,
    );
  }
  return {
    pacer,
    warmUp: counts.warmUp,
    workload,
    envelope,
    target: targetOf(options.url),
    probe: JSON.stringify({ package: packageOf(run), page: 'probe' }),
  };
}
