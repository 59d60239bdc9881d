import { type FileHandle, open, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SoundSegment } from './check-log.js';
import type { CommitFile } from './commit-file.js';
import type { DiskSync } from './disk-sync.js';
import { segmentName } from './segment-header.js';
import { writeFully } from './write-fully.js';

/** Whether there is room is tried with so many bytes, or the log would fail again at once. */
export const ROOM_BYTES = 512 * 1024;
export const ROOM_FILE = 'room';

/** Room that a full disk still has for the log: what is carried over when an old segment is to be deleted, and some more. */
const RESERVE_BYTES = 2 * ROOM_BYTES;
const RESERVE_FILE = 'reserve';

export interface StoreParts {
  readonly folder: string;
  readonly commits: CommitFile;
  readonly sync: DiskSync;
  /** What is there already. */
  readonly segments: readonly SoundSegment[];
}

/** A piece of a segment: its header comes with the first. */
export interface Piece {
  readonly segment: { readonly number: number; readonly first: number };
  readonly bytes: Buffer;
  /** The sequence of its last record. */
  readonly last: number;
}

/** The files of a log. What it has is committed; one call of an asynchronous method at a time. */
export class SegmentStore {
  readonly #parts: StoreParts;
  /** With records that are committed, the oldest first. */
  readonly #segments: SoundSegment[];
  /** The one that is written. */
  #open: { readonly file: FileHandle; readonly number: number; readonly first: number; length: number } | undefined;
  #bytes = 0;

  constructor(parts: StoreParts) {
    this.#parts = parts;
    this.#segments = [...parts.segments];
    for (const { bytes } of this.#segments) this.#bytes += bytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The oldest one, if there is another. */
  get oldest(): SoundSegment | undefined {
    return this.#segments.length > 1 ? this.#segments[0] : undefined;
  }

  /** The newest one. */
  get last(): SoundSegment | undefined {
    return this.#segments.at(-1);
  }

  /** Writes a piece behind the others, as durably as promised, and says so in the commit file. @throws SyncFailure, or what the system says. */
  async append({ segment, bytes, last }: Piece): Promise<void> {
    if (this.#open?.number !== segment.number) await this.#begin(segment);
    const current = this.#open;
    if (current === undefined) return;
    const { file, number, first } = current;
    await writeFully(file, bytes, current.length);
    await this.#parts.sync.written(file);
    const length = current.length + bytes.length;
    await this.#parts.commits.advance({ oldest: this.#segments[0]?.first ?? first, segment: first, length, sequence: last });
    current.length = length;
    this.#bytes += bytes.length;
    if (this.last?.number === number) this.#segments.pop();
    this.#segments.push({ number, first, lastSequence: last, bytes: length });
  }

  /** Takes off what is written and not committed; where that is not possible, the next segment says where this one ends. */
  async cutBack(): Promise<void> {
    const current = this.#open;
    this.#open = undefined;
    if (current === undefined) return;
    if (current.length > 0) await current.file.truncate(current.length).catch(() => {});
    else await rm(this.#path(current.first), { force: true }).catch(() => {});
    await this.#parts.sync.retire(current.file).catch(() => {});
  }

  /** Whether there is room again. @throws what the system says when there is none. */
  async tryRoom(): Promise<void> {
    const path = join(this.#parts.folder, ROOM_FILE);
    const file = await open(path, 'w', 0o600);
    try {
      await writeFully(file, Buffer.alloc(ROOM_BYTES), 0);
    } catch (error) {
      // A limit of the size of a file says nothing about the room for others.
      if (!(error instanceof Error && 'code' in error && error.code === 'EFBIG')) throw error;
    } finally {
      await file.close();
      await rm(path, { force: true });
    }
  }

  /** Keeps room for `giveUpReserve`, if there is any. */
  async reserve(): Promise<void> {
    const path = join(this.#parts.folder, RESERVE_FILE);
    const isThere = await stat(path).then(
      ({ size }) => size === RESERVE_BYTES,
      () => false,
    );
    if (!isThere) await writeFile(path, Buffer.alloc(RESERVE_BYTES), { mode: 0o600 }).catch(() => rm(path, { force: true }));
  }

  /** Gives that room back. */
  async giveUpReserve(): Promise<void> {
    await rm(join(this.#parts.folder, RESERVE_FILE), { force: true });
  }

  /** Forgets the oldest segment. @returns its name, for `remove`; undefined when there is no other. */
  dropOldest(): string | undefined {
    const { oldest } = this;
    if (oldest === undefined) return undefined;
    this.#segments.shift();
    this.#bytes -= oldest.bytes;
    return segmentName(oldest.first);
  }

  /** Says where the log begins now, then removes files. @throws what the system says. */
  async remove(names: readonly string[]): Promise<void> {
    await this.#parts.commits.establish({ oldest: this.#segments[0]?.first ?? 0 });
    // Or a loss of power could leave the log without a segment that it still promises.
    await this.#parts.sync.committed();
    for (const name of names) await rm(join(this.#parts.folder, name), { force: true });
  }

  /** Closes the files. */
  async close(): Promise<void> {
    await this.#open?.file.close();
    await this.#parts.commits.close();
  }

  async #begin({ number, first }: Piece['segment']): Promise<void> {
    if (this.#open !== undefined) await this.#parts.sync.retire(this.#open.file);
    this.#open = undefined;
    const file = await open(this.#path(first), 'w', 0o600);
    this.#parts.sync.created();
    this.#open = { file, number, first, length: 0 };
  }

  #path(first: number): string {
    return join(this.#parts.folder, segmentName(first));
  }
}
