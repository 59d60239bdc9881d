const OPCODE_TEXT = 1;

/**
 * Cuts what a broker sends into frames and builds no object for any of them: a generator must cost less than what it
 * measures.
 */
export class FrameCutter {
  #onText;
  #onControl;
  /** @type {Buffer | undefined} the beginning of a frame whose end has not come */
  #rest;

  /**
   * @param {(bytes: Buffer, start: number, end: number) => void} onText gets where the payload is; the bytes are the caller's
   *   own and are overwritten by the next ones.
   * @param {(opcode: number, payload: Buffer) => void} onControl
   */
  constructor(onText, onControl) {
    this.#onText = onText;
    this.#onControl = onControl;
  }

  /**
   * @param {Buffer} chunk
   * @param {number} length bytes of it that count
   */
  push(chunk, length) {
    const bytes = this.#rest ? Buffer.concat([this.#rest, chunk.subarray(0, length)]) : chunk;
    const end = this.#rest ? bytes.length : length;
    let at = 0;
    while (end - at >= 2) {
      const short = bytes[at + 1] & 0x7f;
      const head = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (end - at < head) break;
      const size = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
      const next = at + head + size;
      if (next > end) break;
      const opcode = bytes[at] & 15;
      if (opcode === OPCODE_TEXT) this.#onText(bytes, at + head, next);
      else this.#onControl(opcode, bytes.subarray(at + head, next));
      at = next;
    }
    this.#rest = at < end ? Buffer.from(bytes.subarray(at, end)) : undefined;
  }
}
