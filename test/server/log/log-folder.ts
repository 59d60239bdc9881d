import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogEvents } from '../../../src/server/log/log-writer.js';
import { type LogOptions, type OpenedLog, openLog } from '../../../src/server/log/open-log.js';
import type { LogRecord, NotificationRecord } from '../../../src/server/log/record.js';
import { SILENT } from '../../../src/server/observe.js';

/** A folder that is gone when the test is over. */
export async function temporaryFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'wsn-log-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A log that is open, with what it told. */
export interface TestLog extends OpenedLog, AsyncDisposable {
  /** What was read when it was opened. */
  readonly read: readonly { readonly record: LogRecord; readonly sequence: number }[];
  /** `committed 3`, `failed …`, `recovered`. */
  readonly told: readonly string[];
  /** Resolves when this record is committed. */
  committed(sequence: number): Promise<void>;
  /** Resolves when one of the events begins with this text; that of before count, too. */
  saw(start: string): Promise<string>;
}

export async function openTestLog(folder: string, options: Partial<LogOptions> = {}): Promise<TestLog> {
  const read: { record: LogRecord; sequence: number }[] = [];
  const told: string[] = [];
  let last = 0;
  const waiting = new Set<() => void>();
  const tell = (text: string) => {
    told.push(text);
    for (const look of [...waiting]) look();
  };
  const events: LogEvents = {
    committed(sequence) {
      last = sequence;
      tell(`committed ${sequence}`);
    },
    failed: (because) => tell(`failed ${because}`),
    recovered: () => tell('recovered'),
  };
  const until = (isSo: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!isSo()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  const opened = await openLog({ folder, durability: 'batched', log: SILENT, ...options }, events, (record, sequence) => {
    read.push({ record: copyOf(record), sequence });
  });
  return {
    ...opened,
    read,
    told,
    committed: (sequence) => until(() => last >= sequence),
    async saw(start) {
      await until(() => told.some((text) => text.startsWith(start)));
      return told.find((text) => text.startsWith(start)) ?? '';
    },
    [Symbol.asyncDispose]: () => opened.writer.close(),
  };
}

function copyOf(record: LogRecord): LogRecord {
  if (record.kind === 'topic') return record;
  if (record.kind === 'generation') return { ...record, generation: Buffer.from(record.generation) };
  return { ...record, key: record.key && Buffer.from(record.key), payload: Buffer.from(record.payload) };
}

/** A notification whose payload says which it is. */
export function notification(offset: number, payload: Uint8Array = Buffer.from(`{"n":${offset}}`)): NotificationRecord {
  return {
    kind: 'notification',
    topicId: 1,
    offset,
    at: 1_700_000_000_000 + offset,
    values: 2,
    key: undefined,
    payload: Buffer.from(payload),
  };
}

/** Appends notifications `from` to `to` and waits until they are committed. */
export async function appendAll(log: TestLog, from: number, to: number): Promise<void> {
  let sequence = 0;
  for (let offset = from; offset <= to; offset += 1) {
    log.writer.segment();
    sequence = log.writer.append(notification(offset));
  }
  await log.committed(sequence);
}

/** The offsets of the notifications that were read. */
export function offsetsOf(log: { readonly read: TestLog['read'] }): number[] {
  return log.read.flatMap(({ record }) => (record.kind === 'notification' ? [record.offset] : []));
}
