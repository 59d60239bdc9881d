import { type FileHandle, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { COMMIT_FILE_BYTES, type CommitPoint, encodePoint, newestPoint, slotOffset } from './commit-point.js';
import { syncFolder } from './sync-folder.js';
import { writeFully } from './write-fully.js';

export const COMMIT_FILE = 'committed';

/** The file that says what the log has promised. One call at a time. */
export class CommitFile {
  readonly #handle: FileHandle;
  #count: number;
  #point: CommitPoint;

  private constructor(handle: FileHandle, count: number, point: CommitPoint) {
    this.#handle = handle;
    this.#count = count;
    this.#point = point;
  }

  /** Makes the file of a new log; at no time is there one that is half made. */
  static async create(folder: string, point: CommitPoint): Promise<CommitFile> {
    const unfinished = join(folder, `${COMMIT_FILE}.new`);
    const handle = await open(unfinished, 'w+', 0o600);
    try {
      const bytes = Buffer.alloc(COMMIT_FILE_BYTES);
      for (const count of [1, 2]) encodePoint(point, count).copy(bytes, slotOffset(count));
      await writeFully(handle, bytes, 0);
      await handle.sync();
      await rename(unfinished, join(folder, COMMIT_FILE));
      await syncFolder(folder);
    } catch (error) {
      await handle.close();
      throw error;
    }
    return new CommitFile(handle, 2, point);
  }

  /** @returns undefined when neither of its two points can be read. @throws when there is no file, or none that can be read and written. */
  static async open(folder: string): Promise<CommitFile | undefined> {
    const handle = await open(join(folder, COMMIT_FILE), 'r+');
    try {
      const bytes = Buffer.alloc(COMMIT_FILE_BYTES);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
      const newest = newestPoint(bytes.subarray(0, bytesRead));
      if (newest !== undefined) return new CommitFile(handle, newest.count, newest.point);
    } catch (error) {
      await handle.close();
      throw error;
    }
    await handle.close();
    return undefined;
  }

  /** What was written last. */
  get point(): CommitPoint {
    return this.#point;
  }

  /** Writes what has changed. The point before it stays, in case this one is torn or gets damaged. */
  async advance(change: Partial<CommitPoint>): Promise<void> {
    const point = { ...this.#point, ...change };
    const count = this.#count + 1;
    await writeFully(this.#handle, encodePoint(point, count), slotOffset(count));
    this.#count = count;
    this.#point = point;
  }

  /** The same for what must hold even if one of the two points gets damaged: writes both. */
  async establish(change: Partial<CommitPoint>): Promise<void> {
    await this.advance(change);
    await this.advance({});
  }

  async sync(): Promise<void> {
    await this.#handle.datasync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
