import { crc32 } from 'node:zlib';
import type { LogRecord, NotificationRecord } from './record.js';
import { BODY_HEAD_BYTES, KIND, NOTIFICATION_HEAD_BYTES, PREFIX_BYTES } from './record-format.js';

/** What a batch keeps for the next one; a larger one is given back. */
const KEPT_BYTES = 1024 * 1024;

/** Records as they will stand in a segment, one behind the other in one buffer that grows. */
export class RecordBatch {
  #bytes: Buffer = Buffer.allocUnsafeSlow(64 * 1024);
  #length = 0;
  #seed = 0;

  /** What has to be written; good until the next change. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  get length(): number {
    return this.#length;
  }

  /** Empties it. @param seed see `seedOf`. */
  begin(seed: number): void {
    this.#seed = seed;
    this.#length = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafeSlow(64 * 1024);
  }

  /** Puts bytes in that are no record. */
  addRaw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** @param record undefined for one that tells nothing. */
  add(record: LogRecord | undefined, sequence: number): void {
    if (record === undefined) {
      this.#addBody(KIND.nothing, sequence, undefined);
    } else if (record.kind === 'notification') {
      this.#addNotification(record, sequence);
    } else if (record.kind === 'generation') {
      this.#addBody(KIND.generation, sequence, record.generation);
    } else {
      const { topicId, topic, position, heard } = record;
      // JSON, because a name may be any string of JavaScript's, also one that has no UTF-8.
      const text = JSON.stringify([
        topicId,
        topic.package,
        topic.page,
        position.epoch,
        position.offset,
        ...(heard === undefined ? [] : [heard]),
      ]);
      this.#addBody(KIND.topic, sequence, Buffer.from(text));
    }
  }

  #addBody(kind: number, sequence: number, fields: Uint8Array | undefined): void {
    const length = BODY_HEAD_BYTES + (fields?.length ?? 0);
    const at = this.#open(kind, sequence, length);
    if (fields !== undefined) this.#bytes.set(fields, at);
    this.#seal(length);
  }

  #addNotification(record: NotificationRecord, sequence: number): void {
    const { key, payload } = record;
    const keyBytes = key?.length ?? 0;
    const length = BODY_HEAD_BYTES + NOTIFICATION_HEAD_BYTES + keyBytes + payload.length;
    const at = this.#open(KIND.notification, sequence, length);
    const bytes = this.#bytes;
    bytes.writeUInt32LE(record.topicId, at);
    bytes.writeUIntLE(record.offset, at + 4, 6);
    bytes.writeDoubleLE(record.at, at + 10);
    bytes.writeUInt32LE(record.values, at + 18);
    bytes.writeUInt8(keyBytes, at + 22);
    if (key !== undefined) bytes.set(key, at + NOTIFICATION_HEAD_BYTES);
    bytes.set(payload, at + NOTIFICATION_HEAD_BYTES + keyBytes);
    this.#seal(length);
  }

  /** Makes room for a record and writes what all have; returns where its fields begin. */
  #open(kind: number, sequence: number, length: number): number {
    this.#reserve(PREFIX_BYTES + length);
    const start = this.#length;
    this.#bytes.writeUInt32LE(length, start + 4);
    this.#bytes.writeUInt8(kind, start + PREFIX_BYTES);
    this.#bytes.writeUIntLE(sequence, start + PREFIX_BYTES + 1, 6);
    return start + PREFIX_BYTES + BODY_HEAD_BYTES;
  }

  #seal(length: number): void {
    const start = this.#length;
    this.#length = start + PREFIX_BYTES + length;
    this.#bytes.writeUInt32LE(crc32(this.#bytes.subarray(start + 4, this.#length), this.#seed), start);
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
