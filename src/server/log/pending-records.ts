import type { SoundSegment } from './check-log.js';
import type { LogRecord } from './record.js';
import { RecordBatch } from './record-batch.js';
import { encodeHeader, HEADER_BYTES, seedOf } from './segment-header.js';
import type { Piece } from './segment-store.js';

/** The segment into which the next record goes; its file is made with its first batch. */
interface PlannedSegment {
  readonly number: number;
  readonly first: number;
  readonly header: Buffer;
  /** With all that was added to it. */
  length: number;
}

interface Batch {
  readonly segment: PlannedSegment;
  readonly records: RecordBatch;
  /** Of its records, without the header of the segment. */
  recordBytes: number;
  last: number;
}

/** What is to be written next, until `done` or `clear`. */
export interface TakenBatch extends Piece {
  readonly records: RecordBatch;
  readonly recordBytes: number;
}

/** Buffers that are kept to be filled again: while one is written, another one is filled. */
const SPARE_BATCHES = 2;

/** Records that are appended and not committed, as the bytes of the segments in which they will stand. */
export class PendingRecords {
  readonly #store: Buffer;
  readonly #segmentBytes: number;
  #sequence: number;
  #segment: PlannedSegment;
  /** In order; records are added to the last one, if it is of the current segment. */
  #batches: Batch[] = [];
  readonly #spare: RecordBatch[] = [];
  #bytes = 0;

  /**
   * @param store see `SegmentHeader`.
   * @param last the last segment that is there already.
   */
  constructor({ store, segmentBytes }: { readonly store: Buffer; readonly segmentBytes: number }, last: SoundSegment | undefined) {
    this.#store = store;
    this.#segmentBytes = segmentBytes;
    this.#sequence = last?.lastSequence ?? 0;
    this.#segment = this.#plan((last?.number ?? 0) + 1, last?.bytes ?? 0);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** See `LogWriter.segment`. */
  segment(): number {
    const { number, length } = this.#segment;
    // Unless it is very much, what is appended in one turn stays in one batch, and so is in the log as a whole or not at all.
    const isBetween = this.#batches.at(-1)?.segment !== this.#segment;
    if (length >= this.#segmentBytes * (isBetween ? 1 : 2)) this.#segment = this.#plan(number + 1, length);
    return this.#segment.number;
  }

  /** Has the next record begin a segment. */
  roll(): void {
    const { number, length } = this.#segment;
    if (length > HEADER_BYTES) this.#segment = this.#plan(number + 1, length);
  }

  /** @param record undefined for one that tells nothing. @returns its sequence. */
  add(record: LogRecord | undefined): number {
    const newest = this.#batches.at(-1);
    const batch = newest?.segment === this.#segment ? newest : this.#begin();
    this.#sequence += 1;
    const before = batch.records.length;
    batch.records.add(record, this.#sequence);
    const added = batch.records.length - before;
    batch.last = this.#sequence;
    batch.recordBytes += added;
    this.#bytes += added;
    this.#segment.length += added;
    return this.#sequence;
  }

  /** Takes the oldest batch; what is added from now on goes into another one. */
  take(): TakenBatch | undefined {
    const batch = this.#batches.shift();
    return batch && { ...batch, bytes: batch.records.bytes };
  }

  /** A batch is committed. */
  done({ records, recordBytes }: TakenBatch): void {
    this.#bytes -= recordBytes;
    if (this.#spare.length < SPARE_BATCHES) this.#spare.push(records);
  }

  /**
   * Forgets all that is not committed; the next record goes into a segment of its own.
   * @param last the last segment, with all of it that is committed.
   */
  clear(last: SoundSegment | undefined): void {
    this.#batches = [];
    this.#bytes = 0;
    this.#sequence = last?.lastSequence ?? 0;
    this.#segment = this.#plan(this.#segment.number + 1, last?.bytes ?? 0);
  }

  #plan(number: number, previousLength: number): PlannedSegment {
    const first = this.#sequence + 1;
    const header = encodeHeader({ store: this.#store, number, first, previousLength });
    return { number, first, header, length: HEADER_BYTES };
  }

  #begin(): Batch {
    const segment = this.#segment;
    const records = this.#spare.pop() ?? new RecordBatch();
    records.begin(seedOf(segment.header));
    if (segment.length === HEADER_BYTES) records.addRaw(segment.header);
    const batch = { segment, records, recordBytes: 0, last: 0 };
    this.#batches.push(batch);
    return batch;
  }
}
