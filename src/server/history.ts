import { type Position, type Topic, topicKey } from '../protocol/index.js';
import type { Entry } from './entry.js';

/** What an entry takes in memory beside its bytes: objects, links (measured on Node 20, rounded up). */
const ENTRY_OVERHEAD_BYTES = 400;

/** What a parsed value, object or array of filters takes, in bytes (measured with empty objects, rounded up). */
const VALUE_BYTES = 72;

/**
 * Topics that were asked for but never used, and that nobody watches any more: so many are kept for who comes back.
 * Whoever may subscribe may name any number of topics, and must not fill the memory with them.
 */
const MOST_UNUSED_TOPICS = 10_000;

interface Kept {
  readonly entry: Entry;
  /** What it counts for in the bound of all. */
  readonly size: number;
  readonly log: TopicLog;
  older: Kept | undefined;
  newer: Kept | undefined;
}

/** A topic and the last position of it that has come through the history. */
export interface Standing {
  readonly topic: Topic;
  readonly epoch: string;
  /** Offset of the last notification that was added; 0 before the first. */
  readonly offset: number;
}

interface TopicLog extends Standing {
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
  /** Keys of topics that were released before anything was published, the longest ago first. */
  readonly #unused = new Set<string>();
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

  /** What has been kept for longest, of all topics. */
  get oldest(): Entry | undefined {
    return this.#oldest?.entry;
  }

  /**
   * A topic that is open, as it stands: whoever makes entries of it shares its `topic`, for an entry must not keep the
   * names that came with its message.
   */
  standing(topic: Topic): Standing | undefined {
    return this.#logs.get(topicKey(topic));
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
    const size = sizeOf(entry);
    const kept: Kept = { entry, size, log, older: this.#newest, newer: undefined };
    if (this.#newest) this.#newest.newer = kept;
    else this.#oldest = kept;
    this.#newest = kept;
    log.kept.push(kept);
    this.#bytes += size;
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
    if (!log || !this.#keepsSince(log, position)) return 'gone';
    return log.kept.slice(log.kept.length - (log.offset - position.offset)).map((kept) => (kept as Kept).entry);
  }

  /** Whether `since` would have it. */
  hasSince(topic: Topic, position: Position): boolean {
    const log = this.#logs.get(topicKey(topic));
    return log !== undefined && this.#keepsSince(log, position);
  }

  /** What is kept of a topic, oldest first; nothing for one that is not open. */
  kept(topic: Topic): readonly Entry[] {
    this.#trim(performance.now());
    const log = this.#logs.get(topicKey(topic));
    return log ? log.kept.slice(log.first).map((kept) => (kept as Kept).entry) : [];
  }

  /** Drops all that stands in the log at `sequence` or before. */
  dropThrough(sequence: number): void {
    while (this.#oldest && this.#oldest.entry.sequence <= sequence) this.#dropOldestOf(this.#oldest.log);
  }

  /** Forgets everything. */
  clear(): void {
    this.dropThrough(Number.POSITIVE_INFINITY);
    this.#logs.clear();
    this.#unused.clear();
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

  /** Nobody watches `topic` any more: if nothing was ever published to it, it is forgotten when too many such are kept. */
  release(topic: Topic, isWatched: (topic: Topic) => boolean): void {
    const key = topicKey(topic);
    if (this.#logs.get(key)?.offset !== 0) return;
    this.#unused.delete(key);
    this.#unused.add(key);
    if (this.#unused.size <= MOST_UNUSED_TOPICS) return;
    const [oldest] = this.#unused as Iterable<string> as [string];
    this.#unused.delete(oldest);
    const log = this.#logs.get(oldest);
    if (log?.offset === 0 && !isWatched(log.topic)) this.#logs.delete(oldest);
  }

  #keepsSince(log: TopicLog, { epoch, offset }: Position): boolean {
    if (log.epoch !== epoch || offset > log.offset) return false;
    this.#trim(performance.now());
    return log.offset - offset <= log.kept.length - log.first;
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
    // A dropped one that the collector has not come to yet would keep those that came after it from being collected.
    kept.older = undefined;
    kept.newer = undefined;
    this.#bytes -= kept.size;
    this.#count--;
  }
}

function sizeOf(entry: Entry): number {
  // The object of the filters itself is a part of the overhead.
  return entry.payload.length * 2 + (entry.values - 1) * VALUE_BYTES + ENTRY_OVERHEAD_BYTES;
}
