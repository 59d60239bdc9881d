import { describe, expect, test } from 'vitest';
import { type HoldFacts, healthOf, summariseThread, type ThreadSummary, troubleNow } from '../../../src/bench/health/judge-health.js';
import type { ThreadSample } from '../../../src/bench/health/thread-watch.js';
import { DEFAULT_LIMITS, type Limits } from '../../../src/bench/load/load.js';

const CALM: ThreadSummary = { role: 'receiver', spanMs: 10_000, loopDelayMs: 12, busyShare: 0.4, gcLongestMs: 3 };
const PUBLISHER: ThreadSummary = { ...CALM, role: 'publisher', busyShare: 1 };

/** All is well; the publisher turns its loop all the time, in order to be on time. */
const WELL: HoldFacts = {
  limits: DEFAULT_LIMITS,
  arrivals: 'constant',
  sent: 1000,
  late: 10,
  threads: [PUBLISHER, CALM, CALM],
  cpuShare: 0.5,
  backlogMs: 20,
  cpuUsPerDelivery: 1.7,
};

interface Case {
  readonly title: string;
  readonly facts: Partial<HoldFacts>;
  readonly past: readonly (keyof Limits)[];
  readonly trouble: string | null;
}

const CASES: readonly Case[] = [
  { title: 'all is well, some figures just at their limits', facts: { backlogMs: 200 }, past: [], trouble: null },
  { title: 'more than 1 % left late', facts: { late: 11 }, past: ['lateShare'], trouble: 'sends late' },
  { title: 'nothing was sent', facts: { sent: 0, late: 0 }, past: [], trouble: null },
  { title: 'all left late, but nothing was planned', facts: { arrivals: 'max', late: 1000 }, past: [], trouble: null },
  {
    title: 'a receiver stood still for 300 ms',
    facts: { threads: [PUBLISHER, CALM, { ...CALM, loopDelayMs: 295 }] },
    past: ['loopDelayMs'],
    trouble: 'event loop held up',
  },
  {
    title: 'the publisher stood still for 300 ms with arrivals max',
    facts: { arrivals: 'max', threads: [{ ...PUBLISHER, loopDelayMs: 295 }, CALM] },
    past: ['loopDelayMs'],
    trouble: 'event loop held up',
  },
  {
    title: 'one of two receivers was busy all the time',
    facts: { threads: [PUBLISHER, CALM, { ...CALM, busyShare: 0.96 }] },
    past: ['busyShare'],
    trouble: 'receiver at its limit',
  },
  {
    title: 'a receiver was busy all the time with arrivals max: then the broker is not what is measured',
    facts: { arrivals: 'max', threads: [PUBLISHER, { ...CALM, busyShare: 0.96 }] },
    past: ['busyShare'],
    trouble: 'receiver at its limit',
  },
  { title: 'all cores were in use', facts: { cpuShare: 0.99 }, past: ['cpuShare'], trouble: 'out of CPU' },
  {
    title: 'garbage was collected for 150 ms',
    facts: { threads: [PUBLISHER, { ...CALM, gcLongestMs: 150 }] },
    past: ['gcPauseMs'],
    trouble: 'long GC pause',
  },
  { title: 'half a second waited unread', facts: { backlogMs: 500 }, past: ['backlogMs'], trouble: 'reads too slowly' },
  { title: 'the system tells nothing', facts: { cpuShare: null, backlogMs: null, threads: [] }, past: [], trouble: null },
  {
    title: 'much is wrong at once, and the cause comes first',
    facts: { late: 500, cpuShare: 1, backlogMs: 900 },
    past: ['lateShare', 'cpuShare', 'backlogMs'],
    trouble: 'sends late',
  },
  {
    title: 'other limits are set',
    facts: { limits: { ...DEFAULT_LIMITS, lateShare: 0, loopDelayMs: 11 } },
    past: ['lateShare', 'loopDelayMs'],
    trouble: 'sends late',
  },
];

describe('healthOf', () => {
  test.each(CASES)('tells which limits were passed when $title', ({ facts, past }) => {
    const { isValid, checks } = healthOf({ ...WELL, ...facts });
    expect(checks.filter(({ isPast }) => isPast).map(({ limit }) => limit)).toEqual(past);
    expect(isValid).toBe(past.length === 0);
  });

  test('sets each limit beside its figure, in the order of the limits', () => {
    const { checks, cpuUsPerDelivery } = healthOf(WELL);
    expect(checks.map(({ limit, measured, bound }) => [limit, measured, bound])).toEqual([
      ['lateShare', 0.01, 0.01],
      ['loopDelayMs', 12, 200],
      ['busyShare', 0.4, 0.95],
      ['cpuShare', 0.5, 0.95],
      ['gcPauseMs', 3, 100],
      ['backlogMs', 20, 200],
    ]);
    expect(checks.map(({ limit }) => limit)).toEqual(Object.keys(DEFAULT_LIMITS));
    expect(cpuUsPerDelivery).toBe(1.7);
  });

  test('advises what helps the thread that was held up', () => {
    const adviceFor = (thread: ThreadSummary) => healthOf({ ...WELL, threads: [CALM, thread] }).checks[1]?.advice;
    expect(adviceFor({ ...CALM, loopDelayMs: 300 })).toMatch(/^use more --workers/);
    expect(adviceFor({ ...PUBLISHER, loopDelayMs: 300 })).toMatch(/^lower --rate/);
  });

  test('has an advice for each limit, on one line', () => {
    for (const { advice } of healthOf(WELL).checks) expect(advice).toMatch(/^[a-z][^\n]{20,140}$/);
  });
});

describe('troubleNow', () => {
  test.each(CASES)('says it in a word or two when $title', ({ facts, trouble }) => {
    expect(troubleNow({ ...WELL, ...facts })).toBe(trouble);
  });
});

describe('summariseThread', () => {
  const sample = (values: Partial<ThreadSample>): ThreadSample => ({
    spanMs: 1000,
    loopDelayMs: 0,
    busyShare: 0,
    gcLongestMs: 0,
    ...values,
  });

  test('takes the longest delay and pause, and the share of the whole time', () => {
    const samples = [sample({ busyShare: 1, loopDelayMs: 7 }), sample({ spanMs: 3000, busyShare: 0.2, gcLongestMs: 5 })];
    expect(summariseThread('receiver', samples)).toEqual({
      role: 'receiver',
      spanMs: 4000,
      loopDelayMs: 7,
      busyShare: 0.4,
      gcLongestMs: 5,
    });
  });

  test('has nothing to say of no samples', () => {
    expect(summariseThread('publisher', [])).toEqual({ role: 'publisher', spanMs: 0, loopDelayMs: 0, busyShare: 0, gcLongestMs: 0 });
  });
});
