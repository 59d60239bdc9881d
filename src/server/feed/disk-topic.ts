import type { Topic } from '../../protocol/index.js';

/** What the feed knows of a topic that stands in the log. */
export interface DiskTopic {
  readonly id: number;
  readonly topic: Topic;
  epoch: string;
  /** Offset of the last notification that was appended. */
  offset: number;
  /** Offset of the last one that is in the log as promised, and has been fanned out. */
  committed: number;
  /** The segment in which it was named last; what stands in another one has to name it again. */
  namedIn: number;
  /** Of its last record, as far as that is known; 0: unknown. */
  lastSequence: number;
}
