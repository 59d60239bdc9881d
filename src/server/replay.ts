import { type Grant, type GrantList, grantsFor, LIMITS, membersOf, type Subscription, type TopicPosition } from '../protocol/index.js';
import type { Entry } from './entry.js';
import type { Frame } from './frame.js';
import type { History } from './history.js';
import { FilterIndex } from './registry/filter-index.js';
import { newGroup } from './registry/group.js';
import type { ReplayFrames } from './replay-frames.js';

/** What a resumed topic gets. */
export interface Replay {
  /** Whether `frames` is all that the peer has missed. */
  readonly recovered: boolean;
  readonly frames: readonly Frame[];
  /** What the frames take together. */
  readonly bytes: number;
}

/** Wanted values that may be compared for the replay of one topic: about a tenth of a second. */
const MOST_WORK = 1_000_000;

/** The group of an index that has but one. */
const NOWHERE = { package: '', page: '' };

const NOT_RECOVERED: Replay = { recovered: false, frames: [], bytes: 0 };

interface ReplayRequest {
  /** Those of the topic. */
  readonly subscriptions: readonly Subscription[];
  /** All that the peer has: what it may hear now, not what it might when the notification came. */
  readonly grants: GrantList;
  /** The last position that the peer has seen. */
  readonly from: TopicPosition;
  /** What the frames may take together. */
  readonly maxBytes: number;
  readonly frames: ReplayFrames;
}

/**
 * What a peer has missed in one topic: everything that its subscriptions match and its grants let through, or
 * nothing at all when some of it is not kept any more or it is too much at once.
 */
export function replay(history: History, request: ReplayRequest): Replay {
  const { subscriptions, grants, from, maxBytes } = request;
  const missed = history.since(from, from);
  if (missed === 'gone') return NOT_RECOVERED;
  const wants = chooser(grants === 'all' ? [subscriptions] : [subscriptions, grantsFor(grants, from)]);
  const frames: Frame[] = [];
  let bytes = 0;
  for (const entry of missed) {
    const verdict = wants(entry);
    if (verdict === 'too much work') return NOT_RECOVERED;
    if (!verdict) continue;
    const frame = request.frames.of(entry);
    bytes += frame.length;
    if (frames.push(frame) > LIMITS.replayNotifications || bytes > maxBytes) return NOT_RECOVERED;
  }
  return { recovered: true, frames, bytes };
}

/**
 * Tells which entries are accepted by each of some sets, all of one topic: by an index for each, for a history of 10,000
 * and a set of 1,000 would make ten million comparisons of one message; and no more than `MOST_WORK` in all, for a set
 * can be made so that an index does not help.
 */
function chooser(sets: readonly (readonly (Subscription | Grant)[])[]): (entry: Entry) => boolean | 'too much work' {
  const indexes = sets.map(indexOf);
  let work = 0;
  return ({ filters }) => {
    for (const index of indexes) {
      const found = index.find(filters);
      work += found.work;
      if (work > MOST_WORK) return 'too much work';
      if (found.groups.length === 0) return false;
    }
    return true;
  };
}

function indexOf(set: readonly (Subscription | Grant)[]): FilterIndex {
  const index = new FilterIndex();
  index.add(
    newGroup(NOWHERE, ''),
    set.map(({ filters }) => membersOf(filters)),
  );
  return index;
}
