import type { LogEvents, LogWriter, OldestSegment } from '../../../src/server/log/log-writer.js';
import type { OpenedLog } from '../../../src/server/log/open-log.js';
import type { LogRecord } from '../../../src/server/log/record.js';

/** Records that fill a segment. */
const SEGMENT_RECORDS = 6;

interface Written {
  readonly record: LogRecord;
  readonly sequence: number;
  readonly segment: number;
}

/**
 * A log on a disk that is slow, full or gone when a test wants it: what is appended is committed when it is told to be,
 * and what has not been may or may not survive the end of the broker.
 */
export class FakeLog implements LogWriter {
  isWritable = true;
  #written: readonly Written[] = [];
  #events: LogEvents | undefined;
  #sequence = 0;
  #committed = 0;
  #segment = 0;
  #hasForgotten = false;

  /** What `openLog` does, after an end of the broker in which some of what was not committed survived. */
  open(events: LogEvents, read: (record: LogRecord, sequence: number) => void): OpenedLog {
    this.#events = events;
    this.isWritable = true;
    this.#hasForgotten = false;
    this.#committed = this.#written.at(-1)?.sequence ?? this.#committed;
    for (const { record, sequence } of this.#written) read(record, sequence);
    this.#segment++;
    return { writer: this, damage: undefined };
  }

  /** Whether the broker has forgotten topics in its present life: from then on they may begin anew at any moment. */
  get hasForgotten(): boolean {
    return this.#hasForgotten;
  }

  get pendingBytes(): number {
    return 0;
  }

  get bytes(): number {
    return this.#written.length * 100;
  }

  get oldest(): OldestSegment | undefined {
    const first = this.#written[0]?.segment;
    if (first === undefined || first === this.#segment) return undefined;
    const records = this.#written.filter(({ segment }) => segment === first);
    return { number: first, lastSequence: records.at(-1)?.sequence ?? 0, bytes: records.length * 100 };
  }

  segment(): number {
    if (this.#written.filter(({ segment }) => segment === this.#segment).length >= SEGMENT_RECORDS) this.#segment++;
    return this.#segment;
  }

  append(record: LogRecord): number {
    if (!this.isWritable) return 0;
    if (record.kind === 'generation' && this.#written.length > 0) this.#hasForgotten = true;
    this.#written = [...this.#written, { record, sequence: ++this.#sequence, segment: this.#segment }];
    return this.#sequence;
  }

  roll(): void {}

  useReserve(): void {}

  deleteOldest(): void {
    const { oldest } = this;
    if (oldest) this.#written = this.#written.filter(({ segment }) => segment !== oldest.number);
  }

  async close(): Promise<void> {}

  /** Commits what was appended, up to the `count`-th notification of it; all of it if there are no more. */
  commit(count: number): void {
    const last = this.#pendingNotifications[count - 1]?.sequence ?? this.#sequence;
    if (!this.isWritable || last <= this.#committed) return;
    this.#committed = last;
    this.#events?.committed(last);
  }

  /** The disk takes nothing any more: what was not committed is cut. */
  fail(): void {
    if (!this.isWritable) return;
    this.isWritable = false;
    this.#written = this.#written.filter(({ sequence }) => sequence <= this.#committed);
    this.#events?.failed('a disk that was made to fail');
  }

  /** It takes something again. */
  recover(): void {
    if (this.isWritable) return;
    this.isWritable = true;
    this.#segment++;
    this.#events?.recovered();
  }

  /**
   * The broker is gone, and with it some of what was not committed.
   * @param share of that which survives, its beginning.
   * @returns how many notifications survive.
   */
  crash(share: number): number {
    const pending = this.#written.filter(({ sequence }) => sequence > this.#committed);
    const survivors = pending.slice(0, Math.round(pending.length * share));
    const lastSequence = survivors.at(-1)?.sequence ?? this.#committed;
    this.#written = this.#written.filter(({ sequence }) => sequence <= lastSequence);
    this.#events = undefined;
    return survivors.filter(({ record }) => record.kind === 'notification').length;
  }

  /** The `data` of all notifications on the disk up to a sequence. */
  dataThrough(sequence: number): ReadonlySet<number> {
    return new Set(
      this.#written.flatMap(({ record, sequence: at }) =>
        record.kind === 'notification' && at <= sequence ? [dataOf(record.payload)] : [],
      ),
    );
  }

  /** The epoch in which a topic stands on the disk, if it does. */
  epochOf(page: string): string | undefined {
    const found = this.#written.findLast(({ record }) => record.kind === 'topic' && record.topic.page === page)?.record;
    return found?.kind === 'topic' ? found.position.epoch : undefined;
  }

  /** What first epochs are made of, as it stands on the disk. */
  get generation(): string {
    const found = this.#written.findLast(({ record }) => record.kind === 'generation')?.record;
    return found?.kind === 'generation' ? Buffer.from(found.generation).toString('hex') : '';
  }

  get #pendingNotifications(): readonly Written[] {
    return this.#written.filter(({ record, sequence }) => record.kind === 'notification' && sequence > this.#committed);
  }
}

function dataOf(payload: Uint8Array): number {
  return (JSON.parse(Buffer.from(payload).toString()) as { data: number }).data;
}
