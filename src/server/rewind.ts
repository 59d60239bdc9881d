import {
  acceptsFilters,
  countValues,
  type GrantList,
  LIMITS,
  membersOf,
  permits,
  type Subscription,
  type Topic,
} from '../protocol/index.js';
import type { Entry } from './entry.js';
import type { Frame } from './frame.js';
import type { History } from './history.js';
import type { ReplayFrames } from './replay-frames.js';

/** What a rewound topic gets. */
export interface Rewound {
  /** Whether nothing that matches came before, since the epoch began. */
  readonly isComplete: boolean;
  /** Oldest first. */
  readonly frames: readonly Frame[];
  readonly bytes: number;
}

/** Wanted values that may be compared for one topic, as for a replay. */
const MOST_WORK = 1_000_000;

interface RewindRequest {
  readonly topic: Topic;
  /** Those of the topic. */
  readonly subscriptions: readonly Subscription[];
  readonly grants: GrantList;
  /** What the frames may take together. */
  readonly maxBytes: number;
  readonly frames: ReplayFrames;
}

interface Wish {
  readonly filters: Subscription['filters'];
  readonly work: number;
  left: number;
}

/** The last notifications of a topic that its subscriptions ask for: of each as many as it says, together the newest that fit. */
export function rewind(history: History, { topic, grants, maxBytes, ...request }: RewindRequest): Rewound {
  const wishes = wishesOf(request.subscriptions);
  const workOfOne = wishes.reduce((sum, wish) => sum + wish.work, 0);
  const kept = history.kept(topic);
  // Where nothing is kept, nothing was ever published, or all of it has been trimmed.
  let isComplete = (kept[0]?.position.offset ?? (history.head(topic)?.offset ?? 0) + 1) === 1;
  const frames: Frame[] = [];
  let bytes = 0;
  let work = 0;
  for (let index = kept.length - 1; index >= 0; index--) {
    const entry = kept[index] as Entry;
    work += workOfOne;
    const found = work > MOST_WORK ? 'too many' : permits(grants, { ...topic, filters: entry.filters }) ? choose(wishes, entry) : 'nothing';
    if (found === 'nothing') continue;
    const frame = found === 'wanted' ? request.frames.of(entry) : undefined;
    if (frame && frames.length < LIMITS.replayNotifications && bytes + frame.length <= maxBytes) {
      bytes += frame.length;
      frames.push(frame);
      continue;
    }
    isComplete = false;
    // Others may still want more; but what did not fit ends it, or there would be a hole.
    if (frame || work > MOST_WORK || wishes.every(({ left }) => left === 0)) break;
  }
  return { isComplete, frames: frames.reverse(), bytes };
}

/** Whether a subscription of the topic wants to be rewound. */
export function isRewound(subscriptions: readonly Subscription[]): boolean {
  return subscriptions.some(({ rewind: count }) => count !== undefined);
}

function wishesOf(subscriptions: readonly Subscription[]): readonly Wish[] {
  return subscriptions.flatMap(({ filters, rewind: left }) =>
    left === undefined ? [] : [{ filters, left, work: countValues(membersOf(filters)) }],
  );
}

/** @returns whether the entry is wanted; `too many` when those alone match it that have got all that they asked for. */
function choose(wishes: readonly Wish[], { filters }: Entry): 'wanted' | 'too many' | 'nothing' {
  let found: 'wanted' | 'too many' | 'nothing' = 'nothing';
  for (const wish of wishes) {
    if (!acceptsFilters(wish.filters, filters)) continue;
    if (wish.left > 0) {
      wish.left--;
      found = 'wanted';
    } else if (found === 'nothing') found = 'too many';
  }
  return found;
}
