import { sharedUint8, sharedUint32 } from '../plan/shared-arrays.js';
import type { Workload } from '../plan/workload.js';
import { Completion } from './completion.js';
import { RestartState } from './restart-state.js';

/** What has become of a notification on its way to the broker. */
export const STATE = { unsent: 0, sent: 1, acknowledged: 2, refused: 3, unknown: 4 } as const;

/** Counters of one receiver, by their place. */
export const COUNTER = {
  connected: 0,
  ready: 1,
  failed: 2,
  delivered: 3,
  duplicated: 4,
  misdelivered: 5,
  reordered: 6,
  corrupt: 7,
  /** Cut off by a fault, and coming back. */
  away: 8,
  /** Deliveries that came in a replay. */
  recovered: 9,
  /** Deliveries that came once more, as their positions told. */
  repeated: 10,
  /** Times that the broker said that it could not replay what was missed. */
  unrecovered: 11,
} as const;

const COUNTERS = Object.keys(COUNTER).length;

/**
 * What all threads of a run know of its notifications: memory that they share, so that nothing has to be sent when a
 * hundred thousand deliveries a second are accounted for. Arrays have a place for each notification, if not said otherwise.
 */
export interface Board {
  /** Notifications that there may be; of arrivals `max` most never are. */
  readonly count: number;
  /** Moment, on the clock of `monotonicMs`, from which all other moments count; 0 until the load begins. One place. */
  readonly startedAt: Float64Array;
  /** In ms from the start: planned, or for arrivals `max` when it was sent. */
  readonly plannedMs: Float64Array;
  /** Whether `plannedMs` is a plan; for arrivals `max` it is filled in as things go. */
  readonly isPlanned: boolean;
  readonly holdStartMs: number;
  readonly channelOf: Uint32Array;
  /** How many notifications before this one go to the same channel. */
  readonly rankOf: Uint32Array;
  /** Of each channel: honest subscribers that are ready and are to receive what goes to it. */
  readonly receiversOf: Int32Array;
  /** One of `STATE`. */
  readonly stateOf: Uint8Array;
  /**
   * Every notification before this index was acknowledged before this one was sent, or goes before it on the same
   * connection: whoever gets it behind this one gets it in the wrong order.
   */
  readonly orderedFrom: Uint32Array;
  /** How many of its receivers it has reached. */
  readonly reached: Int32Array;
  /** In µs from the planned moment, 1 at least: to the first, the median, 99 % and all of its receivers; 0 while that is not so. */
  readonly firstUs: Uint32Array;
  readonly medianUs: Uint32Array;
  readonly nearlyAllUs: Uint32Array;
  readonly lastUs: Uint32Array;
  /** A `Completion` of notifications, which arrivals `max` wait for. */
  readonly completed: Int32Array;
  /** `COUNTER`s of each receiver. */
  readonly counters: Uint32Array;
  /** Deliveries that are expected of what was sent so far, without what was refused. One place. */
  readonly expected: Float64Array;
  /** Where each notification stands in its topic, by its receipt: `epochNumber` and offset, 0 while that is not known. Empty without faults. */
  readonly epochOf: Uint32Array;
  readonly offsetOf: Float64Array;
  /** A `RestartState`. */
  readonly restarts: Int32Array;
}

/** What a board is made from. */
export interface BoardOptions {
  readonly plannedMs: Float64Array;
  readonly isPlanned: boolean;
  readonly holdStartMs: number;
  readonly workload: Workload;
  /** Threads that receive. */
  readonly receivers: number;
  /** Whether subscribers resume, so that it matters where notifications stand. */
  readonly hasFaults?: boolean;
}

/** Makes the board of a run. */
export function createBoard({ plannedMs, isPlanned, holdStartMs, workload, receivers, hasFaults = false }: BoardOptions): Board {
  const count = plannedMs.length;
  return {
    count,
    isPlanned,
    startedAt: new Float64Array(new SharedArrayBuffer(8)),
    plannedMs,
    holdStartMs,
    channelOf: workload.channelOf,
    rankOf: workload.rankOf,
    receiversOf: sharedCopy(workload.receiversOf),
    stateOf: sharedUint8(count),
    orderedFrom: sharedUint32(count),
    reached: new Int32Array(new SharedArrayBuffer(count * 4)),
    firstUs: sharedUint32(count),
    medianUs: sharedUint32(count),
    nearlyAllUs: sharedUint32(count),
    lastUs: sharedUint32(count),
    completed: new Completion().shared,
    counters: sharedUint32(receivers * COUNTERS),
    expected: new Float64Array(new SharedArrayBuffer(8)),
    epochOf: sharedUint32(hasFaults ? count : 0),
    offsetOf: new Float64Array(new SharedArrayBuffer(hasFaults ? count * 8 : 0)),
    restarts: new RestartState().shared,
  };
}

/** Where the counters of a receiver begin. */
export function countersOf(receiver: number): number {
  return receiver * COUNTERS;
}

/** A counter of all receivers together. */
export function total(board: Board, counter: keyof typeof COUNTER): number {
  let sum = 0;
  for (let at = COUNTER[counter]; at < board.counters.length; at += COUNTERS) sum += board.counters[at] as number;
  return sum;
}

/** Whether any honest subscriber is connected, or is to come back: else there is nobody to go on for. */
export function isAnybodyLeft(board: Board): boolean {
  return total(board, 'connected') + total(board, 'away') > 0;
}

/** Whether a notification counts: what is planned in the hold, and only that. */
export function isMeasured({ plannedMs, holdStartMs }: Board, index: number): boolean {
  return (plannedMs[index] as number) >= holdStartMs;
}

/** Whether a notification was sent, and the broker has not said that it did not take it: only then deliveries are expected. */
export function isExpected({ stateOf }: Board, index: number): boolean {
  const state = stateOf[index];
  return state === STATE.sent || state === STATE.acknowledged;
}

/** Whether nobody has said yet what became of a notification, be it sent or not. */
export function isOpen({ stateOf }: Board, index: number): boolean {
  return stateOf[index] === STATE.unsent || stateOf[index] === STATE.sent;
}

/** Whether a notification has reached all its receivers, or never will because the broker did not take it. */
export function isComplete({ stateOf, reached, receiversOf, channelOf }: Board, index: number): boolean {
  const state = stateOf[index];
  if (state === STATE.refused || state === STATE.unknown) return true;
  return state !== STATE.unsent && (reached[index] as number) >= (receiversOf[channelOf[index] as number] as number);
}

function sharedCopy(values: Uint32Array): Int32Array {
  const copy = new Int32Array(new SharedArrayBuffer(values.length * 4));
  copy.set(values);
  return copy;
}
