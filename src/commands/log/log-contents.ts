import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Position, Topic } from '../../protocol/index.js';
import { COMMIT_FILE } from '../../server/log/commit-file.js';
import { FolderReader } from '../../server/log/read-folder.js';
import type { LogRecord, NotificationRecord } from '../../server/log/record.js';
import { firstSequenceOf } from '../../server/log/segment-header.js';
import { describeTrouble } from '../../server/log/trouble.js';
import { EXIT } from '../exit/exit-codes.js';
import { UsageError } from '../exit/usage-error.js';
import { escapeText } from '../terminal/escape-text.js';

/** A notification as it stands in the log. */
export interface LoggedNotification {
  readonly topic: Topic;
  readonly position: Position;
  /** When it came, in ms since 1970. */
  readonly at: number;
  /** As it was published; only good within the call. */
  readonly payload: Buffer;
}

/** Gets what is in the log, in its order. */
export interface ContentsVisitor {
  notification?(notification: LoggedNotification): void;
  /** A topic stands here; the next notification of it has one more. */
  topic?(topic: Topic, position: Position): void;
  /** Awaited now and then, before more is read. */
  pause?(): Promise<void>;
}

/** The log in a folder, with the names of its topics. */
export class LogContents {
  readonly #folder: string;
  readonly #visitor: ContentsVisitor;
  readonly #reader: FolderReader;
  readonly #topics = new Map<number, { readonly topic: Topic; readonly epoch: string }>();
  #nameless = 0;
  #isSound = true;

  private constructor(folder: string, visitor: ContentsVisitor) {
    this.#folder = folder;
    this.#visitor = visitor;
    this.#reader = new FolderReader(folder, {
      record: (record) => this.#take(record),
      unsound: (because) => this.#complain(because),
      pause: () => visitor.pause?.() ?? Promise.resolve(),
    });
  }

  /** @throws UsageError when there is no folder, or no log in it. */
  static async open(folder: string, visitor: ContentsVisitor): Promise<LogContents> {
    const names = await listFolder(folder);
    if (!names.some((name) => name === COMMIT_FILE || firstSequenceOf(name) !== undefined)) {
      const aside = names.filter((name) => name.startsWith('damaged-')).at(-1);
      const hint = aside === undefined ? 'give the folder of wsn serve --data' : `a damaged one is in ${join(folder, aside)}`;
      throw new UsageError(`--data ${folder}: found no log in this folder; ${hint}`);
    }
    return new LogContents(folder, visitor);
  }

  /** 4 when something was not as it had been written. */
  get exitCode(): number {
    return this.#isSound ? EXIT.ok : EXIT.failed;
  }

  /** Reads what is there, and with another call what has come since. @throws UsageError when it cannot be read. */
  async read(): Promise<void> {
    try {
      await this.#reader.read();
    } catch (error) {
      if (error instanceof Error && 'syscall' in error) throw unreadable(this.#folder, error);
      throw error;
    }
    if (this.#nameless === 0) return;
    const notifications = this.#nameless === 1 ? 'a notification is' : `${this.#nameless} notifications are`;
    this.#nameless = 0;
    this.#complain(`${notifications} left out, because the name of the topic is lost`);
  }

  #take(record: LogRecord): void {
    if (record.kind === 'topic') {
      const { topic, position } = record;
      this.#topics.set(record.topicId, { topic, epoch: position.epoch });
      this.#visitor.topic?.(topic, position);
    } else if (record.kind === 'notification') this.#takeNotification(record);
  }

  #takeNotification({ topicId, offset, at, payload }: NotificationRecord): void {
    const named = this.#topics.get(topicId);
    if (named === undefined) {
      this.#nameless += 1;
      return;
    }
    const { topic, epoch } = named;
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
    this.#visitor.notification?.({ topic, position: { epoch, offset }, at, payload: bytes });
  }

  #complain(because: string): void {
    this.#isSound = false;
    process.stderr.write(`not sound: ${escapeText(because)}\n`);
  }
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    throw unreadable(folder, error);
  }
}

function unreadable(folder: string, error: unknown): UsageError {
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  return new UsageError(`--data ${folder}: ${isMissing ? 'there is no such folder' : `cannot be read: ${describeTrouble(error)}`}`);
}
