import { countValues, describe, isObject, type Json, type JsonObject, readFilters } from './filter.js';
import { LIMITS } from './limits.js';
import type { Dialect, Subscription } from './messages.js';
import { ProtocolError } from './protocol-error.js';
import { readTopic } from './read-topic.js';

/** How many subscriptions a broker takes in one message: says the most, an operator may take fewer. */
export interface SubscriptionBounds {
  readonly maxSubscriptions: number;
  /** In all filters of one message. */
  readonly maxFilterValues: number;
}

export const MOST: SubscriptionBounds = { maxSubscriptions: LIMITS.subscriptions, maxFilterValues: LIMITS.filterValues };

/**
 * Checks one subscription, and with `wsn.v1` how far it is rewound.
 * @throws ProtocolError `invalid-subscription` with a pointer below `path`.
 */
export function readSubscription(value: Json, path: string, dialect: Dialect = 'v1'): Subscription {
  if (!isObject(value)) {
    throw new ProtocolError('invalid-subscription', `expected a subscription (an object), found ${describe(value)}`, { path });
  }
  const topic = readTopic(value, 'invalid-subscription', path);
  const filters = readFilters(value.filters, 'subscription', `${path}/filters`);
  if (dialect === 'base' || value.rewind === undefined) return { ...topic, filters };
  return { ...topic, filters, rewind: readRewind(value.rewind, `${path}/rewind`) };
}

function readRewind(value: Json, path: string): number {
  const most = LIMITS.replayNotifications;
  if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most) return value as number;
  throw new ProtocolError('invalid-subscription', `expected an integer from 1 to ${most}, found ${describe(value)}`, { path });
}

/** What a list of subscriptions is read by. */
interface Reading {
  readonly bounds?: SubscriptionBounds;
  readonly dialect?: Dialect;
}

/**
 * Checks a list of subscriptions and its size.
 * @throws ProtocolError `invalid-subscription`, or `too-many`.
 */
export function readSubscriptions(value: Json | undefined, path: string, reading: Reading = {}): readonly Subscription[] {
  const { maxSubscriptions, maxFilterValues } = reading.bounds ?? MOST;
  if (!Array.isArray(value)) {
    throw new ProtocolError('invalid-subscription', `expected an array of subscriptions, found ${describe(value)}`, { path });
  }
  if (value.length > maxSubscriptions) {
    throw new ProtocolError('too-many', `expected at most ${maxSubscriptions} subscriptions, found ${value.length}`, { path });
  }
  const subscriptions = value.map((entry: Json, index) => readSubscription(entry, `${path}/${index}`, reading.dialect));
  const values = subscriptions.reduce((sum, subscription) => sum + countValues(subscription.filters as JsonObject), 0);
  if (values > maxFilterValues) {
    throw new ProtocolError('too-many', `expected at most ${maxFilterValues} filter values in all, found ${values}`, { path });
  }
  return subscriptions;
}
