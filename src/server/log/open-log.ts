import type { Log } from '../observe.js';
import type { Durability } from '../options.js';
import { DiskLogWriter } from './disk-log-writer.js';
import { DiskSync } from './disk-sync.js';
import { type FolderLock, lockFolder } from './folder-lock.js';
import { LogError } from './log-error.js';
import type { LogEvents, LogWriter } from './log-writer.js';
import { makeFolder } from './make-folder.js';
import { PendingRecords } from './pending-records.js';
import type { LogRecord } from './record.js';
import { type Recovered, recover } from './recover.js';
import { SegmentStore } from './segment-store.js';
import { describeTrouble } from './trouble.js';

const SEGMENT_BYTES = 16 * 1024 * 1024;

export interface LogOptions {
  /** Is made if there is none. */
  readonly folder: string;
  readonly durability: Durability;
  readonly log: Log;
  /** Beyond so many bytes a segment is full; 16 MiB by default. */
  readonly segmentBytes?: number;
  /**
   * Asked when all has been read and every record was sound: what is wrong with them together, a sentence without a full
   * stop at its end. Then the log counts as damaged.
   */
  readonly contradiction?: () => string | undefined;
}

export interface OpenedLog {
  readonly writer: LogWriter;
  /** A sentence why what was acknowledged may be lost, without a full stop at its end; undefined when all is there. */
  readonly damage: string | undefined;
}

/**
 * Opens or makes the log of a folder, cuts a torn tail that nobody was promised, and checks everything. A log that is
 * damaged is moved into a folder `damaged-…` beside it, and a new one begins.
 * @param read gets each record in order with its sequence. Byte arrays in it are only good within the call: what is kept
 * has to be copied. When the result says damage, all that was read is void.
 * @throws LogInUseError another broker has the folder.
 * @throws LogError it cannot be made, read or written.
 */
export async function openLog(
  options: LogOptions,
  events: LogEvents,
  read: (record: LogRecord, sequence: number) => void,
): Promise<OpenedLog> {
  const { folder } = options;
  let lock: FolderLock | undefined;
  try {
    await makeFolder(folder);
    lock = await lockFolder(folder, options.log);
    const recovered = await recover(options, read);
    return { writer: createWriter({ options, events, recovered, lock }), damage: recovered.damage };
  } catch (error) {
    await lock?.release();
    if (error instanceof LogError || !(error instanceof Error && 'syscall' in error)) throw error;
    const file = 'path' in error && error.path !== folder ? `, at ${error.path}` : '';
    throw new LogError(
      `${folder} cannot hold the log: ${describeTrouble(error)}${file}; give the broker a folder of its own that it may write, with --data`,
      { cause: error },
    );
  }
}

interface Opened {
  readonly options: LogOptions;
  readonly events: LogEvents;
  readonly recovered: Recovered;
  readonly lock: FolderLock;
}

function createWriter({ options, events, recovered, lock }: Opened): LogWriter {
  const { folder, durability, log, segmentBytes = SEGMENT_BYTES } = options;
  const { commits, segments } = recovered;
  const sync = new DiskSync({ folder, durability, commits, failed: (error) => writer.syncFailed(error) });
  const store = new SegmentStore({ folder, commits, sync, segments });
  const pending = new PendingRecords({ store: commits.point.store, segmentBytes }, segments.at(-1));
  const writer = new DiskLogWriter({ folder, log, events, pending, store, sync, commits, release: () => lock.release() });
  return writer;
}
