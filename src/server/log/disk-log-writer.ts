import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Log } from '../observe.js';
import type { CommitFile } from './commit-file.js';
import { type DiskSync, SyncFailure } from './disk-sync.js';
import type { LogEvents, LogWriter, OldestSegment } from './log-writer.js';
import type { PendingRecords, TakenBatch } from './pending-records.js';
import type { LogRecord } from './record.js';
import { ROOM_BYTES, type SegmentStore } from './segment-store.js';
import { describeTrouble } from './trouble.js';

/** How often a log that could not be written tries again. */
const RETRY_MS = 500;

export interface WriterParts {
  readonly folder: string;
  readonly log: Log;
  readonly events: LogEvents;
  readonly pending: PendingRecords;
  readonly store: SegmentStore;
  readonly sync: DiskSync;
  readonly commits: CommitFile;
  /** Gives the folder up. */
  readonly release: () => Promise<void>;
}

/** `failed` tries again by itself; `lost` after a failed sync, which nothing heals but a restart. */
type State = 'writable' | 'failed' | 'lost' | 'closed';

/**
 * Writes what is appended in batches: all that has come while one was written is the next. Everything that touches the
 * files is done in one loop, one thing after the other.
 */
export class DiskLogWriter implements LogWriter {
  readonly #parts: WriterParts;
  #state: State = 'writable';
  /** Names of files to remove. */
  #doomed: string[] = [];
  #isRetryDue = false;
  /** Whether room is to be kept, before anything else takes it. */
  #isReserveDue = true;
  #isReserveWanted = false;
  #retry: NodeJS.Timeout | undefined;
  /** A sync failed in the background, and nothing has been done about it. */
  #failedSync: SyncFailure | undefined;
  #work: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#start();
  }

  get isWritable(): boolean {
    return this.#state === 'writable' && this.#closed === undefined;
  }

  get pendingBytes(): number {
    return this.#parts.pending.bytes;
  }

  get bytes(): number {
    return this.#parts.store.bytes;
  }

  get oldest(): OldestSegment | undefined {
    return this.#parts.store.oldest;
  }

  segment(): number {
    return this.#parts.pending.segment();
  }

  roll(): void {
    this.#parts.pending.roll();
  }

  append(record: LogRecord): number {
    if (!this.isWritable) return 0;
    const sequence = this.#parts.pending.add(record);
    this.#start();
    return sequence;
  }

  deleteOldest(): void {
    const name = this.#parts.store.dropOldest();
    if (name === undefined) return;
    this.#doomed.push(name);
    this.#start();
  }

  useReserve(): void {
    this.#isReserveWanted = true;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** For the sync in the background. */
  syncFailed(error: SyncFailure): void {
    this.#failedSync = error;
    this.#start();
  }

  #start(): void {
    this.#work ??= this.#loop();
  }

  async #loop(): Promise<void> {
    // What else is appended in this turn of the event loop goes into the same batch.
    await nextTurn();
    for (let step = this.#nextStep(); step !== undefined; step = this.#nextStep()) await step;
    // No `await` since it was found that there is nothing to do, or what is appended meanwhile would wait for the next.
    this.#work = undefined;
  }

  /** Begins what is to be done next; undefined when there is nothing. */
  #nextStep(): Promise<void> | undefined {
    if (this.#failedSync !== undefined) return this.#lose(this.#failedSync);
    if (this.#doomed.length > 0) return this.#removeDoomed();
    if (this.#state === 'failed' && this.#isRetryDue) return this.#tryAgain();
    if (this.#state !== 'writable') return undefined;
    if (this.#isReserveDue) return this.#reserve();
    const batch = this.#parts.pending.take();
    return batch && this.#write(batch);
  }

  async #reserve(): Promise<void> {
    this.#isReserveDue = false;
    await this.#parts.store.reserve();
  }

  async #write(batch: TakenBatch): Promise<void> {
    const { pending, store, events } = this.#parts;
    try {
      await store.append(batch);
    } catch (error) {
      return this.#fail(error);
    }
    pending.done(batch);
    events.committed(batch.last);
  }

  async #fail(error: unknown): Promise<void> {
    if (error instanceof SyncFailure) return this.#lose(error);
    this.#state = 'failed';
    await this.#cutBack();
    this.#retryLater();
    const retry = `tried again until ${ROOM_BYTES / 1024} KiB can be written`;
    this.#parts.events.failed(`${this.#parts.folder} cannot be written: ${describeTrouble(error)}; ${retry}`);
  }

  async #lose(failure: SyncFailure): Promise<void> {
    this.#failedSync = undefined;
    if (this.#state === 'lost') return;
    const wasWritable = this.#state === 'writable';
    this.#state = 'lost';
    clearTimeout(this.#retry);
    await this.#cutBack();
    // Read by the next start, if it comes before that of the machine: it does not count on what was written since.
    await this.#parts.commits.establish({ leftAs: 'unsynced' }).catch(() => {});
    const because = `${this.#parts.folder} could not be synced: ${describeTrouble(failure.cause)}; what is on the disk is unknown until a restart`;
    if (wasWritable) this.#parts.events.failed(because);
    else this.#parts.log.error({ folder: this.#parts.folder, because }, 'the log will not be written before a restart');
  }

  async #cutBack(): Promise<void> {
    const { store, pending } = this.#parts;
    await store.cutBack();
    pending.clear(store.last);
  }

  #retryLater(): void {
    if (this.#closed !== undefined) return;
    this.#isRetryDue = false;
    this.#retry = setTimeout(() => {
      this.#isRetryDue = true;
      this.#start();
    }, RETRY_MS).unref();
  }

  /** A record that tells nothing shows whether it works again. */
  async #tryAgain(): Promise<void> {
    const { store, pending, events } = this.#parts;
    this.#isRetryDue = false;
    try {
      if (this.#isReserveWanted) await store.giveUpReserve();
      await store.tryRoom();
      pending.add(undefined);
      const batch = pending.take();
      if (batch === undefined) return;
      await store.append(batch);
      pending.done(batch);
    } catch (error) {
      if (error instanceof SyncFailure) return this.#lose(error);
      await this.#cutBack();
      return this.#retryLater();
    }
    this.#state = 'writable';
    this.#isReserveWanted = false;
    events.recovered();
  }

  async #removeDoomed(): Promise<void> {
    const names = this.#doomed;
    this.#doomed = [];
    try {
      await this.#parts.store.remove(names);
      this.#isReserveDue = true;
    } catch (error) {
      if (error instanceof SyncFailure) return this.#lose(error);
      const { folder, log } = this.#parts;
      log.warn(
        { folder, files: names, because: describeTrouble(error) },
        'old segments of the log cannot be deleted; the next start tries again',
      );
    }
  }

  async #close(): Promise<void> {
    const { store, sync, release } = this.#parts;
    clearTimeout(this.#retry);
    await this.#work;
    if (this.#state !== 'lost') await this.#seal();
    this.#state = 'closed';
    await sync.close().catch(() => {});
    await store.close().catch(() => {});
    await release();
  }

  /** Marks the log as closed, if all of it is on the disk. */
  async #seal(): Promise<void> {
    const { folder, log, sync, commits } = this.#parts;
    try {
      await sync.finish();
      await commits.establish({ leftAs: 'closed' });
      await commits.sync();
    } catch (error) {
      // A sync in the background that failed meanwhile has been told to the loop as well.
      await this.#work;
      await commits.establish({ leftAs: 'unsynced' }).catch(() => {});
      const because = describeTrouble(error instanceof SyncFailure ? error.cause : error);
      log.error({ folder, because }, 'the end of the log could not be synced');
    }
  }
}
