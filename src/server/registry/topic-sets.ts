import { type Subscription, topicKey } from '../../protocol/index.js';

/** Cuts a set of subscriptions by topic, by `topicKey`, in the order in which it first names each. */
export function topicSets(subscriptions: readonly Subscription[]): Map<string, Subscription[]> {
  const sets = new Map<string, Subscription[]>();
  for (const subscription of subscriptions) {
    const key = topicKey(subscription);
    const set = sets.get(key);
    if (set) set.push(subscription);
    else sets.set(key, [subscription]);
  }
  return sets;
}
