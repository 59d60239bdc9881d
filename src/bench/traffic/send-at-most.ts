import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Completion } from '../record/completion.js';

/** How as much as possible is sent. */
export interface SendAtMostOptions {
  /** Notifications that may be ahead of what all their subscribers have received. */
  readonly window: number;
  /** Notifications that there may be at all. */
  readonly count: number;
  readonly completion: Completion;
  readonly send: (index: number) => void;
  readonly isOver: () => boolean;
}

/** When nothing completes for so long, what is under way is taken for lost and the window opens again. */
const LOST_AFTER_MS = 1000;

/** Sending goes on when so large a part of the window is free: a few notifications at a time cost less than each by itself. */
const PART_AT_A_TIME = 1 / 8;

/** Sends whenever the window has room: a closed loop, which finds out how much a broker can do, and nothing about its latency. */
export async function sendAtMost({ window, count, completion, send, isOver }: SendAtMostOptions): Promise<void> {
  const step = Math.max(1, Math.floor(window * PART_AT_A_TIME));
  let sent = 0;
  /** Taken for lost; of these some may come after all, and then the window is a little wider. */
  let lost = 0;
  while (sent < count && !isOver()) {
    while (sent < count && sent - completion.count - lost < window) send(sent++);
    await nextTurn(); // what was sent leaves, and answers are read
    if (!(await completion.reach(sent - lost - window + step, LOST_AFTER_MS))) lost = sent - completion.count;
  }
}
