import { randomBytes } from 'node:crypto';
import { OPCODE } from '../../../peer/index.js';

const FIRST_CAPACITY = 16 * 1024;
/** The longest head of a masked frame (RFC 6455 section 5.2). */
const MOST_HEAD_BYTES = 14;
const BEFORE_ID = Buffer.from('{"sender":"server","id":"');
const BEFORE_NOTIFICATION = Buffer.from('","notification":');
const CLOSING_BRACE = 0x7d;

/** Publishers' messages of `wsn.v1` (R-5.7) as frames, one behind the other, so that those of one turn leave in one write. */
export class PublicationBatch {
  #bytes = Buffer.allocUnsafe(FIRST_CAPACITY);
  #length = 0;
  /** One key for all: nobody between here and the broker is to be protected from chosen bytes. */
  readonly #mask = randomBytes(4);

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** @param notification the value of the member, copied. @param id ASCII, at most 64 bytes. */
  add(notification: Buffer, id: string): void {
    const payload = BEFORE_ID.length + id.length + BEFORE_NOTIFICATION.length + notification.length + 1;
    this.#reserve(MOST_HEAD_BYTES + payload);
    this.#addHead(payload);
    const start = this.#length;
    const bytes = this.#bytes;
    let at = start + BEFORE_ID.copy(bytes, start);
    at += bytes.write(id, at, 'latin1');
    at += BEFORE_NOTIFICATION.copy(bytes, at);
    at += notification.copy(bytes, at);
    bytes[at++] = CLOSING_BRACE;
    const mask = this.#mask;
    for (let i = 0; i < payload; i++) bytes[start + i] = (bytes[start + i] as number) ^ (mask[i & 3] as number);
    this.#length = at;
  }

  /** Gives out the frames and begins anew. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return taken;
  }

  #addHead(payload: number): void {
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at++] = 0x80 | OPCODE.text;
    if (payload < 126) {
      bytes[at++] = 0x80 | payload;
    } else if (payload < 65_536) {
      bytes[at++] = 0x80 | 126;
      at = bytes.writeUInt16BE(payload, at);
    } else {
      bytes[at++] = 0x80 | 127;
      at = bytes.writeUInt32BE(0, at);
      at = bytes.writeUInt32BE(payload, at);
    }
    this.#length = at + this.#mask.copy(bytes, at);
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
