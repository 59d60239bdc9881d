import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { SegmentPlace } from './read-segment.js';
import { BODY_HEAD_BYTES, KIND, PREFIX_BYTES } from './record-format.js';

/** A number beyond this many records on is none of this segment. */
const MOST_SKIPPED = 100_000_000;
const LAST_KIND = Math.max(...Object.values(KIND));

/**
 * Looks behind a damaged place of a segment for the next record that is sound.
 * @param seeds with what checksums may begin, see `seedOf`.
 * @param from the place of the record that is not sound.
 */
export async function findRecord(
  file: FileHandle,
  seeds: readonly number[],
  from: SegmentPlace,
): Promise<{ readonly place: SegmentPlace; readonly seed: number } | undefined> {
  const { size } = await file.stat();
  const bytes = Buffer.alloc(Math.max(0, size - from.position));
  const { bytesRead } = await file.read(bytes, 0, bytes.length, from.position);
  for (let at = 0; at + PREFIX_BYTES + BODY_HEAD_BYTES <= bytesRead; at += 1) {
    const length = bytes.readUInt32LE(at + 4);
    if (length < BODY_HEAD_BYTES || at + PREFIX_BYTES + length > bytesRead) continue;
    const next = bytes.readUIntLE(at + PREFIX_BYTES + 1, 6);
    // Cheap, and most places fail it.
    if ((bytes[at + PREFIX_BYTES] ?? 0) > LAST_KIND || next < from.next || next > from.next + MOST_SKIPPED) continue;
    const body = bytes.subarray(at + 4, at + PREFIX_BYTES + length);
    const seed = seeds.find((each) => crc32(body, each) === bytes.readUInt32LE(at));
    if (seed !== undefined) return { place: { position: from.position + at, next }, seed };
  }
  return undefined;
}
