import { InvalidArgumentError } from 'commander';
import { ProtocolError, readSubscriptions, type Subscription } from '../../protocol/index.js';
import { UsageError } from '../exit/usage-error.js';
import { readSubscriptionInput } from '../input/subscription-input.js';
import { type FilterOption, filtersFrom } from '../options/filter-option.js';
import type { SubscribeOptions } from '../subscribe.js';

/** The filter for which `--channel` is short. */
const CHANNEL = ['values', 'channel'];

/** One wish as options or answers say it. */
export interface Wish {
  readonly package: string;
  readonly page: string;
  readonly channel?: readonly string[];
  readonly filter?: readonly FilterOption[];
}

/**
 * The subscriptions that the options ask for.
 * @returns `undefined` when they do not say what: it is to be asked.
 * @throws UsageError when they contradict each other, or when a file of subscriptions is none.
 */
export async function subscriptionsFrom(options: SubscribeOptions): Promise<readonly Subscription[] | undefined> {
  if (options.subscriptions !== undefined) return (await readSubscriptionInput(options.subscriptions)).subscriptions;
  if (options.package !== undefined) return [subscriptionFrom({ ...options, package: options.package })];
  if (options.channel || options.filter)
    throw new UsageError('--package is missing: a channel or a filter belongs to a package and a page');
  return undefined;
}

/**
 * @returns the subscription that a wish comes to, checked as the broker would.
 * @throws UsageError when it is none.
 */
export function subscriptionFrom(wish: Wish): Subscription {
  const channels = wish.channel?.length ? [{ path: CHANNEL, values: wish.channel }] : [];
  try {
    const filters = filtersFrom([...channels, ...(wish.filter ?? [])]);
    const topic = { package: wish.package, page: wish.page };
    const subscription = Object.keys(filters).length === 0 ? topic : { ...topic, filters };
    readSubscriptions([subscription as never], '');
    return subscription;
  } catch (error) {
    if (error instanceof ProtocolError) throw new UsageError(error.described.replace(/^\/0/, ''));
    if (error instanceof InvalidArgumentError) throw new UsageError(error.message);
    throw error;
  }
}
