import { crc32 } from 'node:zlib';

/** How a log was left: closed, or open under a durability, or with a sync that failed. */
type LeftAs = 'closed' | 'batched' | 'fsync' | 'unsynced';

/** What a log has promised, written behind each batch; segments are named by the sequence of their first record. */
export interface CommitPoint {
  readonly store: Buffer;
  /** The oldest segment that is there; 0 before the first. */
  readonly oldest: number;
  /** The segment that was written last, and how many of its bytes are committed; 0 before the first. */
  readonly segment: number;
  readonly length: number;
  /** The last committed record; 0 before the first. */
  readonly sequence: number;
  readonly leftAs: LeftAs;
  /** See `bootIdentity`, 12 bytes. */
  readonly boot: Buffer;
}

const SLOT_BYTES = 64;
/** The two slots are this far apart, so that no sector of a disk holds both. */
const SLOT_DISTANCE = 4096;
export const COMMIT_FILE_BYTES = 2 * SLOT_DISTANCE;

const VERSION = 1;
const CRC_AT = SLOT_BYTES - 4;
const LEFT_AS: readonly LeftAs[] = ['closed', 'batched', 'fsync', 'unsynced'];

/** Where the point with this count stands: the two places take turns, so that one is whole whatever happens to the other. */
export function slotOffset(count: number): number {
  return (count % 2) * SLOT_DISTANCE;
}

/** @param count of the points that this log has written, this one included: the higher one holds. */
export function encodePoint(point: CommitPoint, count: number): Buffer {
  const bytes = Buffer.alloc(SLOT_BYTES);
  bytes.writeUInt8(VERSION, 0);
  bytes.writeUInt8(LEFT_AS.indexOf(point.leftAs), 1);
  for (const [index, value] of [count, point.oldest, point.segment, point.length, point.sequence].entries()) {
    bytes.writeUIntLE(value, 2 + 6 * index, 6);
  }
  point.store.copy(bytes, 32);
  point.boot.copy(bytes, 48);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, CRC_AT)), CRC_AT);
  return bytes;
}

/** @returns the point that holds, of what is in the file; undefined when both slots are damaged. */
export function newestPoint(file: Buffer): { readonly point: CommitPoint; readonly count: number } | undefined {
  const slots = [0, SLOT_DISTANCE].map((offset) => decodeSlot(file.subarray(offset, offset + SLOT_BYTES)));
  const [a, b] = slots;
  return a !== undefined && b !== undefined ? (a.count > b.count ? a : b) : (a ?? b);
}

function decodeSlot(bytes: Buffer): { readonly point: CommitPoint; readonly count: number } | undefined {
  if (bytes.length < SLOT_BYTES || bytes[0] !== VERSION) return undefined;
  if (bytes.readUInt32LE(CRC_AT) !== crc32(bytes.subarray(0, CRC_AT))) return undefined;
  const number = (index: number) => bytes.readUIntLE(2 + 6 * index, 6);
  const leftAs = LEFT_AS[bytes.readUInt8(1)];
  if (leftAs === undefined) return undefined;
  const numbers = { oldest: number(1), segment: number(2), length: number(3), sequence: number(4) };
  const store = Buffer.from(bytes.subarray(32, 48));
  return { point: { ...numbers, store, leftAs, boot: Buffer.from(bytes.subarray(48, 60)) }, count: number(0) };
}
