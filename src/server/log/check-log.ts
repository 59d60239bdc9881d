import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommitPoint } from './commit-point.js';
import type { OldestSegment } from './log-writer.js';
import { type OpenSegment, type RecordVisitor, readHeader, readRecords, type SegmentEnd } from './read-segment.js';
import { firstSequenceOf, segmentName } from './segment-header.js';

/** A segment with records, as it is to stay. */
export interface SoundSegment extends OldestSegment {
  /** The sequence of its first record. */
  readonly first: number;
}

/** What is in a folder: a sound log and what is to be taken off it, or the sentence that says what is wrong. */
export type Checked =
  | {
      readonly segments: readonly SoundSegment[];
      /** Names of files that are not in the log (any more): of segments that were being deleted, or of which nothing was promised. */
      readonly surplus: readonly string[];
      /** Bytes behind the last record that was promised to nobody and is not whole; it is in the last segment. */
      readonly torn: number;
    }
  | { readonly damage: string };

/** Names of the segments in a folder, by the sequence of their first record, in order. */
export async function listSegments(folder: string): Promise<number[]> {
  const firsts = (await readdir(folder)).map(firstSequenceOf).filter((first) => first !== undefined);
  return firsts.sort((a, b) => a - b);
}

/**
 * Reads a log from its oldest record to its last, and holds it against what it has promised. Whole records behind that
 * belong to it as well, unless a sync had failed: then nobody knows whether they are on the disk.
 * @param visit gets each record, also before something is found to be wrong.
 */
export async function checkLog(folder: string, point: CommitPoint, visit: RecordVisitor): Promise<Checked> {
  const firsts = await listSegments(folder);
  const surplus = firsts.filter((first) => first < point.oldest).map(segmentName);
  const present = firsts.slice(surplus.length);
  const missing = [point.oldest, point.segment].find((first) => first > 0 && !present.includes(first));
  if (missing !== undefined) return { damage: `${segmentName(missing)} is missing` };
  const segments: SoundSegment[] = [];
  for (const [index, first] of present.entries()) {
    const found = await checkSegment({ folder, first, following: present[index + 1], before: segments.at(-1), point }, visit);
    if ('damage' in found) return { damage: `${segmentName(first)}: ${found.damage}` };
    if (found.segment !== undefined) segments.push(found.segment);
    if (found.segment === undefined || found.isLast) {
      const cut = present.slice(found.segment === undefined ? index : index + 1);
      return { segments, surplus: [...surplus, ...cut.map(segmentName)], torn: found.torn };
    }
  }
  return { segments, surplus, torn: 0 };
}

interface Place {
  readonly folder: string;
  readonly first: number;
  /** The first sequence of the file behind it. */
  readonly following: number | undefined;
  readonly before: SoundSegment | undefined;
  readonly point: CommitPoint;
}

/** One segment: undefined when nothing in it belongs to the log; `isLast` when nothing behind it does. */
type Judged = { readonly segment: SoundSegment | undefined; readonly isLast: boolean; readonly torn: number } | { readonly damage: string };

const NOT_IN_THE_LOG: Judged = { segment: undefined, isLast: true, torn: 0 };

async function checkSegment(place: Place, visit: RecordVisitor): Promise<Judged> {
  const { folder, first, point } = place;
  const isPromised = first <= point.segment;
  const file = await open(join(folder, segmentName(first)), 'r');
  try {
    const opened = await readHeader(file);
    if (opened === undefined) return isPromised ? { damage: 'found no sound header at byte 0' } : NOT_IN_THE_LOG;
    if (!opened.header.store.equals(point.store)) return { damage: 'it belongs to another log' };
    const mismatch = findMismatch(opened, place);
    if (mismatch !== undefined) return isPromised ? { damage: mismatch } : NOT_IN_THE_LOG;
    const limit = await findLimit(place);
    const end = await readRecords({ file, seed: opened.seed }, { from: opened.start, end: limit }, visit);
    return judgeEnd({ place, opened, end, limit, size: (await file.stat()).size });
  } finally {
    await file.close();
  }
}

function findMismatch({ header }: OpenSegment, { first, before }: Place): string | undefined {
  const wanted = before === undefined ? first : before.lastSequence + 1;
  if (header.first !== first) return `its header is of a segment that begins with record ${header.first}`;
  if (first !== wanted) return `found record ${first} at its beginning where ${wanted} was expected`;
  if (before !== undefined && header.number <= before.number) return `its number ${header.number} is not above ${before.number}`;
  return undefined;
}

/** Where a segment ends: the one behind it knows, or nobody, and then it is the end of the file. */
async function findLimit({ folder, following, first, point }: Place): Promise<number> {
  const promised = first === point.segment && point.leftAs === 'unsynced' ? point.length : Number.POSITIVE_INFINITY;
  if (following === undefined || promised < Number.POSITIVE_INFINITY) return promised;
  const file = await open(join(folder, segmentName(following)), 'r');
  try {
    return (await readHeader(file))?.header.previousLength ?? Number.POSITIVE_INFINITY;
  } finally {
    await file.close();
  }
}

interface ReadSegment {
  readonly place: Place;
  readonly opened: OpenSegment;
  readonly end: SegmentEnd;
  readonly limit: number;
  readonly size: number;
}

function judgeEnd({ place, opened, end, limit, size }: ReadSegment): Judged {
  const { first, point } = place;
  const { position, next } = end;
  const isWhole = end.trouble === undefined && (limit === Number.POSITIVE_INFINITY || position === limit);
  const isShort = first < point.segment ? !isWhole : first === point.segment && (position < point.length || next <= point.sequence);
  if (isShort) {
    const rest = end.trouble === undefined || end.isTorn ? ', and there has to be more' : '';
    return { damage: `${end.trouble ?? 'it ends'} at byte ${position}${rest}` };
  }
  const isCut = !isWhole || (first === point.segment && point.leftAs === 'unsynced');
  const torn = isCut ? size - position : 0;
  if (next === first) return NOT_IN_THE_LOG;
  const segment = { first, number: opened.header.number, lastSequence: next - 1, bytes: position };
  return { segment, isLast: isCut, torn };
}
