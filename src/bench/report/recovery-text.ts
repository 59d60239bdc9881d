import type { PlannedFault } from '../load/load.js';
import { counted, duration, integer, percent } from '../numbers.js';
import type { Recovery } from '../result/result.js';

/** A figure of what came of faults. */
export interface RecoveryRow {
  readonly name: string;
  readonly count: number;
  /** Whether it is a fault of the broker where it is not 0. */
  readonly isFault: boolean;
  readonly remark: string;
}

/** `10 % cut for 2 s, every 2 s`, `5 % half-open for 3 s, every 4 s from 1 s on`, `restart (SIGKILL) for 1 s, at 10 s`. */
export function faultText(fault: PlannedFault): string {
  const { firstMs, everyMs, forMs } = fault;
  const what = fault.kind === 'restart' ? `restart (${fault.signal})` : `${percent(fault.share)} ${fault.kind}`;
  const on = everyMs === firstMs ? '' : ` from ${duration(firstMs)} on`;
  const times = everyMs === null ? `at ${duration(firstMs)}` : `every ${duration(everyMs)}${on}`;
  return `${what} for ${duration(forMs)}, ${times}`;
}

/** What became of deliveries by the faults of a load, in the order in which it is told. */
export function recoveryRows(recovery: Recovery): readonly RecoveryRow[] {
  const { cut, halfOpen, restarts, resumed, unresumed, recovered, unrecovered, repeated, unsent, cutOff } = recovery;
  const hits = [
    [cut, 'line cut', 'lines cut'],
    [halfOpen, 'line half-open', 'lines half-open'],
    [restarts, 'restart', 'restarts'],
  ] as const;
  const faults = hits.filter(([count]) => count > 0).map(([count, one, many]) => counted(count, one, many));
  return [
    { name: 'resumed', count: resumed, isFault: false, remark: faults.join(', ') },
    { name: 'not resumed', count: unresumed, isFault: unresumed > 0 && unrecovered > 0, remark: '' },
    { name: 'recovered', count: recovered, isFault: false, remark: 'delivered in replays' },
    { name: 'unrecovered', count: unrecovered, isFault: true, remark: 'lost, and said so' },
    { name: 'repeated', count: repeated, isFault: true, remark: 'positions told so' },
    ...(unsent === 0 ? [] : [{ name: 'unsent', count: unsent, isFault: false, remark: 'while restarting' }]),
    ...(cutOff === 0 ? [] : [{ name: 'cut off', count: cutOff, isFault: false, remark: 'not answered before a restart' }]),
  ];
}

/** `4 away`, and what was recovered until now. */
export function recoveryPieces(now: {
  readonly away: number;
  readonly recovered: number;
  readonly repeated: number;
  readonly unrecovered: number;
}): { readonly text: string; readonly isBad: boolean }[] {
  const { away, recovered, repeated, unrecovered } = now;
  return [
    { text: `${integer(away)} away`, isBad: false },
    { text: `${integer(recovered)} recovered`, isBad: false },
    ...(unrecovered === 0 ? [] : [{ text: `${counted(unrecovered, 'resume')} refused`, isBad: true }]),
    ...(repeated === 0 ? [] : [{ text: `${integer(repeated)} repeated`, isBad: true }]),
  ];
}
