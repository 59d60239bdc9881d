import { LIMITS, membersOf, type Subscription, type TopicPosition } from '../protocol/index.js';
import type { Entry } from './entry.js';
import { encodeDelivery, type Frame } from './frame.js';
import type { History } from './history.js';
import { FilterIndex } from './registry/filter-index.js';
import { newGroup } from './registry/group.js';

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

const NOT_RECOVERED: Replay = { recovered: false, frames: [], bytes: 0 };

interface ReplayRequest {
  readonly subscriptions: readonly Subscription[];
  /** The last position that the peer has seen. */
  readonly from: TopicPosition;
  /** What the frames may take together. */
  readonly maxBytes: number;
}

/**
 * What a peer has missed in one topic: everything that its subscriptions match, or nothing at all when some of it is
 * not kept any more or it is too much at once.
 */
export function replay(history: History, request: ReplayRequest): Replay {
  const { subscriptions, from, maxBytes } = request;
  const missed = history.since(from, from);
  if (missed === 'gone') return NOT_RECOVERED;
  const wants = chooser(subscriptions);
  const frames: Frame[] = [];
  let bytes = 0;
  for (const entry of missed) {
    const verdict = wants(entry);
    if (verdict === 'too much work') return NOT_RECOVERED;
    if (!verdict) continue;
    const frame = encodeDelivery(entry.payload, entry.position);
    bytes += frame.length;
    if (frames.push(frame) > LIMITS.replayNotifications || bytes > maxBytes) return NOT_RECOVERED;
  }
  return { recovered: true, frames, bytes };
}

/**
 * Tells which entries a set of subscriptions of one topic wants: by an index of its own, for a history of 10,000 and a
 * set of 1,000 would make ten million comparisons of one message; and no more than `MOST_WORK` in all, for a
 * set can be made so that an index does not help.
 */
function chooser(subscriptions: readonly Subscription[]): (entry: Entry) => boolean | 'too much work' {
  const index = new FilterIndex();
  const group = newGroup(subscriptions[0] as Subscription, '');
  index.add(
    group,
    subscriptions.map(({ filters }) => membersOf(filters)),
  );
  let work = 0;
  return ({ filters }) => {
    const found = index.find(filters);
    work += found.work;
    return work > MOST_WORK ? 'too much work' : found.groups.length > 0;
  };
}
