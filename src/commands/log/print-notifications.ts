import { setTimeout as delay } from 'node:timers/promises';
import { interruptible } from '../exit/interruption.js';
import type { ReadOptions } from '../log.js';
import { coloursFor } from '../terminal/colours.js';
import { type LineOutput, stdoutLines } from './line-output.js';
import { LogContents, type LoggedNotification } from './log-contents.js';
import { jsonLine, textLine } from './log-line.js';
import { Selection } from './selection.js';

/** How often it is looked whether something has come. */
const POLL_MS = 200;

/**
 * Prints notifications of a log.
 * @throws UsageError when there is none, or it cannot be read; CommandFailure when it has no such topic.
 */
export async function printNotifications(options: ReadOptions): Promise<number> {
  const { data, last, follow = false } = options;
  const isJson = options.json === true || !process.stdout.isTTY;
  const pen = await coloursFor(process.stdout, options.color);
  const show = (notification: LoggedNotification) => (isJson ? jsonLine(notification) : textLine(notification, pen));
  const output = stdoutLines();
  const selection = new Selection(options);
  let held = last === undefined ? undefined : new LastOnes(last);
  const contents = await LogContents.open(data, {
    topic: (topic) => selection.see(topic),
    notification(notification) {
      if (output.signal.aborted || !selection.has(notification)) return;
      if (held === undefined) output.line(show(notification));
      else held.add(notification);
    },
    pause: output.pause,
  });
  await contents.read();
  for (const notification of held?.all ?? []) output.line(show(notification));
  held = undefined;
  if (follow) await followUntilStopped(contents, output);
  else selection.assertKnown();
  return contents.exitCode;
}

/** Until Ctrl-C, which is its normal end, or nobody reads any more. */
async function followUntilStopped(contents: LogContents, output: LineOutput): Promise<void> {
  using interruption = interruptible();
  const signal = AbortSignal.any([interruption.signal, output.signal]);
  while (!signal.aborted) {
    await delay(POLL_MS, undefined, { signal }).catch(() => {});
    if (!signal.aborted) await contents.read();
  }
}

/** The last of many. */
class LastOnes {
  readonly #count: number;
  #kept: LoggedNotification[] = [];

  constructor(count: number) {
    this.#count = count;
  }

  get all(): readonly LoggedNotification[] {
    return this.#kept.slice(-this.#count);
  }

  add(notification: LoggedNotification): void {
    this.#kept.push({ ...notification, payload: Buffer.from(notification.payload) });
    // Now and then, for taking one off the front each time takes as long as there are others.
    if (this.#kept.length > 2 * this.#count + 1000) this.#kept = this.#kept.slice(-this.#count);
  }
}
