import { UsageError } from '../exit/usage-error.js';
import { notificationFrom } from './notification-text.js';
import { readNotifyInput } from './notify-input.js';
import { CONTENT_OPTIONS, type NotifyOptions } from './notify-options.js';
import { askNotification } from './notify-questions.js';
import type { Outgoing } from './outgoing.js';

/**
 * What to publish: from the file, from the options, from stdin when it is piped, or asked on a terminal.
 * @param isTyped whether an option stands on the command line, not in the environment.
 * @returns at least one notification; `undefined` when the questions were left with Ctrl-C.
 * @throws UsageError when there is nothing, or something that the broker would refuse.
 */
export async function findOutgoing(options: NotifyOptions, isTyped: (name: string) => boolean): Promise<readonly Outgoing[] | undefined> {
  const typed = CONTENT_OPTIONS.find(isTyped);
  if (typed !== undefined && isTyped('file')) {
    throw new UsageError(`--file and --${typed} exclude each other: a file says everything about a notification`);
  }
  if (options.file !== undefined && typed === undefined) return readNotifyInput(options.file);
  if (typed !== undefined) return [fromOptions(options)];
  if (!process.stdin.isTTY) return readNotifyInput('-');
  if (!options.input || !process.stderr.isTTY) {
    throw new UsageError('what to publish is missing: give --file, or --package and what else belongs to the notification');
  }
  const answer = await askNotification(options);
  return answer && [answer];
}

function fromOptions(options: NotifyOptions): Outgoing {
  if (options.package === undefined) throw new UsageError('--package is missing: a notification belongs to a package and a page');
  return notificationFrom({ ...options, package: options.package });
}
