import type { FileHandle } from 'node:fs/promises';
import type { Durability } from '../options.js';
import type { CommitFile } from './commit-file.js';
import { syncFolder } from './sync-folder.js';

/** With `batched` a sync begins so long after the first write that it has to cover, so that it has ended within a second. */
const DELAY_MS = 500;

/** A sync failed: what was written since the last one may be lost, and no other sync would tell. */
export class SyncFailure extends Error {
  override readonly name = 'SyncFailure';
}

export interface SyncOptions {
  readonly folder: string;
  readonly durability: Durability;
  readonly commits: CommitFile;
  /** Called once, when a sync in the background has failed. */
  readonly failed: (error: SyncFailure) => void;
}

/** Puts on the disk what was written: with `fsync` before it counts, with `batched` soon, in the background. */
export class DiskSync {
  readonly #options: SyncOptions;
  /** Files with writes that no sync has covered, and whether to close them then. */
  #dirty = new Map<FileHandle, 'keep' | 'close'>();
  #isFolderDirty = false;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  /** When it is to be seen again whether the files are there. */
  #lookAt = 0;
  /** One in the background failed: no other will be tried, for it could succeed with what this one has lost. */
  #failure: SyncFailure | undefined;

  constructor(options: SyncOptions) {
    this.#options = options;
  }

  /** A file was made; `written` follows. */
  created(): void {
    this.#isFolderDirty = true;
  }

  /** Resolves when what was written to a file is as durable as promised. @throws SyncFailure */
  async written(file: FileHandle): Promise<void> {
    this.#dirty.set(file, 'keep');
    if (this.#isImmediate) return this.#sync();
    this.#schedule();
  }

  /** Closes a file into which nothing more is written, once it is on the disk. */
  async retire(file: FileHandle): Promise<void> {
    if (this.#isImmediate) return file.close();
    // A sync may run on it right now.
    this.#dirty.set(file, 'close');
    this.#schedule();
  }

  /** Resolves when what the commit file says cannot be lost any more, where that is promised. @throws SyncFailure */
  async committed(): Promise<void> {
    if (this.#isImmediate) await this.#options.commits.sync().catch(refuse);
  }

  /** Puts all on the disk. @throws SyncFailure, also for one in the background that failed before. */
  async finish(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#running;
    if (this.#failure !== undefined) throw this.#failure;
    await this.#sync();
  }

  get #isImmediate(): boolean {
    return this.#options.durability === 'fsync';
  }

  /** Closes the files that were retired, on the disk or not. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#running;
    for (const [file, then] of this.#dirty) if (then === 'close') await file.close();
    this.#dirty.clear();
  }

  #schedule(): void {
    if (this.#running === undefined && this.#failure === undefined) this.#timer ??= setTimeout(() => this.#syncBehind(), DELAY_MS).unref();
  }

  #syncBehind(): void {
    this.#running = this.#syncAndCommits()
      .catch((error) => {
        this.#failure = error;
        this.#options.failed(error);
      })
      .finally(() => {
        this.#running = undefined;
        this.#timer = undefined;
        if (this.#dirty.size > 0) this.#schedule();
      });
  }

  async #syncAndCommits(): Promise<void> {
    await this.#sync();
    await this.#options.commits.sync().catch(refuse);
  }

  /** What is written to a file that has been removed is gone with the process: looked at twice a second. */
  async #refuseRemoved(file: FileHandle): Promise<void> {
    const now = performance.now();
    if (now < this.#lookAt) return;
    this.#lookAt = now + DELAY_MS;
    if ((await file.stat()).nlink === 0) throw new Error('its files were removed');
  }

  async #sync(): Promise<void> {
    const dirty = this.#dirty;
    this.#dirty = new Map();
    const isFolderDirty = this.#isFolderDirty;
    this.#isFolderDirty = false;
    try {
      for (const [file, then] of dirty) {
        await file.datasync();
        if (then === 'keep') await this.#refuseRemoved(file);
      }
      if (isFolderDirty) await syncFolder(this.#options.folder);
    } catch (error) {
      this.#dirty = new Map([...dirty, ...this.#dirty]);
      refuse(error);
    }
    for (const [file, then] of dirty) if (then === 'close') await file.close();
  }
}

function refuse(error: unknown): never {
  throw new SyncFailure('a sync failed', { cause: error });
}
