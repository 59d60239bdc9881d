import { DEFAULT_LIMITS, DEFAULT_LOAD } from '../../../src/bench/load/load.js';
import type { FindMaxResult } from '../../../src/bench/result/find-max-result.js';
import type { BenchResult, Counts, HealthCheck, ThresholdOutcome } from '../../../src/bench/result/result.js';
import { distribution, makeSamples } from './fixture-samples.js';

const SAMPLES = makeSamples();
const SLOWER = makeSamples(1.4);
const NOTHING = distribution([]);

const COUNTS: Counts = { expected: 190_000, delivered: 190_000, lost: 0, duplicated: 0, misdelivered: 0, reordered: 0, corrupt: 0 };
const NO_COUNTS: Counts = { ...COUNTS, expected: 0, delivered: 0 };

const IMPLIED = [
  ...['lost', 'duplicated', 'misdelivered', 'reordered', 'corrupt'],
  ...['refused', 'unknown', 'unanswered', 'disconnected', 'failed'],
].map((metric): ThresholdOutcome => ({ threshold: `${metric}==0`, isImplied: true, measured: 0, unit: '', isPassed: true }));

const CHECKS: readonly HealthCheck[] = [
  { limit: 'lateShare', measured: 0.0002, bound: 0.01, isPast: false, advice: 'lower the rate' },
  { limit: 'loopDelayMs', measured: 13.1, bound: 200, isPast: false, advice: 'leave a core to the generator' },
  { limit: 'busyShare', measured: 0.41, bound: 0.95, isPast: false, advice: 'give it more --workers' },
  { limit: 'cpuShare', measured: 0.38, bound: 0.95, isPast: false, advice: 'run the broker on another machine' },
  { limit: 'gcPauseMs', measured: 4.2, bound: 100, isPast: false, advice: 'give it more --workers' },
  { limit: 'backlogMs', measured: null, bound: 200, isPast: false, advice: 'give it more --workers' },
];

/** All is well; a few hostile readers. */
export const PASSED: BenchResult = {
  format: 'wsn-bench/1',
  verdict: 'passed',
  because: [],
  version: '0.1.0',
  startedAt: '2026-11-23T06:30:00.000Z',
  machine: { cores: 2, cpu: 'Example CPU @ 2.60GHz', memoryBytes: 25_769_803_776, node: 'v20.19.43', platform: 'linux x64' },
  url: 'ws://127.0.0.1:8000',
  settings: {
    load: {
      ...DEFAULT_LOAD,
      subscribers: 2000,
      channels: 100,
      arrivals: { kind: 'constant', rate: 1000 },
      hostile: { ...DEFAULT_LOAD.hostile, slow: 0.03, never: 0.02 },
    },
    limits: DEFAULT_LIMITS,
    workers: 1,
  },
  used: { publishers: 'persistent', subprotocol: 'wsn.v1', sourceAddresses: 1 },
  phasesMs: { ramp: 840, 'warm-up': 1000, hold: 10_000, drain: 12 },
  connections: {
    wanted: 2000,
    connected: 2000,
    ready: 1900,
    failed: { count: 0, first: null },
    disconnected: { count: 0, first: null },
    hostile: [
      { kind: 'slow', count: 60, droppedByBroker: 0 },
      { kind: 'never', count: 40, droppedByBroker: 2 },
    ],
    memoryBytesEach: 9412,
  },
  notifications: {
    planned: 10_000,
    sent: 10_000,
    warmUp: 1000,
    late: 2,
    perSecond: 1000.1,
    refused: { count: 0, first: null },
    unknown: { count: 0, first: null },
    unanswered: 0,
    http: null,
  },
  deliveries: { ...COUNTS, perSecond: 19_001.2 },
  warmUpDeliveries: { ...COUNTS, expected: 19_000, delivered: 19_000 },
  faultyChannels: [],
  ...SAMPLES,
  generator: { isValid: true, checks: CHECKS, cpuUsPerDelivery: 3.84 },
  thresholds: [
    { threshold: 'latency.p99<50ms', isImplied: false, measured: SAMPLES.latencyMs.p99, unit: 'ms', isPassed: true },
    { threshold: 'throughput>=15000/s', isImplied: false, measured: 19_001.2, unit: '/s', isPassed: true },
    ...IMPLIED,
  ],
  regression: null,
  notes: ['the kernel tells nothing of what waits unread here: the check of the backlog is left out'],
};

