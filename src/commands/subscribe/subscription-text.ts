import { membersOf, type Subscription } from '../../protocol/index.js';

/** How many subscriptions a line names before it only counts the others. */
const NAMED = 3;

/** A set of subscriptions in one line: `amaiia_msg_srv/messages {"values":{"channel":["2"]}}`. */
export function subscriptionsText(subscriptions: readonly Subscription[]): string {
  if (subscriptions.length === 0) return 'nothing';
  const named = subscriptions.slice(0, NAMED).map((subscription) => {
    const filters = JSON.stringify(membersOf(subscription.filters));
    return `${subscription.package}/${subscription.page}${filters === '{}' ? '' : ` ${filters}`}`;
  });
  const others = subscriptions.length - named.length;
  return `${named.join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
}
