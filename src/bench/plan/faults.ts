import type { BrokerRestart, LineFault, Load } from '../load/load.js';
import { randomOf } from './random.js';

/** A fault when its time has come. */
export type FaultMoment = LineMoment | RestartMoment;

/** What happens to lines of subscribers. */
export interface LineMoment extends Pick<LineFault, 'kind' | 'forMs'> {
  /** In ms from the start of the load. */
  readonly atMs: number;
  /** Who is hit. */
  readonly subscribers: readonly number[];
}

/** What happens to the broker. */
export interface RestartMoment extends Pick<BrokerRestart, 'kind' | 'forMs' | 'signal'> {
  /** In ms from the start of the load. */
  readonly atMs: number;
}

/** Who comes back needs some time to connect: until then there would be nothing to hit. */
const RETURNING_MS = 100;

/**
 * Plans what is broken when, and whom it hits: the same load and seed give the same. Nobody is hit again who by plan is still away
 * or has just come back; and while the broker is away, it is not restarted.
 * @param behaviourOf of each subscriber, 0 when it is honest: only those are hit.
 * @returns ascending by time.
 */
export function planFaults(load: Pick<Load, 'faults' | 'phases' | 'seed'>, behaviourOf: Uint8Array): readonly FaultMoment[] {
  const honest = [...behaviourOf.keys()].filter((subscriber) => behaviourOf[subscriber] === 0);
  const random = randomOf(load.seed, 'faults');
  const awayUntil = new Map<number, number>();
  let downUntil = Number.NEGATIVE_INFINITY;
  return times(load).flatMap(({ fault, atMs }): FaultMoment[] => {
    const { forMs } = fault;
    if (fault.kind === 'restart') {
      if (atMs < downUntil) return [];
      downUntil = atMs + forMs;
      return [{ kind: fault.kind, signal: fault.signal, atMs, forMs }];
    }
    const there = honest.filter((subscriber) => (awayUntil.get(subscriber) ?? 0) <= atMs);
    const subscribers = drawn(there, Math.max(1, Math.round(fault.share * honest.length)), random);
    for (const subscriber of subscribers) awayUntil.set(subscriber, atMs + forMs + RETURNING_MS);
    return [{ kind: fault.kind, atMs, forMs, subscribers }];
  });
}

/** When the last of those who are hit is to be back, in ms from the start of the load; 0 where there are no faults. */
export function lastReturnMs(moments: readonly FaultMoment[]): number {
  return moments.reduce((latest, { atMs, forMs }) => Math.max(latest, atMs + forMs), 0);
}

function times({ faults = [], phases }: Pick<Load, 'faults' | 'phases'>) {
  const all = faults.flatMap((fault) => {
    const { firstMs, everyMs } = fault;
    const count = everyMs === null ? 1 : Math.ceil((phases.holdMs - firstMs) / everyMs);
    return Array.from({ length: count }, (_, time) => ({ fault, atMs: phases.warmUpMs + firstMs + time * (everyMs ?? 0) }));
  });
  return all.sort((one, other) => one.atMs - other.atMs);
}

/** So many of them, or all where there are fewer, each as likely as the others. */
function drawn(from: readonly number[], count: number, random: () => number): number[] {
  const left = [...from];
  return Array.from({ length: Math.min(count, left.length) }, () => {
    const at = Math.floor(random() * left.length);
    const chosen = left[at] as number;
    left[at] = left.at(-1) as number;
    left.pop();
    return chosen;
  });
}
