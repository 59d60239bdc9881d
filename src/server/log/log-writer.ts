import type { LogRecord } from './record.js';

/** What a log tells its user, each at the time when it is so and never within a call of `LogWriter`. */
export interface LogEvents {
  /** All records up to this sequence are as durable as promised. Called in order. */
  committed(sequence: number): void;
  /**
   * What was appended behind the last committed record is not in the log (it is cut), and what is appended from now on
   * is not taken, until `recovered`, if that ever comes.
   * @param because a sentence without a full stop at its end.
   */
  failed(because: string): void;
  /** The log takes records again, the next one in a segment of its own: every topic has to be named anew. */
  recovered(): void;
}

/** Where records are put. */
export interface LogWriter {
  /**
   * Begins a new segment if the current one is full; where something waits to be written to it, when it is twice as full,
   * so that what is appended in one turn of the event loop is written as a whole.
   * @returns the number of the segment into which the next append goes. A log that was opened and one that recovered
   * begin a segment of their own, whose number no segment had before.
   */
  segment(): number;
  /** Has the next append begin a new segment, so that the one before can be deleted. */
  roll(): void;
  /**
   * Puts a record behind the others; it is written with all that is appended before the writer is free again. Its bytes
   * are copied. It never throws.
   * @returns its sequence: 1, 2, … for all kinds of records, with a hole where the log wrote something for itself. Those of
   * what a failure cut are given again. 0 when the log is not writable, and nothing was appended.
   */
  append(record: LogRecord): number;
  /** Whether records are taken: it does not have to recover first, and is not closed. */
  readonly isWritable: boolean;
  /** Bytes that were appended and are not committed. */
  readonly pendingBytes: number;
  /** Bytes on disk in all segments. */
  readonly bytes: number;
  /** The oldest segment; undefined while there is only the current one, or none. */
  readonly oldest: OldestSegment | undefined;
  /** Deletes the oldest segment, if it is not the current one. It is gone from `oldest` and `bytes` at once, from the disk soon. */
  deleteOldest(): void;
  /** For a log that cannot be written for want of room: uses what is kept for that, so that something can be deleted. */
  useReserve(): void;
  /**
   * Commits what is pending, syncs, marks the end as clean and gives the folder up; resolves in any case. The log tells
   * what is committed meanwhile, and nothing afterwards.
   */
  close(): Promise<void>;
}

export interface OldestSegment {
  readonly number: number;
  /** The sequence of its last record. */
  readonly lastSequence: number;
  /** On disk. */
  readonly bytes: number;
}
