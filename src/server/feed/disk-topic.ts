import type { Topic } from '../../protocol/index.js';

/** What the feed knows of a topic that stands in the log. */
export interface DiskTopic {
  readonly id: number;
  readonly topic: Topic;
  /** What a record that names it takes in the log. */
  readonly nameBytes: number;
  epoch: string;
  /** Of the epoch before, if a failure ended it: see `TopicRecord`. */
  heard?: number;
  /** Offset of the last notification that was appended. */
  offset: number;
  /** Offset of the last one that is in the log as promised, and has been fanned out. */
  committed: number;
  /** The segment in which it was named last; what stands in another one has to name it again. */
  namedIn: number;
  /** Of its last record, as far as that is known; 0: unknown. */
  lastSequence: number;
}

/** What stands beside the names in such a record, at most: its head, id, epoch and offset. */
const BESIDE_NAMES_BYTES = 56;

/** See `DiskTopic.nameBytes`. */
export function nameBytesOf({ package: name, page }: Topic): number {
  return Buffer.byteLength(JSON.stringify([name, page])) + BESIDE_NAMES_BYTES;
}
