import { decodePublications, explain, type Notification, ProtocolError, type Reason } from '../../protocol/index.js';
import { EXIT } from '../exit/exit-codes.js';
import { UsageError } from '../exit/usage-error.js';
import type { ExplainOptions } from '../explain.js';
import { describeProtocolError, readInput } from '../input/json-input.js';
import { readSubscriptionInput } from '../input/subscription-input.js';
import { coloursFor } from '../terminal/colours.js';
import { reasonLines } from './reason-tree.js';

/**
 * Prints why the subscriptions of one file match the notification of another, or why not.
 * @returns `EXIT.ok` when at least one matches, else `EXIT.failed`.
 * @throws UsageError when a file cannot be read or is not what it should be.
 */
export async function explainFiles(options: ExplainOptions): Promise<number> {
  if (options.subscription === '-' && options.notification === '-') {
    throw new UsageError('stdin can be the subscription or the notification, not both: give one of them a file');
  }
  const { subscriptions, isList } = await readSubscriptionInput(options.subscription);
  const notification = await readNotificationInput(options.notification);
  const reasons = subscriptions.map((subscription) => explain(subscription, notification));
  const matching = reasons.flatMap((reason, index) => (reason.accepted ? [index] : []));
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ matches: matching.length > 0, matching, subscriptions: reasons })}\n`);
  } else {
    const pen = await coloursFor(process.stdout, options.color);
    const blocks = reasons.map((reason, index) => reasonLines(reason, isList ? `subscriptions[${index}]:` : '', pen).join('\n'));
    process.stdout.write(`${blocks.join('\n\n')}${summary(isList, reasons, matching)}\n`);
  }
  return matching.length > 0 ? EXIT.ok : EXIT.failed;
}

/** The last line for a set, which says what its many trees come to. */
function summary(isList: boolean, reasons: readonly Reason[], matching: readonly number[]): string {
  if (!isList) return '';
  if (reasons.length === 0) return 'The set is empty: it matches nothing.';
  if (matching.length === 0) return `\n\nNone of ${reasons.length} matches: the notification is not delivered.`;
  return `\n\n${matching.length} of ${reasons.length} ${matching.length === 1 ? 'matches' : 'match'} (${matching.join(', ')}): the notification is delivered once.`;
}

async function readNotificationInput(path: string): Promise<Notification> {
  const input = await readInput(path);
  try {
    const { isList, publications } = decodePublications(input);
    const [first] = publications;
    if (isList || !first) throw new UsageError(`${input.name}: expected one notification, found a list of ${publications.length}`);
    return first.notification;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new UsageError(describeProtocolError(input.name, input, error));
  }
}