/** What a broker said that would like to break out of where it is shown. */
export const NASTY = 'full \u001b[31m| </td> ]]> & "now"\u0000\nnext `line`';

/** A threshold is missed, deliveries went wrong, and the broker says nasty things. */
export const FAILED: BenchResult = {
  ...PASSED,
  verdict: 'failed',
  because: ['latency.p99 is 2.36 ms, expected < 2 ms', 'lost is 950, expected 0', 'misdelivered is 10, expected 0'],
  deliveries: { ...COUNTS, delivered: 189_050, lost: 950, duplicated: 12, misdelivered: 10, perSecond: 18_905.9 },
  connections: {
    ...PASSED.connections,
    connected: 1997,
    failed: { count: 3, first: NASTY },
    disconnected: { count: 1, first: 'closed 1008' },
  },
  notifications: { ...PASSED.notifications, refused: { count: 7, first: NASTY } },
  faultyChannels: [
    { ...COUNTS, channel: 17, expected: 1900, delivered: 950, lost: 950 },
    { ...COUNTS, channel: 3, expected: 1900, delivered: 1900, duplicated: 12, misdelivered: 10 },
  ],
  thresholds: [
    { threshold: 'latency.p99<2ms', isImplied: false, measured: SAMPLES.latencyMs.p99, unit: 'ms', isPassed: false },
    { threshold: 'lateness.p99.99<1ms', isImplied: false, measured: null, unit: 'ms', isPassed: false },
    ...IMPLIED.map((outcome) => {
      const measured = {
        'lost==0': 950,
        'duplicated==0': 12,
        'misdelivered==0': 10,
        'refused==0': 7,
        'failed==0': 3,
        'disconnected==0': 1,
      }[outcome.threshold];
      return measured === undefined ? outcome : { ...outcome, measured, isPassed: false };
    }),
  ],
};

/** Compared with `PASSED`, and slower. */
export const REGRESSED: BenchResult = {
  ...PASSED,
  ...SLOWER,
  verdict: 'regressed',
  because: ['latency.p99 rose by more than 10 % and the margin'],
  startedAt: '2026-11-23T07:10:00.000Z',
  thresholds: PASSED.thresholds.map((outcome) => (outcome.unit === 'ms' ? { ...outcome, measured: SLOWER.latencyMs.p99 } : outcome)),
  regression: {
    baseline: { startedAt: PASSED.startedAt, version: '0.1.0', latencyMs: SAMPLES.latencyMs },
    rules: [
      { rule: 'latency.p99>+10%', before: 2.364, now: 3.147, unit: 'ms', changePercent: 33.1, margin: 0.58, isRegression: true },
      { rule: 'latency.p50>+50%', before: 0.873, now: 1.19, unit: 'ms', changePercent: 36.3, margin: 0.02, isRegression: false },
      { rule: 'throughput<-5%', before: 19_001.2, now: 19_000.9, unit: '/s', changePercent: -0.002, margin: 0, isRegression: false },
    ],
  },
};

/** The generator itself was held up. */
export const INVALID: BenchResult = {
  ...PASSED,
  verdict: 'invalid',
  because: ['an event loop of the generator stood still for 312 ms, the limit is 200 ms: leave a core to the generator'],
  generator: {
    ...PASSED.generator,
    isValid: false,
    checks: CHECKS.map((check) => (check.limit === 'loopDelayMs' ? { ...check, measured: 312, isPast: true } : check)),
  },
};

