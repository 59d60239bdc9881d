import { setImmediate as nextTurn } from 'node:timers/promises';

/** How as much as possible is sent. */
export interface SendAtMostOptions {
  /** Notifications that may be ahead of what all their subscribers have received. */
  readonly window: number;
  /** Notifications that there may be at all. */
  readonly count: number;
  /** One place: how many notifications have come everywhere, or never will. Whoever adds to it notifies. */
  readonly completed: Int32Array;
  readonly send: (index: number) => void;
  readonly isOver: () => boolean;
}

/** When nothing completes for so long, what is under way is taken for lost and the window opens again. */
const LOST_AFTER_MS = 1000;

/** Sends whenever the window has room: a closed loop, which finds out how much a broker can do, and nothing about its latency. */
export async function sendAtMost({ window, count, completed, send, isOver }: SendAtMostOptions): Promise<void> {
  let sent = 0;
  let given = 0;
  while (sent < count && !isOver()) {
    const done = Atomics.load(completed, 0);
    while (sent < count && sent - done - given < window) send(sent++);
    const waiting = Atomics.waitAsync(completed, 0, done, LOST_AFTER_MS);
    if (!waiting.async) await nextTurn();
    else if ((await waiting.value) === 'timed-out') given = sent - done;
  }
}
