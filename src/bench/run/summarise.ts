import { cpus, totalmem } from 'node:os';
import { healthOf } from '../health/judge-health.js';
import type { Profile } from '../load/load.js';
import type { Plan } from '../plan/plan.js';
import { type Board, STATE } from '../record/board.js';
import { countDeliveries, type Deliveries } from '../record/count-deliveries.js';
import { distributionOf } from '../record/distribution.js';
import type { ChannelFaults } from '../record/fault-ledger.js';
import { Histogram } from '../record/histogram.js';
import { marginsOf } from '../record/margin.js';
import type { SlowOne } from '../record/slowest.js';
import type { Measurement } from '../result/measurement.js';
import type { BenchResult, Mishap, Notifications, SlowDelivery, Timeline } from '../result/result.js';
import type { HostileOutcome } from '../traffic/messages.js';
import { notesOn } from './notes.js';
import type { Observer } from './observer.js';

/** What only the threads know until they have finished. */
export interface Ended {
  readonly http: Notifications['http'];
  readonly faults: readonly ChannelFaults[];
  readonly slowest: readonly SlowOne[];
  readonly disconnected: Mishap;
  readonly hostile: readonly HostileOutcome[];
}

/** All that is known at the end of a run. */
export interface Summary extends Ended {
  readonly settings: Profile & { readonly url: string; readonly version: string };
  readonly plan: Plan;
  readonly observer: Observer;
  readonly used: Omit<BenchResult['used'], 'sourceAddresses'>;
  readonly sourceAddresses: number;
  readonly failed: Mishap;
  /** Whether everybody got the last canary: then nothing was under way any more. */
  readonly fenced: boolean;
}

const BUCKETS_AN_OCTAVE = 4;

/** Makes the figures of a run out of what was recorded. */
export function summarise(summary: Summary): Measurement {
  const { settings, plan, observer } = summary;
  const { load, limits, workers } = settings;
  const { recording } = observer;
  const deliveries = countDeliveries(plan.board, summary.faults);
  const span = spanOf(plan.board);
  return {
    format: 'wsn-bench/1',
    version: settings.version,
    startedAt: observer.startedAt.toISOString(),
    machine: machine(),
    url: withoutPassword(settings.url),
    settings: { load, limits, workers },
    used: { ...summary.used, sourceAddresses: summary.sourceAddresses },
    phasesMs: rounded(observer.phasesMs),
    connections: connectionsOf(summary),
    notifications: notificationsOf(summary, deliveries),
    deliveries: { ...deliveries.hold, perSecond: perSecond(deliveries.hold.delivered, span.toMs - span.fromMs) },
    warmUpDeliveries: deliveries.warmUp,
    faultyChannels: deliveries.faultyChannels,
    latencyMs: {
      ...distributionOf(recording.latency),
      margin: marginsOf(
        recording.slices.map(({ latency }) => latency),
        load.seed,
      ),
      buckets: recording.latency.buckets,
    },
    latenessMs: distributionOf(recording.lateness),
    fanOutMs: fanOutOf(plan.board),
    slowest: slowestOf(summary),
    timeline: timelineOf(summary),
    generator: healthOf({
      limits,
      arrivals: load.arrivals.kind,
      sent: recording.account?.sentInHold ?? 0,
      late: recording.account?.lateInHold ?? 0,
      threads: observer.threads,
      cpuShare: mean(observer.cpuShares),
      backlogMs: median(observer.backlogsMs),
      cpuUsPerDelivery: observer.deliveriesMeanwhile > 0 ? observer.cpuUs / observer.deliveriesMeanwhile : null,
    }),
    notes: notesOn(summary, deliveries),
    isAborted: observer.isAborted,
    isBrokerGone: observer.isBrokerGone,
  };
}

function connectionsOf({ observer, failed, disconnected, hostile }: Summary): BenchResult['connections'] {
  const { wanted, connected, ready } = observer.progress.subscribers;
  // Whoever ended later was connected all the same.
  return {
    wanted,
    connected: Math.min(wanted, connected + disconnected.count),
    ready,
    failed,
    disconnected,
    hostile,
    memoryBytesEach: observer.memoryBytesEach,
  };
}

