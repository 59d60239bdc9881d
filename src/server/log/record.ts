import type { Position, Topic } from '../../protocol/index.js';

/**
 * What stands in the log on disk, in one sequence for all topics. A segment can be read by itself: a topic is named in
 * each before its first notification there.
 */
export type LogRecord = TopicRecord | NotificationRecord | GenerationRecord;

/** Names a topic by a number from here on, and says where it stands. */
export interface TopicRecord {
  readonly kind: 'topic';
  /** From 1; belongs to one topic for as long as the log lives. */
  readonly topicId: number;
  readonly topic: Topic;
  /** Its last notification, or offset 0: the next has one more. A new epoch ends the one before. */
  readonly position: Position;
  /**
   * Where the epoch before was ended by a failure: the last offset that was heard. What came behind it did not count, and
   * its publishers were told so.
   */
  readonly heard?: number | undefined;
}

/** A notification. */
export interface NotificationRecord {
  readonly kind: 'notification';
  readonly topicId: number;
  readonly offset: number;
  /** When it came, in ms since 1970. */
  readonly at: number;
  /** How many values, objects and arrays are in its filters (`countValues`). */
  readonly values: number;
  /** Tells uses of a key apart, 16 bytes; undefined for a notification without one. */
  readonly key: Uint8Array | undefined;
  /** The notification as it was published, byte for byte. */
  readonly payload: Uint8Array;
}

/** From here on first epochs of topics are made of these 16 bytes. */
interface GenerationRecord {
  readonly kind: 'generation';
  readonly generation: Uint8Array;
}
