import { LIMITS, type SubscribedTopic, type Subscription } from '../../protocol/index.js';
import type { Screen } from './screen.js';
import { counted } from './status-line.js';
import { namesOf } from './topic-names.js';

/** How far `--last` or `--from-start` goes back. */
export type Rewind = { readonly last: number } | 'from the start';

/** The subscriptions, each of which is rewound; without `rewind` they stay as they are. */
export function rewound(subscriptions: readonly Subscription[], rewind: Rewind | undefined): readonly Subscription[] {
  if (rewind === undefined) return subscriptions;
  const count = rewind === 'from the start' ? LIMITS.replayNotifications : rewind.last;
  return subscriptions.map((subscription) => ({ ...subscription, rewind: count }));
}

/**
 * Says where a rewind is not what was asked for: the start is further back, or the broker knows of no rewind.
 * @param topics as the broker answered; none with the base protocol.
 */
export function noteRewind(rewind: Rewind, topics: readonly SubscribedTopic[], screen: Screen): void {
  if (topics.every((topic) => topic.rewound === undefined)) {
    screen.notice('the broker cannot rewind: only what is published from now on comes');
    return;
  }
  if (rewind !== 'from the start') return;
  for (const topic of topics) {
    if (topic.complete !== false) continue;
    const follows = topic.rewound === 0 ? 'nothing of it follows' : `the last ${counted(topic.rewound ?? 0, 'notification')} follow`;
    screen.notice(`the start of ${namesOf([topic])} is not kept any more, or too far back: ${follows}`);
  }
}
