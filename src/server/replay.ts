import { LIMITS, type Subscription, type TopicPosition } from '../protocol/index.js';
import type { Effort } from './effort.js';
import type { Frame } from './frame.js';
import type { Granted } from './granted.js';
import type { History } from './history.js';
import type { ReplayFrames } from './replay-frames.js';
import { Selection } from './selection.js';

/** What a resumed topic gets. */
export interface Replay {
  /** Whether `frames` is all that the peer has missed. */
  readonly recovered: boolean;
  readonly frames: readonly Frame[];
  /** What the frames take together. */
  readonly bytes: number;
}

/** Nothing, as it is not kept any more or too much. */
export const NOT_RECOVERED: Replay = { recovered: false, frames: [], bytes: 0 };

interface ReplayRequest {
  /** Those of the topic. */
  readonly subscriptions: readonly Subscription[];
  readonly granted: Granted;
  /** The last position that the peer has seen. */
  readonly from: TopicPosition;
  /** What the frames may take together. */
  readonly maxBytes: number;
  readonly frames: ReplayFrames;
  /** What may be compared for it, and for others. */
  readonly effort: Effort;
}

/**
 * What a peer has missed in one topic: everything that its subscriptions match and its grants let through, or
 * nothing at all when some of it is not kept any more or it is too much at once.
 */
export function replay(history: History, request: ReplayRequest): Replay {
  const { subscriptions, granted, from, maxBytes, effort } = request;
  const missed = history.since(from, from);
  if (missed === 'gone') return NOT_RECOVERED;
  if (missed.length === 0) return { recovered: true, frames: [], bytes: 0 };
  if (effort.isOver) return NOT_RECOVERED;
  const wanted = new Selection<true>(effort);
  wanted.add(true, subscriptions);
  const permitted = granted.in(from);
  const frames: Frame[] = [];
  let bytes = 0;
  for (const entry of missed) {
    if (effort.isOver) return NOT_RECOVERED;
    const isWanted = wanted.of(entry).length > 0 && permitted?.of(entry).length !== 0;
    if (!isWanted) continue;
    const frame = request.frames.of(entry);
    bytes += frame.length;
    if (frames.push(frame) > LIMITS.replayNotifications || bytes > maxBytes) return NOT_RECOVERED;
  }
  return { recovered: true, frames, bytes };
}
