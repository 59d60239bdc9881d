import { LIMITS, matches, type Subscription, type TopicPosition } from '../protocol/index.js';
import { encodeDelivery, type Frame } from './frame.js';
import type { History } from './history.js';

/** What a resumed topic gets. */
export interface Replay {
  /** Whether `frames` is all that the peer has missed. */
  readonly recovered: boolean;
  readonly frames: readonly Frame[];
  /** What the frames take together. */
  readonly bytes: number;
}

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
  const frames: Frame[] = [];
  let bytes = 0;
  for (const entry of missed) {
    const notification = { ...entry.topic, filters: entry.filters };
    if (!subscriptions.some((subscription) => matches(subscription, notification))) continue;
    const frame = encodeDelivery(entry.payload, entry.position);
    bytes += frame.length;
    if (frames.push(frame) > LIMITS.replayNotifications || bytes > maxBytes) return NOT_RECOVERED;
  }
  return { recovered: true, frames, bytes };
}
