import { DEFAULT_LIMITS, DEFAULT_LOAD, type Limits, type Load, type Profile } from '../load/load.js';
import { honestOf } from '../plan/hostile.js';
import type { LoadPart } from './load-shape.js';

/** Threads that receive, where nobody says how many. */
const MOST_WORKERS = 8;

/**
 * Puts a profile together; what no part gives has its default. Without a number of channels there are no more than have
 * a subscriber each.
 * @param parts what a later one gives replaces what an earlier one gave, member by member; thresholds are added to each other.
 * @param cores of this machine: two are left to others, if there are so many.
 */
export function completeProfile(parts: readonly LoadPart[], cores: number): Profile {
  const given = parts.reduce(merge, {});
  const { thresholds = [], workers = Math.min(MOST_WORKERS, Math.max(1, cores - 2)) } = given;
  return { load: loadOf(given), thresholds, limits: limitsOf(given.limits ?? {}), workers };
}

function merge(before: LoadPart, after: LoadPart): LoadPart {
  return {
    ...before,
    ...after,
    connect: { ...before.connect, ...after.connect },
    publishers: { ...before.publishers, ...after.publishers },
    phases: { ...before.phases, ...after.phases },
    hostile: { ...before.hostile, ...after.hostile },
    limits: { ...before.limits, ...after.limits },
    thresholds: [...(before.thresholds ?? []), ...(after.thresholds ?? [])],
  };
}

function loadOf(given: LoadPart): Load {
  const { subscribers, subscriptions, spread, traffic, protocol, arrivals, seed } = { ...DEFAULT_LOAD, ...given };
  const hostile = { ...DEFAULT_LOAD.hostile, ...given.hostile };
  const { readyMs, warmUpMs, holdMs, drainMs } = DEFAULT_LOAD.phases;
  const { ready = readyMs, warmUp = warmUpMs, hold = holdMs, drain = drainMs } = given.phases ?? {};
  const honest = honestOf({ hostile, subscribers });
  return {
    subscribers,
    channels: given.channels ?? Math.max(subscriptions, Math.min(DEFAULT_LOAD.channels, honest * subscriptions)),
    spread,
    traffic,
    subscriptions,
    protocol,
    connect: { ...DEFAULT_LOAD.connect, ...given.connect },
    publishers: { ...DEFAULT_LOAD.publishers, ...given.publishers },
    arrivals,
    sizeBytes: given.size ?? DEFAULT_LOAD.sizeBytes,
    phases: { readyMs: ready, warmUpMs: warmUp, holdMs: hold, drainMs: drain },
    hostile,
    // None is the same as no member: a run of such a load may be compared with one from before there were any.
    ...(given.faults === undefined || given.faults.length === 0 ? {} : { faults: given.faults }),
    seed,
  };
}

function limitsOf(given: NonNullable<LoadPart['limits']>): Limits {
  const { lateShare, loopDelayMs, busyShare, cpuShare, gcPauseMs, backlogMs } = DEFAULT_LIMITS;
  return {
    lateShare: given.lateShare ?? lateShare,
    loopDelayMs: given.loopDelay ?? loopDelayMs,
    busyShare: given.busyShare ?? busyShare,
    cpuShare: given.cpuShare ?? cpuShare,
    gcPauseMs: given.gcPause ?? gcPauseMs,
    backlogMs: given.backlog ?? backlogMs,
  };
}
