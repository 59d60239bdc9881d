import type { JsonObject, Position, Topic } from '../protocol/index.js';

/** A notification in the log: what is matched, the bytes that are relayed, and its place in its topic's order. */
export interface Entry {
  readonly topic: Topic;
  readonly filters: JsonObject;
  /** How many values, objects and arrays are in them (`countValues`). */
  readonly values: number;
  /** The notification as it was published, byte for byte. */
  readonly payload: Buffer;
  readonly position: Position;
  /** When it came, in milliseconds of the monotonic clock. */
  readonly at: number;
  /** Its place in the log on disk, among those of all topics; 0 where there is none. */
  readonly sequence: number;
}
