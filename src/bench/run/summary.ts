import type { Profile } from '../load/load.js';
import type { ChannelFaults } from '../record/fault-ledger.js';
import type { AllResumes } from '../record/resume-outcome.js';
import type { SlowOne } from '../record/slowest.js';
import type { BenchResult, Mishap, Notifications } from '../result/result.js';
import type { HostileOutcome } from '../traffic/messages.js';
import type { Observer } from './observer.js';
import type { Plan } from './plan-run.js';

/** What only the threads know until they have finished. */
export interface Ended {
  readonly http: Notifications['http'];
  readonly faults: readonly ChannelFaults[];
  readonly slowest: readonly SlowOne[];
  readonly disconnected: Mishap;
  readonly hostile: readonly HostileOutcome[];
  /** `null` without faults. */
  readonly resumes: AllResumes | null;
}

/** All that is known at the end of a run. */
export interface Summary extends Ended {
  readonly settings: Profile & { readonly url: string; readonly version: string };
  readonly plan: Plan;
  readonly observer: Observer;
  readonly used: Omit<BenchResult['used'], 'sourceAddresses'>;
  readonly sourceAddresses: number;
  readonly failed: Mishap;
  /** Of the broker, by the run. */
  readonly restarts: number;
  /** Whether everybody got the last canary: then nothing was under way any more. */
  readonly isFenced: boolean;
}
