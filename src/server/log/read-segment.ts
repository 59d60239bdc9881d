import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { type Decoded, decodeRecord } from './decode-record.js';
import type { LogRecord } from './record.js';
import { BODY_HEAD_BYTES, PREFIX_BYTES } from './record-format.js';
import { decodeHeader, HEADER_BYTES, type SegmentHeader, seedOf } from './segment-header.js';

const CHUNK_BYTES = 256 * 1024;

/** Where in a segment reading begins, or has ended. */
export interface SegmentPlace {
  /** Bytes from the beginning of the file. */
  readonly position: number;
  /** The sequence of the record that begins there. */
  readonly next: number;
}

/** How far a segment could be read. */
export interface SegmentEnd extends SegmentPlace {
  /** What is wrong there; undefined when it was read to its end. */
  readonly trouble: string | undefined;
  /** Whether only the rest of a record is missing, as where a write has not come to its end. */
  readonly isTorn: boolean;
}

/** Gets a record; byte arrays in it are only good within the call. `end` is the byte behind it. */
export type RecordVisitor = (record: LogRecord, sequence: number, end: number) => void;

export interface OpenSegment {
  readonly header: SegmentHeader;
  /** See `seedOf`. */
  readonly seed: number;
  /** The place of its first record. */
  readonly start: SegmentPlace;
}

/** Reads the header of a segment. @returns undefined when it is none, or damaged. */
export async function readHeader(file: FileHandle): Promise<OpenSegment | undefined> {
  const bytes = Buffer.alloc(HEADER_BYTES);
  const read = await readFully(file, bytes, 0);
  const header = decodeHeader(bytes.subarray(0, read));
  return header && { header, seed: seedOf(bytes), start: { position: HEADER_BYTES, next: header.first } };
}

/** What of a segment is to be read. */
interface Stretch {
  readonly from: SegmentPlace;
  /** Byte at which to end, at most; the end of the file by default. */
  readonly end?: number;
}

/** Reads records of a segment in order, as far as they are sound. */
export async function readRecords(segment: ReadableSegment, stretch: Stretch, visit: RecordVisitor): Promise<SegmentEnd> {
  const steps = walkRecords(segment, stretch, visit);
  for (;;) {
    const step = await steps.next();
    if (step.done) return step.value;
  }
}

export interface ReadableSegment {
  readonly file: FileHandle;
  /** See `seedOf`. */
  readonly seed: number;
}

/** The same in steps, between which the reader may do what takes its time. */
export async function* walkRecords(
  { file, seed }: ReadableSegment,
  { from, end = Number.POSITIVE_INFINITY }: Stretch,
  visit: RecordVisitor,
): AsyncGenerator<SegmentPlace, SegmentEnd> {
  let buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let place = from;
  for (;;) {
    const room = Math.min(buffer.length, end - place.position);
    const filled = await readFully(file, buffer.subarray(0, room), place.position);
    const chunk = readChunk({ bytes: buffer.subarray(0, filled), seed, from: place }, visit);
    if (chunk.trouble !== undefined) return { ...chunk, isTorn: false };
    if (chunk.position > place.position) {
      place = chunk;
      yield place;
      continue;
    }
    if (filled === 0) return { ...place, trouble: undefined, isTorn: false };
    const last = filled < room ? place.position + filled : Math.min(end, (await file.stat()).size);
    if (place.position + chunk.needed > last) return { ...place, trouble: 'found a record that is cut off', isTorn: true };
    buffer = Buffer.allocUnsafeSlow(chunk.needed);
  }
}

interface Chunk extends SegmentPlace {
  readonly trouble: string | undefined;
  /** Bytes of the record that is not whole in this chunk, as far as is known. */
  readonly needed: number;
}

/** Reads the records that are whole in a chunk. */
function readChunk({ bytes, seed, from }: { bytes: Buffer; seed: number; from: SegmentPlace }, visit: RecordVisitor): Chunk {
  let { position, next } = from;
  const at = () => position - from.position;
  while (bytes.length - at() >= PREFIX_BYTES) {
    const length = bytes.readUInt32LE(at() + 4);
    if (length < BODY_HEAD_BYTES) return { position, next, trouble: 'found what is no record', needed: 0 };
    const needed = PREFIX_BYTES + length;
    if (bytes.length - at() < needed) return { position, next, trouble: undefined, needed };
    const found = judge(bytes.subarray(at(), at() + needed), seed, next);
    if (typeof found === 'string') return { position, next, trouble: found, needed };
    position += needed;
    next += 1;
    if (found.record !== undefined) visit(found.record, found.sequence, position);
  }
  return { position, next, trouble: undefined, needed: PREFIX_BYTES };
}

/** Checks one record with its prefix. @returns it, or what is wrong with it. */
function judge(bytes: Buffer, seed: number, next: number): Decoded | string {
  if (crc32(bytes.subarray(4), seed) !== bytes.readUInt32LE(0)) return 'found a record whose checksum is wrong';
  const decoded = decodeRecord(bytes.subarray(PREFIX_BYTES));
  if (decoded === undefined) return 'found a record of a kind that this version does not know';
  return decoded.sequence === next ? decoded : `found record ${decoded.sequence} where ${next} was expected`;
}

/** @returns how many bytes could be read: fewer than fit only at the end of the file. */
async function readFully(file: FileHandle, into: Buffer, position: number): Promise<number> {
  let filled = 0;
  while (filled < into.length) {
    const { bytesRead } = await file.read(into, filled, into.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}
