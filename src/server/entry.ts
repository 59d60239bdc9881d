import type { JsonObject, Position, Topic } from '../protocol/index.js';

/** A notification in the log: what is matched, the bytes that are relayed, and its place in its topic's order. */
export interface Entry {
  readonly topic: Topic;
  readonly filters: JsonObject;
  /** The notification as it was published, byte for byte. */
  readonly payload: Buffer;
  readonly position: Position;
  /** When it came, in milliseconds of the monotonic clock. */
  readonly at: number;
}
