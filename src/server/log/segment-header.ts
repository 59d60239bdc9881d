import { crc32 } from 'node:zlib';

/** What a segment begins with. Numbers have 48 bits, little-endian; a CRC-32 is at the end. */
export interface SegmentHeader {
  /** Belongs to one log for as long as it lives, 16 bytes: segments of two logs cannot be mixed. */
  readonly store: Buffer;
  /** Grows from segment to segment, with holes where one was begun in vain. */
  readonly number: number;
  /** The sequence of its first record; the file is named after it. */
  readonly first: number;
  /** Where the segment before it ends; what may stand behind that is not in the log. 0 for the first of a log. */
  readonly previousLength: number;
}

export const HEADER_BYTES = 48;
const MAGIC = Buffer.from('wsnlog\0\x01', 'latin1');
const CRC_AT = HEADER_BYTES - 4;
const NAME = /^(\d{16})\.wsnlog$/;

export function encodeHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(bytes, 0);
  header.store.copy(bytes, 8);
  bytes.writeUIntLE(header.number, 24, 6);
  bytes.writeUIntLE(header.first, 30, 6);
  bytes.writeUIntLE(header.previousLength, 36, 6);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, CRC_AT)), CRC_AT);
  return bytes;
}

/** @returns undefined when these are no header, or a damaged one. */
export function decodeHeader(bytes: Buffer): SegmentHeader | undefined {
  if (bytes.length < HEADER_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  if (bytes.readUInt32LE(CRC_AT) !== crc32(bytes.subarray(0, CRC_AT))) return undefined;
  return {
    store: Buffer.from(bytes.subarray(8, 24)),
    number: bytes.readUIntLE(24, 6),
    first: bytes.readUIntLE(30, 6),
    previousLength: bytes.readUIntLE(36, 6),
  };
}

/**
 * With what the checksums of a segment's records begin: the one of its header, so that a record of another segment,
 * which the disk may put into its place, is not taken for one of this.
 */
export function seedOf(header: Buffer): number {
  return header.readUInt32LE(CRC_AT);
}

/** @param first the sequence of its first record. */
export function segmentName(first: number): string {
  return `${String(first).padStart(16, '0')}.wsnlog`;
}

/** @returns the sequence that a file name tells; undefined when it is none of a segment. */
export function firstSequenceOf(name: string): number | undefined {
  const digits = NAME.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
