import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { listSegments } from './check-log.js';
import { COMMIT_FILE } from './commit-file.js';
import { type CommitPoint, newestPoint } from './commit-point.js';
import { findRecord } from './find-record.js';
import { type ReadableSegment, readHeader, type SegmentEnd, type SegmentPlace, walkRecords } from './read-segment.js';
import type { LogRecord } from './record.js';
import { HEADER_BYTES, seedOf, segmentName } from './segment-header.js';

/** Gets what a folder holds. */
export interface FolderVisitor {
  /** In order; byte arrays in it are only good within the call. */
  record(record: LogRecord): void;
  /** Something is not as it was written; what is sound behind it comes next. `because` is a sentence without a full stop. */
  unsound(because: string): void;
  /** Awaited now and then, before more is read. */
  pause?(): Promise<void>;
}

/** Where to go on: in this segment, with the next record. */
interface Resting extends SegmentPlace {
  readonly first: number;
}

/**
 * Reads the log of a folder without having the folder, also while a broker writes it: what is not committed is not there
 * yet.
 */
export class FolderReader {
  readonly #folder: string;
  readonly #visitor: FolderVisitor;
  #resting: Resting | undefined;
  /** What was told already, for whoever reads again and again. */
  readonly #told = new Set<string>();

  constructor(folder: string, visitor: FolderVisitor) {
    this.#folder = folder;
    this.#visitor = visitor;
  }

  /** Reads all that has come since the last call. @throws what the system says when the folder cannot be read. */
  async read(): Promise<void> {
    const point = await readPoint(this.#folder);
    const firsts = await listSegments(this.#folder);
    const begin = this.#resting?.first ?? point?.oldest ?? 0;
    const ahead = firsts.filter((first) => first >= begin && first <= (point?.segment ?? first));
    await this.#checkEnds(ahead, point);
    for (const [index, first] of ahead.entries()) {
      const file = await openIfThere(join(this.#folder, segmentName(first)));
      if (file === undefined) {
        // A broker has deleted it meanwhile: nothing is missing.
        this.#resting = undefined;
        continue;
      }
      try {
        await this.#readSegment({ file, first, following: ahead[index + 1], point });
      } finally {
        await file.close();
      }
    }
  }

  /** Whether the first and the last segment are there, of those between the records tell. */
  async #checkEnds(firsts: readonly number[], point: CommitPoint | undefined): Promise<void> {
    if (point === undefined) {
      if (firsts.length > 0) this.#tell(`${COMMIT_FILE} is missing or damaged, so that nobody knows where the log ends`);
      return;
    }
    if (point.segment > 0 && !firsts.includes(point.segment)) this.#tell(`${segmentName(point.segment)} is missing`);
    if (this.#resting !== undefined || point.oldest === point.segment || firsts.includes(point.oldest)) return;
    // Or a broker has deleted it since.
    const isStill = (await readPoint(this.#folder))?.oldest === point.oldest;
    if (isStill) this.#tell(`${segmentName(point.oldest)} is missing`);
  }

  async #readSegment(segment: Segment): Promise<void> {
    const { file, first, following, point } = segment;
    const isLast = first === point?.segment;
    const stop = { end: isLast ? point.length : Number.POSITIVE_INFINITY, before: following ?? Number.POSITIVE_INFINITY };
    let begun = await this.#begin(segment);
    while (begun !== undefined) {
      const end = await this.#walk({ file, seed: begun.seed }, begun.place, stop);
      this.#resting = { first, position: end.position, next: Math.min(end.next, stop.before) };
      const trouble = end.trouble ?? (isLast && end.position < stop.end ? 'it ends' : undefined);
      // What stands behind its last record was cut by a failure. If records are missing there, the next segment tells.
      if (trouble === undefined || end.next >= stop.before) return;
      const found = await findRecord(file, [begun.seed], end);
      begun = found !== undefined && found.place.next < stop.before ? found : undefined;
      this.#tell(`${segmentName(first)}: ${trouble} at byte ${end.position}${lost(end.next, begun?.place.next)}`);
    }
  }

  /** @param before the first record of the next segment. */
  async #walk(segment: ReadableSegment, from: SegmentPlace, { end, before }: { end: number; before: number }): Promise<SegmentEnd> {
    const steps = walkRecords(segment, { from, end }, (record, sequence) => {
      if (sequence < before) this.#visitor.record(record);
    });
    for (;;) {
      const step = await steps.next();
      await this.#visitor.pause?.();
      if (step.done) return step.value;
    }
  }

  /** Where to begin in a segment; undefined when nothing in it can be read. */
  async #begin({ file, first }: Segment): Promise<{ readonly seed: number; readonly place: SegmentPlace } | undefined> {
    const opened = await readHeader(file);
    const resting = this.#resting;
    if (opened !== undefined) {
      if (resting?.first === first) return { seed: opened.seed, place: resting };
      const { next } = opened.start;
      if (resting !== undefined && next > resting.next) this.#tell(`${gap(resting.next, next)} before ${segmentName(first)}`);
      return { seed: opened.seed, place: opened.start };
    }
    const found = await findRecord(file, await possibleSeeds(file), { position: HEADER_BYTES, next: first });
    this.#tell(`${segmentName(first)}: found no sound header at byte 0${lost(first, found?.place.next)}`);
    return found;
  }

  #tell(because: string): void {
    if (this.#told.has(because)) return;
    this.#told.add(because);
    this.#visitor.unsound(because);
  }
}

interface Segment {
  readonly file: FileHandle;
  readonly first: number;
  /** The first sequence of the one behind it. */
  readonly following: number | undefined;
  /** What was promised, if that can be read. */
  readonly point: CommitPoint | undefined;
}

function gap(from: number, to: number): string {
  return to - from === 1 ? `record ${from} is missing` : `records ${from} to ${to - 1} are missing`;
}

function lost(from: number, to: number | undefined): string {
  return to === undefined ? '; nothing sound follows in this file' : to > from ? `; ${gap(from, to)}` : '';
}

/** The header's checksum stands in it; if that is what was damaged, it can be computed. */
async function possibleSeeds(file: FileHandle): Promise<number[]> {
  const header = Buffer.alloc(HEADER_BYTES);
  await file.read(header, 0, HEADER_BYTES, 0);
  return [seedOf(header), crc32(header.subarray(0, HEADER_BYTES - 4))];
}

async function readPoint(folder: string): Promise<CommitPoint | undefined> {
  try {
    return newestPoint(await readFile(join(folder, COMMIT_FILE)))?.point;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
