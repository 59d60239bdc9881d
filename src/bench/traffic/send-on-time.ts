import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

/** How a plan is carried out. */
export interface SendOnTimeOptions {
  /** Planned moments, ascending, in ms from the start of the load. */
  readonly plannedMs: Float64Array;
  /** Now, in ms from the start of the load. */
  readonly now: () => number;
  readonly send: (index: number) => void;
  /** Asked before each turn; sending ends when it says so. */
  readonly isOver: () => boolean;
  /** Waits for so many ms, 2 at most, exactly. Without it the event loop turns meanwhile, which costs a core. */
  readonly block?: (ms: number) => void;
}

/** Sent in one turn of the event loop at most, so that answers are read while the generator catches up. */
const BURST = 64;

/** Timers fire up to this much late. */
const TIMER_SLACK_MS = 2;

/** A sleep is never longer, so that the end of the run is noticed. */
const LONGEST_SLEEP_MS = 50;

/**
 * Sends each notification at its planned moment or, when the event loop was busy, as soon as it can after: never
 * earlier, and never fewer because earlier ones are late (an open loop).
 */
export async function sendOnTime({ plannedMs, now, send, isOver, block }: SendOnTimeOptions): Promise<void> {
  let sent = 0;
  while (sent < plannedMs.length && !isOver()) {
    const until = Math.min(plannedMs.length, sent + BURST);
    const moment = now();
    while (sent < until && (plannedMs[sent] as number) <= moment) send(sent++);
    await nextTurn(); // what was sent leaves, and answers are read
    if (sent === plannedMs.length) return;
    const waitMs = (plannedMs[sent] as number) - now();
    if (waitMs > TIMER_SLACK_MS) await sleep(Math.min(waitMs - TIMER_SLACK_MS, LONGEST_SLEEP_MS));
    else if (waitMs > 0) block?.(waitMs);
  }
}
