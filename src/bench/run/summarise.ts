import { shownUrl } from '../../peer/index.js';
import { healthOf } from '../health/judge-health.js';
import { countDeliveries, type Deliveries } from '../record/count-deliveries.js';
import { distributionOf } from '../record/distribution.js';
import { fanOutOf, spanOf } from '../record/hold-times.js';
import { marginsOf } from '../record/margin.js';
import type { Measurement } from '../result/measurement.js';
import { NO_MISHAP } from '../result/mishap.js';
import type { BenchResult, Notifications, SlowDelivery, Timeline } from '../result/result.js';
import { notesOn } from './notes.js';
import type { Summary } from './summary.js';
import { thisMachine } from './this-machine.js';

const BUCKETS_AN_OCTAVE = 4;

/** Makes the figures of a run out of what was recorded. */
export function summarise(summary: Summary): Measurement {
  const { settings, plan, observer } = summary;
  const { load, limits, workers } = settings;
  const { recording } = observer;
  const deliveries = countDeliveries(plan.board, summary.faults, summary.resumes?.passedOver);
  const span = spanOf(plan.board);
  return {
    format: 'wsn-bench/1',
    version: settings.version,
    startedAt: observer.startedAt.toISOString(),
    machine: thisMachine(),
    url: shownUrl(settings.url),
    settings: { load, limits, workers },
    used: { ...summary.used, sourceAddresses: summary.sourceAddresses },
    phasesMs: rounded(observer.phases.lengthsMs),
    connections: connectionsOf(summary),
    notifications: notificationsOf(summary, deliveries),
    deliveries: { ...deliveries.hold, perSecond: perSecond(deliveries.hold.delivered, span.toMs - span.fromMs) },
    warmUpDeliveries: deliveries.warmUp,
    ...recoveryOf(summary, deliveries),
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
      late: recording.account?.overdueInHold ?? 0,
      threads: recording.threads.summaries,
      cpuShare: mean(observer.figures.cpuShares),
      backlogMs: median(observer.figures.backlogsMs),
      cpuUsPerDelivery: observer.deliveriesMeanwhile > 0 ? observer.cpuUs / observer.deliveriesMeanwhile : null,
    }),
    notes: notesOn(summary, deliveries),
    isAborted: observer.isAborted,
    isBrokerGone: observer.isBrokerGone,
  };
}

function connectionsOf({ settings, observer, failed, disconnected, hostile }: Summary): BenchResult['connections'] {
  const { wanted, connected, ready } = observer.progress.subscribers;
  return {
    wanted: settings.load.subscribers,
    // Whoever ended later was connected all the same.
    connected: Math.min(wanted, connected + disconnected.count) + hostile.reduce((sum, { count }) => sum + count, 0),
    ready,
    failed,
    disconnected,
    hostile,
    memoryBytesEach: observer.figures.memoryBytesEach,
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
    refused: account?.refused ?? NO_MISHAP,
    unknown: account?.unknown ?? NO_MISHAP,
    // Canaries and the warm-up may be unanswered too; what is open may never have been given to the publisher.
    unanswered: Math.min(account?.unanswered ?? 0, deliveries.openInHold),
    http,
  };
}

function recoveryOf({ resumes, restarts, observer }: Summary, { unrecovered }: Deliveries): Pick<BenchResult, 'recovery'> {
  if (resumes === null) return {};
  const { account } = observer.recording;
  return {
    recovery: {
      cut: resumes.cut,
      halfOpen: resumes.halfOpen,
      restarts,
      resumed: resumes.resumed,
      unresumed: resumes.unrecovered,
      recovered: resumes.recovered.count,
      unrecovered,
      repeated: resumes.repeated,
      unsent: account?.unsentInHold ?? 0,
      cutOff: account?.cutOffInHold ?? 0,
      latencyMs: distributionOf(resumes.recovered),
      resumeMs: distributionOf(resumes.resume),
    },
  };
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
