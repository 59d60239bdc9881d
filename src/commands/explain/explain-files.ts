import { decodePublications, explain, type Notification, ProtocolError, type Reason } from '../../protocol/index.js';
import { EXIT } from '../exit/exit-codes.js';
import { UsageError } from '../exit/usage-error.js';
import type { ExplainOptions } from '../explain.js';
import { describeProtocolError, readInput } from '../input/json-input.js';
import { readSubscriptionInput, type SubscriptionInput } from '../input/subscription-input.js';
import { coloursFor } from '../terminal/colours.js';
import { escapeText } from '../terminal/escape-text.js';
import { expiryText } from '../token/expiry-text.js';
import { reasonLines } from './reason-tree.js';
import { accountOf, type TokenAccount } from './token-account.js';

/**
 * Prints why the subscriptions of one file match the notification of another and what a token lets through, or why not.
 * @param isTokenFromEnvironment whether nobody typed it.
 * @returns `EXIT.ok` when at least one matches and, with a token, a grant lets it through, else `EXIT.failed`.
 * @throws UsageError when there is neither, and when a file cannot be read or is not what it should be.
 */
export async function explainFiles(options: ExplainOptions, isTokenFromEnvironment: boolean): Promise<number> {
  if (options.subscription === undefined && options.token === undefined) {
    throw new UsageError('there is nothing to compare the notification with: give --subscription, --token or both');
  }
  if (options.subscription === '-' && options.notification === '-') {
    throw new UsageError('stdin can be the subscription or the notification, not both: give one of them a file');
  }
  const wanted = await readWanted(options.subscription);
  const notification = await readNotificationInput(options.notification);
  const account = await accountOf(options, notification, isTokenFromEnvironment);
  const reasons = wanted?.subscriptions.map((subscription) => explain(subscription, notification));
  const matching = reasons?.flatMap((reason, index) => (reason.accepted ? [index] : []));
  const isDelivered = (matching === undefined || matching.length > 0) && (account === undefined || account.granting.length > 0);
  if (options.json) {
    const answer = { matches: isDelivered, matching, subscriptions: reasons, ...account };
    process.stdout.write(`${escapeText(JSON.stringify(answer))}\n`);
  } else {
    const pen = await coloursFor(process.stdout, options.color);
    const isList = wanted?.isList === true;
    const isNumbered = isList || account !== undefined;
    const blocks = [
      ...(reasons ?? []).map((reason, index) => reasonLines(reason, isNumbered ? `subscriptions[${index}]:` : '', pen).join('\n')),
      ...(account?.grants ?? []).map((reason, index) => reasonLines(reason, `grants[${index}]:`, pen).join('\n')),
    ];
    const last =
      account === undefined ? summary(isList, reasons ?? [], matching ?? []) : accountText(account, { blocks: blocks.length, matching });
    process.stdout.write(`${blocks.join('\n\n')}${last}\n`);
  }
  return isDelivered ? EXIT.ok : EXIT.failed;
}

/** The last lines with a token: what grants and subscriptions come to together. */
function accountText(account: TokenAccount, { blocks, matching }: Counted): string {
  const { mayPublish, isVerified, expiresAt } = account;
  const now = Date.now();
  const lines = [
    deliveryText(account, matching),
    `The token ${mayPublish ? 'may' : 'may not'} publish this notification.`,
    ...(expiresAt !== undefined && expiresAt <= now ? [`The token has expired: ${expiryText(expiresAt, now)}.`] : []),
    ...(isVerified ? ['The token is genuine: a broker with this key takes it.'] : [UNVERIFIED]),
  ];
  return `${blocks === 0 ? '' : '\n\n'}${lines.join('\n')}`;
}

function deliveryText({ grants, granting }: TokenAccount, matching: readonly number[] | undefined): string {
  const isGranted = granting.length > 0;
  const granted = isGranted ? `a grant lets it through (${granting.join(', ')})` : `${noneOf(grants.length, 'grant')} lets it through`;
  if (matching === undefined) return `${capital(granted)}: the token may ${isGranted ? '' : 'not '}hear this notification.`;
  const isWanted = matching.length > 0;
  const wanted = isWanted ? `a subscription matches (${matching.join(', ')})` : 'no subscription matches';
  const isDelivered = isGranted && isWanted;
  return `${capital(wanted)} ${isGranted === isWanted ? 'and' : 'but'} ${granted}: the notification is ${isDelivered ? '' : 'not '}delivered.`;
}

function capital(sentence: string): string {
  return `${sentence[0]?.toUpperCase()}${sentence.slice(1)}`;
}

interface Counted {
  /** What was printed before. */
  readonly blocks: number;
  /** Indexes of the subscriptions that match; `undefined` when it is about the grants alone. */
  readonly matching: readonly number[] | undefined;
}

const UNVERIFIED = 'The signature of the token was not checked: --secret-file, --public-key or --jwks would.';

function noneOf(count: number, what: string): string {
  return count === 0 ? `there is no ${what} that` : `no ${what}`;
}

/** The last line for a set, which says what its many trees come to. */
function summary(isList: boolean, reasons: readonly Reason[], matching: readonly number[]): string {
  if (!isList) return '';
  if (reasons.length === 0) return 'The set is empty: it matches nothing.';
  if (matching.length === 0) return `\n\nNone of ${reasons.length} matches: the notification is not delivered.`;
  return `\n\n${matching.length} of ${reasons.length} ${matching.length === 1 ? 'matches' : 'match'} (${matching.join(', ')}): the notification is delivered once.`;
}

async function readWanted(path: string | undefined): Promise<SubscriptionInput | undefined> {
  return path === undefined ? undefined : await readSubscriptionInput(path);
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
