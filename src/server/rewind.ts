import { LIMITS, type Subscription, type Topic } from '../protocol/index.js';
import type { Effort } from './effort.js';
import type { Entry } from './entry.js';
import type { Frame } from './frame.js';
import type { Granted } from './granted.js';
import type { History } from './history.js';
import type { ReplayFrames } from './replay-frames.js';
import { Selection } from './selection.js';

/** What a rewound topic gets. */
export interface Rewound {
  /** Whether nothing that matches came before, since the epoch began. */
  readonly isComplete: boolean;
  /** Oldest first. */
  readonly frames: readonly Frame[];
  readonly bytes: number;
}

/** Entries that can be read from the history for what it costs to compare one value. */
const READ_PER_VALUE = 16;

interface RewindRequest {
  readonly topic: Topic;
  /** Those of the topic. */
  readonly subscriptions: readonly Subscription[];
  readonly granted: Granted;
  /** What the frames may take together. */
  readonly maxBytes: number;
  readonly frames: ReplayFrames;
  /** What may be compared for it, and for others. */
  readonly effort: Effort;
}

/** A subscription, and how many it wants still. */
interface Wish {
  left: number;
}

/** What becomes of an entry: `too many` when those alone match it that have got all that they asked for. */
type Verdict = 'wanted' | 'too many' | 'nothing';

/** The last notifications of a topic that its subscriptions ask for: of each as many as it says, together the newest that fit. */
export function rewind(history: History, request: RewindRequest): Rewound {
  const { topic, maxBytes, effort } = request;
  const kept = effort.isOver ? [] : history.kept(topic);
  effort.spend(kept.length / READ_PER_VALUE);
  // Where nothing is kept, nothing was ever published, or all of it has been trimmed.
  const oldest = kept[0]?.position.offset ?? (history.head(topic)?.offset ?? 0) + 1;
  let isComplete = oldest === 1;
  const frames: Frame[] = [];
  let bytes = 0;
  if (kept.length === 0) return { isComplete, frames, bytes };
  const wishes = new Wishes(request);
  for (let index = kept.length - 1; index >= 0; index--) {
    const entry = kept[index] as Entry;
    const verdict = effort.isOver ? 'too many' : wishes.judge(entry);
    if (verdict === 'nothing') continue;
    const frame = verdict === 'wanted' ? request.frames.of(entry) : undefined;
    if (frame && frames.length < LIMITS.replayNotifications && bytes + frame.length <= maxBytes) {
      bytes += frame.length;
      frames.push(frame);
      continue;
    }
    isComplete = false;
    // Others may still want more; but what did not fit ends it, or there would be a hole.
    if (frame || effort.isOver || wishes.areMet) break;
  }
  return { isComplete, frames: frames.reverse(), bytes };
}

/** Whether a subscription of the topic wants to be rewound. */
export function isRewound(subscriptions: readonly Subscription[]): boolean {
  return subscriptions.some(({ rewind: count }) => count !== undefined);
}

/** Gives out a topic's entries, the newest first, to the subscriptions that want to be rewound. */
class Wishes {
  readonly #wanted: Selection<Wish>;
  readonly #permitted: Selection<true> | undefined;
  #unmet = 0;

  constructor({ topic, subscriptions, granted, effort }: RewindRequest) {
    this.#wanted = new Selection(effort);
    for (const subscription of subscriptions) {
      if (subscription.rewind === undefined) continue;
      this.#unmet++;
      this.#wanted.add({ left: subscription.rewind }, [subscription]);
    }
    this.#permitted = granted.in(topic);
  }

  /** Whether each has got as many as it wants. */
  get areMet(): boolean {
    return this.#unmet === 0;
  }

  judge(entry: Entry): Verdict {
    const matching = this.#wanted.of(entry);
    if (matching.length === 0 || this.#permitted?.of(entry).length === 0) return 'nothing';
    let verdict: Verdict = 'too many';
    for (const wish of matching) {
      if (wish.left === 0) continue;
      verdict = 'wanted';
      wish.left--;
      if (wish.left === 0) this.#unmet--;
    }
    return verdict;
  }
}
