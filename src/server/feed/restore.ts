import type { Position } from '../../protocol/index.js';
import type { History } from '../history.js';
import { digestOf, KEY_TTL_MS, type Keys } from '../keys.js';
import type { LogRecord, NotificationRecord, TopicRecord } from '../log/record.js';
import { type DiskTopic, nameBytesOf } from './disk-topic.js';
import { DiskTopics } from './disk-topics.js';
import { StoredEntry } from './stored-entry.js';

/** What the log fills, and for how long things count. */
interface RestoreParts {
  readonly history: History;
  readonly keys: Keys;
  readonly historyAgeMs: number;
}

/** A use of a key. */
interface FoundKey {
  readonly id: Buffer;
  readonly digest: string;
  readonly position: Position;
  readonly ageMs: number;
}

/** Rebuilds history, keys and topics from the records of a log, which come in their order. */
export class Restore {
  /** Those that stand in the log. */
  readonly topics = new DiskTopics();
  generation: Buffer | undefined;
  readonly #parts: RestoreParts;
  readonly #byId = new Map<number, DiskTopic>();
  readonly #keys: FoundKey[] = [];
  /** See `TopicRecord.heard`, by the epoch that ended there. */
  readonly #heard = new Map<string, number>();
  readonly #now = Date.now();
  readonly #monotonic = performance.now();
  /** Something that no broker writes: a record without its topic, or out of order. */
  #contradiction: string | undefined;

  constructor(parts: RestoreParts) {
    this.#parts = parts;
  }

  /** What no broker writes, if the log has it: then all of it is void. */
  get contradiction(): string | undefined {
    return this.#contradiction;
  }

  /** Takes the next record. */
  take(record: LogRecord, sequence: number): void {
    if (record.kind === 'topic') this.#topic(record, sequence);
    else if (record.kind === 'notification') this.#notification(record, sequence);
    else this.generation = Buffer.from(record.generation);
  }

  /**
   * Opens topics of which the last is not kept any more where they stand, so that their epochs go on. Restores keys, but
   * for those of notifications on which the broker failed: whoever published these was told to try again.
   */
  finish(): void {
    const { history, keys } = this.#parts;
    for (const { topic, epoch, offset } of this.topics.values()) {
      const head = history.head(topic);
      if (head?.epoch !== epoch || head.offset !== offset) history.open(topic, { epoch, offset });
    }
    for (const { ageMs, ...use } of this.#keys) {
      const heard = this.#heard.get(use.position.epoch);
      if (heard === undefined || use.position.offset <= heard) keys.restore(use, ageMs);
    }
  }

  #topic({ topicId, topic, position, heard }: TopicRecord, sequence: number): void {
    const known = this.#byId.get(topicId);
    if (known && known.epoch !== position.epoch && heard !== undefined) this.#heard.set(known.epoch, heard);
    if (known && known.epoch === position.epoch && known.offset !== position.offset) {
      this.#contradiction ??= `a topic goes from ${known.offset} to ${position.offset} in record ${sequence}`;
    }
    if (known) Object.assign(known, { ...position, committed: position.offset, lastSequence: sequence });
    else {
      const standing = { ...position, committed: position.offset, namedIn: 0, lastSequence: sequence };
      const added: DiskTopic = { id: topicId, topic, nameBytes: nameBytesOf(topic), ...standing };
      this.#byId.set(topicId, added);
      this.topics.add(added);
    }
  }

  #notification(record: NotificationRecord, sequence: number): void {
    const known = this.#byId.get(record.topicId);
    if (!known || record.offset !== known.offset + 1) {
      this.#contradiction ??= `notification ${record.offset} follows ${known?.offset ?? 'no topic'} in record ${sequence}`;
      return;
    }
    known.lastSequence = sequence;
    // A clock that was put back must not make anything younger than now.
    const ageMs = Math.max(0, this.#now - record.at);
    if (record.key && ageMs < KEY_TTL_MS) {
      const position = { epoch: known.epoch, offset: record.offset };
      this.#keys.push({ id: Buffer.from(record.key), digest: digestOf(record.payload), position, ageMs });
    }
    if (ageMs <= this.#parts.historyAgeMs) this.#keep(known, { record, sequence, at: this.#monotonic - ageMs });
    known.offset = record.offset;
    known.committed = record.offset;
  }

  #keep(known: DiskTopic, { record, sequence, at }: { record: NotificationRecord; sequence: number; at: number }): void {
    const { history } = this.#parts;
    const { topic, epoch, offset } = known;
    const head = history.head(topic);
    if (head?.epoch !== epoch || head.offset !== offset) history.open(topic, { epoch, offset });
    const position = { epoch, offset: record.offset };
    // A copy, for the record is a piece of a whole segment.
    const payload = Buffer.allocUnsafeSlow(record.payload.length);
    payload.set(record.payload);
    history.add(new StoredEntry({ topic, values: record.values, payload, position, at, sequence }));
  }
}