/** Stopped before anything was measured: no figure is known. */
export const ABORTED: BenchResult = {
  ...PASSED,
  verdict: 'aborted',
  because: ['interrupted after 12 of 10,000 notifications'],
  phasesMs: { ramp: 840, 'warm-up': 12, hold: 0, drain: 0 },
  connections: { ...PASSED.connections, memoryBytesEach: null },
  notifications: { ...PASSED.notifications, sent: 0, warmUp: 12, late: 0, perSecond: null },
  deliveries: { ...NO_COUNTS, perSecond: null },
  warmUpDeliveries: { ...COUNTS, expected: 228, delivered: 228 },
  latencyMs: { ...NOTHING, margin: { p50: null, p99: null }, buckets: [] },
  latenessMs: NOTHING,
  fanOutMs: { first: NOTHING, median: NOTHING, p99: NOTHING, last: NOTHING },
  slowest: [],
  timeline: { sliceMs: 100, slices: [] },
  generator: { isValid: true, checks: CHECKS.map((check) => ({ ...check, measured: null })), cpuUsPerDelivery: null },
  thresholds: PASSED.thresholds.map((outcome) => (outcome.isImplied ? outcome : { ...outcome, measured: null, isPassed: false })),
  notes: [],
};

/** Lines were cut and the broker was restarted; one delivery in a thousand was lost by it, and the broker said so. */
export const RECOVERED: BenchResult = {
  ...PASSED,
  verdict: 'failed',
  because: ['unrecovered is 190, expected 0', 'repeated is 3, expected 0'],
  settings: {
    ...PASSED.settings,
    load: {
      ...PASSED.settings.load,
      protocol: 'v1',
      faults: [
        { kind: 'cut', firstMs: 2000, everyMs: 2000, share: 0.1, forMs: 2000 },
        { kind: 'half-open', firstMs: 1000, everyMs: 4000, share: 0.05, forMs: 3000 },
        { kind: 'restart', firstMs: 5000, everyMs: null, forMs: 1000, signal: 'SIGKILL' },
      ],
    },
  },
  deliveries: { ...COUNTS, delivered: 189_810, perSecond: 18_981 },
  recovery: {
    cut: 760,
    halfOpen: 95,
    restarts: 1,
    resumed: 2745,
    unresumed: 10,
    recovered: 17_100,
    unrecovered: 190,
    repeated: 3,
    unsent: 1200,
    cutOff: 2,
    latencyMs: distribution([2000, 1000, 500]),
    resumeMs: distribution([0.9, 1.2, 8]),
  },
  thresholds: [
    ...PASSED.thresholds,
    { threshold: 'unrecovered==0', isImplied: true, measured: 190, unit: '', isPassed: false },
    { threshold: 'repeated==0', isImplied: true, measured: 3, unit: '', isPassed: false },
  ],
};

/** A search that the broker ended. */
export const FOUND: FindMaxResult = {
  format: 'wsn-bench-find-max/1',
  goal: ['p99<50ms'],
  highestRate: 5657,
  limitedBy: 'broker',
  trials: [
    { rate: 1000, outcome: 'held', because: null, p50Ms: 0.9, p99Ms: 3.8, lost: 0 },
    { rate: 2000, outcome: 'held', because: null, p50Ms: 1.1, p99Ms: 6.1, lost: 0 },
    { rate: 4000, outcome: 'held', because: null, p50Ms: 1.9, p99Ms: 14.2, lost: 0 },
    { rate: 8000, outcome: 'missed', because: 'latency.p99 is 812 ms, expected < 50 ms', p50Ms: 301, p99Ms: 812, lost: 14 },
    { rate: 5657, outcome: 'held', because: null, p50Ms: 4.4, p99Ms: 38.3, lost: 0 },
    { rate: 6727, outcome: 'invalid', because: 'a thread of the generator was busy for 97 %', p50Ms: null, p99Ms: null, lost: 0 },
    { rate: 5657, outcome: 'held', because: null, p50Ms: 4.5, p99Ms: 39, lost: 0 },
  ],
  best: PASSED,
};
