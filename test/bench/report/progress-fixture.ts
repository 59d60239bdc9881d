import type { Progress } from '../../../src/bench/result/progress.js';

/** In the middle of the hold, all well. */
export const IN_HOLD: Progress = {
  phase: 'hold',
  elapsedMs: 6200,
  totalMs: 10_000,
  subscribers: { wanted: 2000, connected: 2000, ready: 1900, failed: 0 },
  notifications: { planned: 11_000, sent: 7200, late: 0 },
  delivered: 136_762,
  outstanding: 38,
  perSecond: [0, 4200, 12_100, 19_004, 19_001, 18_990, 19_003],
  lastSecondMs: { p50: 0.871, p99: 2.31, max: 7.22 },
  wholeMs: { p50: 0.873, p99: 2.36, max: 61.4 },
  faults: { lost: 0, duplicated: 0, misdelivered: 0, reordered: 0, corrupt: 0 },
  recovery: null,
  generator: { loopDelayMs: 2.1, cpuShare: 0.38, backlogMs: 0.4, trouble: null },
};

/** While subscribers connect: nothing is known of the rest. */
export const IN_RAMP: Progress = {
  ...IN_HOLD,
  phase: 'ramp',
  elapsedMs: 400,
  totalMs: null,
  subscribers: { wanted: 2000, connected: 812, ready: 640, failed: 0 },
  notifications: { planned: null, sent: 0, late: 0 },
  delivered: 0,
  outstanding: 0,
  perSecond: [],
  lastSecondMs: null,
  wholeMs: null,
};

/** Subscribers are cut off and come back. */
export const IN_FAULTS: Progress = { ...IN_HOLD, recovery: { away: 190, recovered: 1710, repeated: 0, unrecovered: 0 } };

/** Much goes wrong. */
export const IN_TROUBLE: Progress = {
  ...IN_HOLD,
  subscribers: { wanted: 2000, connected: 1997, ready: 1897, failed: 3 },
  notifications: { planned: 11_000, sent: 7200, late: 12 },
  faults: { lost: 0, duplicated: 12, misdelivered: 3, reordered: 0, corrupt: 0 },
  generator: { loopDelayMs: 312, cpuShare: 0.97, backlogMs: null, trouble: 'event loop 312 ms' },
};
