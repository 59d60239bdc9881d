import { type Position, type Topic, topicKey } from '../protocol/index.js';
import type { Entry } from './entry.js';

/** What an entry takes in memory beside its bytes: objects, links, parsed filters (measured on Node 20, rounded up). */
const ENTRY_OVERHEAD_BYTES = 600;

interface Kept {
  readonly entry: Entry;
  readonly log: TopicLog;
  older: Kept | undefined;
  newer: Kept | undefined;
}

interface TopicLog {
  readonly topic: Topic;
  epoch: string;
  /** Offset of the last notification that was added; 0 before the first. */
  offset: number;
  /** What is still kept, offsets ascending without holes; `first` is the index of the oldest, before it are no entries. */
  kept: (Kept | undefined)[];
  first: number;
  /** When it was last added to or asked for. */
  usedAt: number;
}

export interface HistoryLimits {
  readonly historyNotifications: number;
  readonly historyAgeMs: number;
  readonly historyBytes: number;
}

/**
 * The one bounded log that every replay reads, filled by the feed in the order of its offsets: per topic so many
 * notifications, each for so long, all together so many bytes; whatever is too much goes oldest first.
 */
export class History {
  readonly #limits: HistoryLimits;
  readonly #logs = new Map<string, TopicLog>();
  #oldest: Kept | undefined;
  #newest: Kept | undefined;
  #bytes = 0;
  #count = 0;

  constructor(limits: HistoryLimits) {
    this.#limits = limits;
  }

  get stats(): { readonly topics: number; readonly notifications: number; readonly bytes: number } {
    return { topics: this.#logs.size, notifications: this.#count, bytes: this.#bytes };
  }

  /** The last position of a topic that has come through here, or undefined if the topic is not open. */
  head(topic: Topic): Position | undefined {
    const log = this.#logs.get(topicKey(topic));
    return log && { epoch: log.epoch, offset: log.offset };
  }

  /**
   * Opens a topic at `position`: the next entry's offset is one more. What a topic kept under another epoch is dropped,
   * for it can never be asked for again.
   */
  open(topic: Topic, position: Position): void {
    const { epoch, offset } = position;
    const old = this.#logs.get(topicKey(topic));
    while (old && old.first < old.kept.length) this.#dropOldestOf(old);
    this.#logs.set(topicKey(topic), { topic, epoch, offset, kept: [], first: 0, usedAt: performance.now() });
  }

  /**
   * Adds the next entry of an open topic.
   * @throws RangeError when its position does not follow the topic's head: a bug in the feed.
   */
  add(entry: Entry): void {
    const log = this.#logs.get(topicKey(entry.topic));
    if (log?.epoch !== entry.position.epoch || log.offset + 1 !== entry.position.offset) {
      throw new RangeError(`offset ${entry.position.offset} does not follow ${log?.offset}`);
    }
    log.offset = entry.position.offset;
    log.usedAt = entry.at;
    const kept: Kept = { entry, log, older: this.#newest, newer: undefined };
    if (this.#newest) this.#newest.newer = kept;
    else this.#oldest = kept;
    this.#newest = kept;
    log.kept.push(kept);
    this.#bytes += sizeOf(entry);
    this.#count++;
    if (log.kept.length - log.first > this.#limits.historyNotifications) this.#dropOldestOf(log);
    this.#trim(entry.at);
  }

  /**
   * What came after `position` in its topic, oldest first, or `gone` when some of it is not kept any more, the epoch
   * is another, or the position has not been reached.
   */
  since(topic: Topic, position: Position): readonly Entry[] | 'gone' {
    const log = this.#logs.get(topicKey(topic));
    if (log?.epoch !== position.epoch || position.offset > log.offset) return 'gone';
    this.#trim(performance.now());
    const missed = log.offset - position.offset;
    if (missed > log.kept.length - log.first) return 'gone';
    return log.kept.slice(log.kept.length - missed).map((kept) => (kept as Kept).entry);
  }

  /**
   * Drops what is too old, and forgets topics that have been idle for the age of the history: they would come back
   * with a new epoch, so a topic that somebody watches stays.
   */
  sweep(isWatched: (topic: Topic) => boolean): void {
    const now = performance.now();
    this.#trim(now);
    for (const [key, log] of this.#logs) {
      if (isWatched(log.topic)) log.usedAt = now;
      else if (log.kept.length === log.first && now - log.usedAt > this.#limits.historyAgeMs) this.#logs.delete(key);
    }
  }

  #trim(now: number): void {
    const { historyAgeMs, historyBytes } = this.#limits;
    while (this.#oldest && (this.#bytes > historyBytes || now - this.#oldest.entry.at > historyAgeMs)) {
      // The oldest of all is the oldest of its topic, for entries come in order.
      this.#dropOldestOf(this.#oldest.log);
    }
  }

  #dropOldestOf(log: TopicLog): void {
    const kept = log.kept[log.first] as Kept;
    // Now, not when the array is cut: until then it would hold up to as much again as is counted.
    log.kept[log.first] = undefined;
    log.first++;
    if (log.first * 2 >= log.kept.length) {
      log.kept = log.kept.slice(log.first);
      log.first = 0;
    }
    if (kept.older) kept.older.newer = kept.newer;
    else this.#oldest = kept.newer;
    if (kept.newer) kept.newer.older = kept.older;
    else this.#newest = kept.older;
    this.#bytes -= sizeOf(kept.entry);
    this.#count--;
  }
}

function sizeOf(entry: Entry): number {
  // Parsed filters are a part of the payload, so its length bounds them too.
  return entry.payload.length * 2 + ENTRY_OVERHEAD_BYTES;
}
