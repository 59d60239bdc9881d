import { permits } from './grants.mjs';
import { matches } from './match.mjs';
import { broken } from './mistakes/index.mjs';
import { settings } from './settings.mjs';
import { topicKey } from './topic.mjs';

/** What the subscriptions of a topic ask for of its past: { told, replay }, or undefined where none does. */
export function rewindTopic(topic, { subscriptions, granted }) {
  const asking = subscriptions.filter((each) => each.rewind !== undefined && topicKey(each) === topic.key);
  if (asking.length === 0 || broken('rewind-ignored'))
    return broken('rewound-always-there') ? { told: { rewound: 0 }, replay: [] } : undefined;
  const visible = topic.history.filter(({ value }) => broken('grants-ignored-at-rewind') || permits(granted, value));
  const parts = asking.map((each) => lastOf(visible, { ...each, rewind: countOf(each, asking) }));
  const chosen = new Set(parts.flatMap(({ chosen: some }) => some));
  let replay = visible.filter((entry) => chosen.has(entry));
  if (broken('rewind-per-subscription')) replay = parts.flatMap(({ chosen: some }) => some);
  const most = fitting(replay);
  const isWhole = topic.trimmed === 0 && most.length === replay.length && parts.every((part) => part.isWhole);
  if (broken('rewind-newest-first')) most.reverse();
  const complete = broken('rewind-complete-always') || (isWhole && !broken('rewind-complete-never'));
  const told = { rewound: broken('rewound-asked') ? asking[0].rewind : most.length, complete };
  if (broken('rewound-missing')) delete told.rewound;
  return { told, replay: most };
}

function countOf({ rewind }, asking) {
  return broken('rewind-largest-for-all') ? Math.max(...asking.map((each) => each.rewind)) : rewind;
}

/** The last that a subscription matches, and whether there is nothing before them. */
function lastOf(history, subscription) {
  const { rewind } = subscription;
  if (broken('rewind-filtered-late'))
    return { chosen: history.slice(-rewind).filter(({ value }) => matches(subscription, value)), isWhole: true };
  const matching = broken('rewind-unfiltered') ? history : history.filter(({ value }) => matches(subscription, value));
  const isWhole = matching.length <= rewind + (broken('rewind-complete-late') ? 1 : 0);
  if (broken('rewind-first')) return { chosen: matching.slice(0, rewind), isWhole };
  return { chosen: matching.slice(broken('rewind-one-less') ? 1 - rewind || matching.length : -rewind), isWhole };
}

/** The newest that fit: 1,000 of a topic, and half of the outbox. */
function fitting(entries) {
  let room = settings.maxOutbox / 2;
  const fits = [];
  for (const entry of entries.slice(-1000).reverse()) {
    room -= Buffer.byteLength(entry.text);
    if (room < 0 && !broken('rewind-unbounded')) break;
    fits.unshift(entry);
  }
  return fits;
}
