import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Completion } from '../record/completion.js';

/** How as much as possible is sent. */
export interface SendAtMostOptions {
  /** Notifications that may be ahead of what all their subscribers have received. */
  readonly window: number;
  /** Notifications that there may be at all. */
  readonly count: number;
  readonly completion: Completion;
  /** Whether a notification that was sent is one of those that `completion` counts. */
  readonly isComplete: (index: number) => boolean;
  readonly send: (index: number) => void;
  readonly isOver: () => boolean;
}

/** When nothing completes for so long, what is under way is taken for lost and the window opens again. */
const LOST_AFTER_MS = 1000;

/**
 * Sending goes on when so large a part of the window is free: a few notifications at a time cost less than each by itself.
 * More at a time than two of 64 would also make it easier for the broker than a steady stream does.
 */
const PART_AT_A_TIME = 1 / 32;

/** Of what was taken for lost, so many windows are looked at again; what is older never comes. */
const WINDOWS_DOUBTED = 4;

/** Sends whenever the window has room: a closed loop, which finds out how much a broker can do, and nothing about its latency. */
export async function sendAtMost({ window, count, completion, isComplete, send, isOver }: SendAtMostOptions): Promise<void> {
  const step = Math.max(1, Math.floor(window * PART_AT_A_TIME));
  let sent = 0;
  let lost = 0;
  /** Taken for lost, but it may come after all: it must not leave the window wider than it was. */
  let doubted: readonly number[] = [];
  let judgedBelow = 0;
  while (sent < count && !isOver()) {
    doubted = doubted.filter((index) => !isComplete(index));
    const givenUp = lost + doubted.length;
    while (sent < count && sent - completion.count - givenUp < window) send(sent++);
    await nextTurn(); // what was sent leaves, and answers are read
    if (await completion.reach(sent - givenUp - window + step, LOST_AFTER_MS)) continue;
    const all = [...doubted];
    for (; judgedBelow < sent; judgedBelow++) if (!isComplete(judgedBelow)) all.push(judgedBelow);
    doubted = all.slice(-WINDOWS_DOUBTED * window);
    lost += all.length - doubted.length;
  }
}
