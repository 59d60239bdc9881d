import { describe, expect, it } from 'vitest';
import type { ThreadSample } from '../../../src/bench/health/thread-watch.js';
import { Histogram } from '../../../src/bench/record/histogram.js';
import type { PublisherAccount } from '../../../src/bench/record/publisher-account.js';
import { Recording } from '../../../src/bench/record/recording.js';

const QUIET: ThreadSample = { spanMs: 100, loopDelayMs: 1, busyShare: 0.1, gcLongestMs: 0 };
const NOTHING_SENT: PublisherAccount = {
  sent: 0,
  sentInHold: 0,
  lateInHold: 0,
  overdueInHold: 0,
  firstInHoldMs: 0,
  lastInHoldMs: 0,
  refused: { count: 0, first: null },
  unknown: { count: 0, first: null },
  unanswered: 0,
  unsentInHold: 0,
  cutOffInHold: 0,
};

function latencies(...us: number[]): Uint32Array {
  const histogram = new Histogram();
  for (const value of us) histogram.record(value);
  return histogram.takeSparse();
}

describe('a recording', () => {
  it.each([
    [1000, 100],
    [10_000, 100],
    [20_000, 200],
    [60_000, 600],
  ])('cuts a hold of %i ms into slices of %i ms', (holdMs, sliceMs) => {
    expect(new Recording({ holdStartMs: 0, endMs: holdMs, tickMs: 100 }).sliceMs).toBe(sliceMs);
  });

  it('puts what came into the slice in which it came, counted from the start of the hold', () => {
    const recording = new Recording({ holdStartMs: 1000, endMs: 11_000, tickMs: 100 });
    recording.received('receiver 0', { latency: latencies(500), sample: QUIET }, { atMs: 1100, connected: 7 });
    recording.received('receiver 1', { latency: latencies(700, 900), sample: QUIET }, { atMs: 1310, connected: 6 });
    expect(recording.slices.map(({ latency, connected }) => [latency.count, connected])).toEqual([
      [1, 7],
      [0, 7],
      [2, 6],
    ]);
    expect(recording.latency).toMatchObject({ count: 3, min: 500, max: 900 });
  });

  it('counts what was sent by the difference of two accounts', () => {
    const recording = new Recording({ holdStartMs: 0, endMs: 10_000, tickMs: 100 });
    const account = (sentInHold: number) => ({ lateness: latencies(1), sample: QUIET, account: { ...NOTHING_SENT, sentInHold } });
    recording.sent(account(5), 100);
    recording.sent(account(12), 200);
    expect(recording.slices.map(({ sent }) => sent)).toEqual([5, 7]);
  });

  it('keeps of what threads say of themselves only what lies in the hold', () => {
    const recording = new Recording({ holdStartMs: 1000, endMs: 2000, tickMs: 100 });
    for (const atMs of [900, 1000, 1050, 1500, 2050, 2100, 2500]) {
      recording.received('receiver 0', { latency: latencies(), sample: QUIET }, { atMs, connected: 1 });
    }
    expect(recording.threads.summaries).toMatchObject([{ role: 'receiver', spanMs: 300 }]);
  });

  it('keeps what held a thread up behind the hold, as long as measured deliveries come there', () => {
    const recording = new Recording({ holdStartMs: 1000, endMs: 2000, tickMs: 100 });
    const tell = (atMs: number, loopDelayMs: number, ...us: number[]) =>
      recording.received(
        'receiver 0',
        { latency: latencies(...us), sample: { ...QUIET, loopDelayMs, busyShare: 1 } },
        { atMs, connected: 1 },
      );
    recording.received('receiver 0', { latency: latencies(), sample: QUIET }, { atMs: 1500, connected: 1 });
    tell(2300, 250);
    expect(recording.threads.summaries).toMatchObject([{ loopDelayMs: 1 }]);
    tell(2400, 2, 900_000); // came while the thread stood still
    tell(2900, 700);
    expect(recording.threads.summaries).toMatchObject([{ loopDelayMs: 250, spanMs: 100, busyShare: QUIET.busyShare }]);
  });

  it('keeps the last whole second apart', () => {
    const recording = new Recording({ holdStartMs: 0, endMs: 10_000, tickMs: 100 });
    recording.received('receiver 0', { latency: latencies(300), sample: { ...QUIET, loopDelayMs: 42 } }, { atMs: 100, connected: 1 });
    expect(recording.lastSecond).toBeUndefined();
    recording.nextSecond();
    recording.received('receiver 0', { latency: latencies(1, 2), sample: QUIET }, { atMs: 1100, connected: 1 });
    expect(recording.lastSecond?.max).toBe(300);
    expect(recording.threadsOfLastSecond).toMatchObject([{ role: 'receiver', loopDelayMs: 42 }]);
    recording.nextSecond();
    expect(recording.lastSecond?.count).toBe(2);
    expect(recording.threadsOfLastSecond).toMatchObject([{ role: 'receiver', loopDelayMs: 1 }]);
  });
});
