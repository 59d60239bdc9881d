import type { Arrivals, Limits } from '../load/load.js';
import type { GeneratorHealth, HealthCheck } from '../result/result.js';
import type { ThreadSample } from './thread-watch.js';

/** What held up one thread in the hold. */
export interface ThreadSummary extends ThreadSample {
  /** The main thread is none of them: it only watches, and nothing that is measured passes through it. */
  readonly role: 'publisher' | 'receiver';
}

/** What the generator is judged by; all of it of the hold alone. */
export interface HoldFacts {
  readonly limits: Limits;
  readonly arrivals: Arrivals['kind'];
  readonly sent: number;
  readonly late: number;
  readonly threads: readonly ThreadSummary[];
  /** Part of all cores, 0 to 1, on average; `null` where it was not measured. */
  readonly cpuShare: number | null;
  /** Median of the samples, in ms; `null` where this system does not tell. */
  readonly backlogMs: number | null;
  /** In µs, of this process with all its threads. */
  readonly cpuUsPerDelivery: number | null;
}

/** What is told of one limit: where its figure comes from, what to change, and two words for who watches. */
interface Rule {
  readonly limit: keyof Limits;
  readonly measure: (facts: HoldFacts) => number | null;
  readonly advice: (facts: HoldFacts) => string;
  readonly trouble: string;
}

const RULES: readonly Rule[] = [
  {
    limit: 'lateShare',
    // Arrivals `max` have no plan that one could be behind.
    measure: ({ arrivals, sent, late }) => (arrivals === 'max' || sent === 0 ? null : late / sent),
    advice: () =>
      'lower --rate or --size, spread the sending with --arrivals constant, or run the generator on another machine than the broker',
    trouble: 'sends late',
  },
  {
    limit: 'loopDelayMs',
    measure: ({ threads }) => longest(threads, 'loopDelayMs'),
    advice: ({ threads }) =>
      worst(threads, 'loopDelayMs')?.role === 'publisher'
        ? 'lower --rate, or give the generator a core of its own: stop other programs, or run it on another machine than the broker'
        : 'use more --workers, lower --rate or --subscribers, or run the generator on another machine than the broker',
    trouble: 'event loop held up',
  },
  {
    limit: 'busyShare',
    // The publisher turns its loop without waiting, in order to be on time; whether it keeps up is for `lateShare` to say.
    measure: ({ threads }) => longest(receiversOf(threads), 'busyShare'),
    advice: () => 'use more --workers, lower --rate or --subscribers, or spread the load over several machines',
    trouble: 'receiver at its limit',
  },
  {
    limit: 'cpuShare',
    measure: ({ cpuShare }) => cpuShare,
    advice: () => 'lower --rate or --subscribers, use a machine with more cores, or run the broker on another machine',
    trouble: 'out of CPU',
  },
  {
    limit: 'gcPauseMs',
    measure: ({ threads }) => longest(threads, 'gcLongestMs'),
    advice: () => 'use more --workers, so that each has a smaller heap, or lower --subscribers or --rate',
    trouble: 'long GC pause',
  },
  {
    limit: 'backlogMs',
    measure: ({ backlogMs }) => backlogMs,
    advice: () => 'use more --workers, lower --rate, --subscribers or --size, or run the generator on another machine than the broker',
    trouble: 'reads too slowly',
  },
];

/**
 * Sets each limit beside what was measured, always in the same order. What this system does not tell, or what says nothing
 * about this run, is `null` and past no limit; a figure that equals its limit is not past it.
 */
export function healthOf(facts: HoldFacts): GeneratorHealth {
  const checks = RULES.map((rule) => check(rule, facts));
  return { isValid: !checks.some(({ isPast }) => isPast), checks, cpuUsPerDelivery: facts.cpuUsPerDelivery };
}

/** What is past its limit, in a word or two, for those who watch; `null` when all is well. */
export function troubleNow(facts: HoldFacts): string | null {
  return RULES.find((rule) => check(rule, facts).isPast)?.trouble ?? null;
}

/** One thread's samples, joined: the longest delay and pause, and the busy part of the whole time. */
export function summariseThread(role: ThreadSummary['role'], samples: readonly ThreadSample[]): ThreadSummary {
  const spanMs = samples.reduce((sum, sample) => sum + sample.spanMs, 0);
  const busyMs = samples.reduce((sum, sample) => sum + sample.busyShare * sample.spanMs, 0);
  return {
    role,
    spanMs,
    loopDelayMs: Math.max(0, ...samples.map((sample) => sample.loopDelayMs)),
    busyShare: spanMs > 0 ? busyMs / spanMs : 0,
    gcLongestMs: Math.max(0, ...samples.map((sample) => sample.gcLongestMs)),
  };
}

function check({ limit, measure, advice }: Rule, facts: HoldFacts): HealthCheck {
  const measured = measure(facts);
  const bound = facts.limits[limit];
  return { limit, measured, bound, isPast: measured !== null && measured > bound, advice: advice(facts) };
}

type Figure = 'loopDelayMs' | 'busyShare' | 'gcLongestMs';

function longest(threads: readonly ThreadSummary[], figure: Figure): number | null {
  return worst(threads, figure)?.[figure] ?? null;
}

function worst(threads: readonly ThreadSummary[], figure: Figure): ThreadSummary | undefined {
  return threads.toSorted((a, b) => b[figure] - a[figure])[0];
}

function receiversOf(threads: readonly ThreadSummary[]): readonly ThreadSummary[] {
  return threads.filter(({ role }) => role === 'receiver');
}
