import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Pacer } from './pacer.js';

/** How a pacer's plan is carried out. */
export interface SendOnTimeOptions {
  readonly pacer: Pacer;
  /** Now, in ms from the start of the run. */
  readonly now: () => number;
  readonly send: (index: number) => void;
  /** Asked before each; sending ends when it says so. */
  readonly isOver: () => boolean;
}

/** Sent in one turn of the event loop at most, so that receiving goes on while the generator catches up. */
const BURST = 64;

/** Timers fire up to this much late; a shorter wait is spent turning the event loop, which receives meanwhile. */
const TIMER_SLACK_MS = 2;

/**
 * Sends each notification at its planned moment or, when the event loop was busy, as soon as it can after: never
 * earlier, and never fewer because earlier ones are late (an open loop).
 */
export async function sendOnTime({ pacer, now, send, isOver }: SendOnTimeOptions): Promise<void> {
  let sent = 0;
  while (sent < pacer.count && !isOver()) {
    const due = Math.min(pacer.dueBy(now()), sent + BURST);
    while (sent < due) send(sent++);
    const waitMs = sent < pacer.count ? pacer.plannedAt(sent) - now() : 0;
    if (waitMs > TIMER_SLACK_MS) await sleep(Math.min(waitMs - TIMER_SLACK_MS, 100));
    else await nextTurn();
  }
}
