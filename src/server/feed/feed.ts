import type { JsonObject, Position, ProtocolError, Topic } from '../../protocol/index.js';
import type { Entry } from '../entry.js';

/** A notification that is to be put in order. */
export interface Draft {
  readonly topic: Topic;
  readonly filters: JsonObject;
  /** The notification's bytes; they belong to the feed from now on. */
  readonly payload: Buffer;
  /** Tells uses of a key apart, 16 bytes; it is kept where the notification is. */
  readonly key?: Buffer | undefined;
}

/** How an append ended: in the log and fanned out here, or not in the log. */
export type Outcome = Appended | { readonly kind: 'failed'; readonly error: ProtocolError };

export interface Appended {
  readonly kind: 'appended';
  readonly position: Position;
  /** Subscribers here to which it went. */
  readonly matched: number;
  /** Whether an earlier use of its key had brought it. */
  readonly isDuplicate?: true;
}

/** Where entries go from a feed, wired by `server`. */
export interface Downstream {
  /** Fans an entry out; returns how many subscribers it went to. */
  deliver(entry: Entry): number;
  /** Tells subscribers that what came before `position` in a topic is uncertain. */
  reset(topic: Topic, position: Position, because: unknown): void;
}

/** How a log on disk stands. */
export interface LogStats {
  readonly bytes: number;
  readonly topics: number;
  readonly isWritable: boolean;
}

/**
 * Puts notifications in order and keeps them. All that is delivered has come through a feed, entry by entry in the
 * order of each topic's offsets; where they are kept differs in this folder and nowhere else.
 */
export interface Feed {
  /** The last position of a topic that has been fanned out here; a topic that nobody has used is opened. */
  head(topic: Topic): Position;
  /**
   * Puts a draft behind its topic's last entry and lets it go on its way.
   * @param settled called once: when it is in the log and has been fanned out here, or could not be logged; within
   * this call if nothing has to be waited for.
   */
  append(draft: Draft, settled: (outcome: Outcome) => void): void;
  /** Whether so much waits to be in the log that who publishes has to wait. */
  readonly isBehind: boolean;
  /** Why nothing can be logged now, in a sentence for operators. */
  readonly trouble: string | undefined;
  readonly stats: LogStats | undefined;
  /**
   * Fills the history with what has been kept, before anything else.
   * @throws LogError when it cannot be had.
   */
  open(): Promise<void>;
  /** Drops what need not be kept any more; to be called now and then. */
  sweep(): void;
  /** Resolves when all that was appended is kept. */
  close(): Promise<void>;
}