function notificationsOf({ plan, observer, http }: Summary, deliveries: Deliveries): Notifications {
  const { account } = observer.recording;
  const sent = account?.sentInHold ?? 0;
  return {
    planned: plan.board.isPlanned ? deliveries.plannedInHold : sent,
    sent,
    warmUp: (account?.sent ?? 0) - sent,
    late: account?.lateInHold ?? 0,
    // The first notification opens the interval, so the others are what the time was spent on.
    perSecond: perSecond(sent - 1, (account?.lastInHoldMs ?? 0) - (account?.firstInHoldMs ?? 0)),
    refused: account?.refused ?? NONE,
    unknown: account?.unknown ?? NONE,
    unanswered: account?.unanswered ?? 0,
    http,
  };
}

const NONE: Mishap = { count: 0, first: null };

/** From the first planned moment of the hold to the last delivery of what was planned in it. */
function spanOf(board: Board): { readonly fromMs: number; readonly toMs: number } {
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = Number.NEGATIVE_INFINITY;
  eachMeasured(board, (index) => {
    const plannedMs = board.plannedMs[index] as number;
    const us = Math.max(
      board.firstUs[index] as number,
      board.medianUs[index] as number,
      board.nearlyAllUs[index] as number,
      board.lastUs[index] as number,
    );
    fromMs = Math.min(fromMs, plannedMs);
    if (us > 0) toMs = Math.max(toMs, plannedMs + us / 1000);
  });
  return { fromMs, toMs };
}

function fanOutOf(board: Board): BenchResult['fanOutMs'] {
  const distribution = (times: Uint32Array) => {
    const histogram = new Histogram();
    eachMeasured(board, (index) => {
      if (times[index] !== 0) histogram.record(times[index] as number);
    });
    return distributionOf(histogram);
  };
  return {
    first: distribution(board.firstUs),
    median: distribution(board.medianUs),
    p99: distribution(board.nearlyAllUs),
    last: distribution(board.lastUs),
  };
}

/** Every notification of the hold that the broker took. */
function eachMeasured(board: Board, visit: (index: number) => void): void {
  for (let index = 0; index < board.count; index++) {
    const state = board.stateOf[index];
    if (state !== STATE.sent && state !== STATE.acknowledged) continue;
    if ((board.plannedMs[index] as number) >= board.holdStartMs) visit(index);
  }
}

function slowestOf({ slowest, plan }: Summary): readonly SlowDelivery[] {
  const { channelOf, plannedMs, holdStartMs } = plan.board;
  return slowest
    .toSorted((a, b) => b.us - a.us)
    .slice(0, 5)
    .map(({ us, index, subscriber }) => ({
      latencyMs: us / 1000,
      notification: index,
      channel: channelOf[index] as number,
      subscriber,
      plannedMs: round((plannedMs[index] as number) - holdStartMs),
    }));
}

function timelineOf({ observer }: Summary): Timeline {
  const { sliceMs, slices } = observer.recording;
  return {
    sliceMs,
    slices: slices.map(({ latency, sent, connected, loopDelayMs }, place) => {
      const { p50, p99, max } = distributionOf(latency);
      return {
        atMs: place * sliceMs,
        sent,
        delivered: latency.count,
        connected,
        loopDelayMs: round(loopDelayMs),
        p50Ms: p50,
        p99Ms: p99,
        maxMs: max,
        buckets: latency.coarse(BUCKETS_AN_OCTAVE),
      };
    }),
  };
}

function machine(): BenchResult['machine'] {
  const all = cpus();
  return {
    cores: all.length,
    cpu: all[0]?.model.trim() ?? 'unknown',
    memoryBytes: totalmem(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
}

function withoutPassword(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^/?#]*@/i, '$1');
}

function rounded<K extends string>(values: Readonly<Record<K, number>>): Record<K, number> {
  return Object.fromEntries(Object.entries<number>(values).map(([name, value]) => [name, round(value)])) as Record<K, number>;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function perSecond(count: number, ms: number): number | null {
  return count > 0 && ms > 0 && Number.isFinite(ms) ? round((count * 1000) / ms) : null;
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? null;
}
