import { randomBytes } from 'node:crypto';
import type { Load } from '../load/load.js';
import { RUN_NAME_LENGTH } from '../plan/address.js';
import { planArrivals, type Schedule } from '../plan/arrivals.js';
import { type FaultMoment, lastReturnMs, planFaults } from '../plan/faults.js';
import { sharedFloat64 } from '../plan/shared-arrays.js';
import { createWorkload, type Workload } from '../plan/workload.js';
import { type Board, createBoard } from '../record/board.js';

/** All that is known of a run before it begins: when, what and who. */
export interface Plan {
  /** Its unique name. */
  readonly run: string;
  readonly workload: Workload;
  readonly board: Board;
  /** End of the hold, in ms from the start of the load. */
  readonly endMs: number;
  /** What is broken when. */
  readonly faults: readonly FaultMoment[];
  /** When all whom that hits are to be back, in ms from the start of the load. */
  readonly lastReturnMs: number;
}

/** Notifications a second for which arrivals `max` have places; faster than any broker that one thread can publish to. */
const MOST_PER_SECOND = 50_000;

/** Places that arrivals `max` have at all. */
const MOST_AT_ALL = 5_000_000;

/**
 * Plans a run with a name of its own. The same load plans the same notifications to the same channels at the same moments.
 * @param receivers threads that receive.
 */
export function planRun(load: Load, receivers: number): Plan {
  const run = randomBytes(RUN_NAME_LENGTH / 2).toString('hex');
  const isPlanned = load.arrivals.kind !== 'max';
  const { plannedMs, holdStartMs, endMs } = scheduleOf(load);
  const workload = createWorkload(load, plannedMs.length, run);
  const faults = planFaults(load, workload.behaviourOf);
  return {
    run,
    workload,
    endMs,
    faults,
    lastReturnMs: lastReturnMs(faults),
    board: createBoard({ plannedMs, isPlanned, holdStartMs, workload, receivers, hasFaults: load.faults !== undefined }),
  };
}

function scheduleOf({ arrivals, phases, seed }: Load): Pick<Schedule, 'plannedMs' | 'holdStartMs' | 'endMs'> {
  if (arrivals.kind !== 'max') return planArrivals(arrivals, phases, seed);
  const endMs = phases.warmUpMs + phases.holdMs;
  const places = Math.min(MOST_AT_ALL, Math.ceil((endMs / 1000) * MOST_PER_SECOND));
  return { plannedMs: sharedFloat64(new Float64Array(places)), holdStartMs: phases.warmUpMs, endMs };
}
