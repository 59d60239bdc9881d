import { applyMask } from './frame-writer.js';

/** A frame as it came (RFC 6455 section 5.2). */
export interface Frame {
  readonly fin: boolean;
  /** The three reserved bits, 0 to 7. */
  readonly rsv: number;
  readonly opcode: number;
  /** Whether it came masked; the payload is unmasked in any case. */
  readonly masked: boolean;
  /** Bits of its length field as it came, which may be more than the payload needs. */
  readonly lengthForm: 7 | 16 | 64;
  /** A view of the chunk that brought it, where the frame stood within one chunk and was not masked. */
  readonly payload: Buffer;
}

/** A frame that claims to be longer than this, or a message, is taken for a broken stream: a broker has nothing of that size to say. */
export const MAX_FRAME_BYTES = 256 * 1024 * 1024;

/** Given a whole text message: where its payload begins and ends in `bytes`, which are valid during the call only. */
export type OnText = (bytes: Buffer, start: number, end: number) => void;

/** First byte of a text frame that is a whole message: FIN, no reserved bit (RFC 6455 section 5.2). */
const WHOLE_TEXT = 0x81;

/**
 * Cuts a stream of bytes, which may come in chunks of any size, into frames. A frame that stands within a chunk is not
 * copied; of one that does not, each byte is copied once. Chunks are not kept after `push` has returned.
 */
export class FrameParser {
  readonly #onFrame: (frame: Frame) => void;
  readonly #onText: OnText | undefined;
  /** The beginning of a frame that is not complete: allocated for what is known to be needed, filled up to `#filled`. */
  #partial: Buffer | undefined;
  #filled = 0;

  /** @param onText told of unmasked text that came whole, instead of `onFrame`: no object is made of such a frame. */
  constructor(onFrame: (frame: Frame) => void, onText?: OnText) {
    this.#onFrame = onFrame;
    this.#onText = onText;
  }

  /**
   * Takes the next bytes of the stream, the first `length` of `chunk`; tells of each frame that they complete.
   * @throws RangeError for a frame that says it is longer than 256 MiB.
   */
  push(chunk: Buffer, length = chunk.length): void {
    let at = 0;
    while (this.#partial) {
      at += this.#fill(this.#partial, chunk, { from: at, to: length });
      if (at === length && this.#filled < (this.#partial?.length ?? 0)) return;
    }
    while (at < length) {
      const needed = bytesNeeded(chunk, at, length);
      if (length - at < needed) {
        this.#partial = Buffer.allocUnsafe(needed);
        this.#filled = chunk.copy(this.#partial, 0, at, length);
        return;
      }
      this.#tell(chunk, at, at + needed);
      at += needed;
    }
  }

  /** Moves bytes into the partial frame; when it is full it is a frame, or a head that tells how much more is needed. */
  #fill(partial: Buffer, chunk: Buffer, { from, to }: { readonly from: number; readonly to: number }): number {
    const taken = chunk.copy(partial, this.#filled, from, to);
    this.#filled += taken;
    if (this.#filled < partial.length) return taken;
    const needed = bytesNeeded(partial, 0, partial.length);
    if (needed === partial.length) {
      this.#partial = undefined;
      this.#tell(partial, 0, needed);
    } else {
      this.#partial = Buffer.allocUnsafe(needed);
      partial.copy(this.#partial);
    }
    return taken;
  }

  #tell(bytes: Buffer, start: number, end: number): void {
    const short = bytes[start + 1] as number;
    if (this.#onText && bytes[start] === WHOLE_TEXT && short < 0x80) {
      this.#onText(bytes, start + (short < 126 ? 2 : short === 126 ? 4 : 10), end);
    } else {
      this.#onFrame(readFrame(bytes, start, end));
    }
  }
}

/** Bytes of the frame that begins at `at`; where its head is not complete before `end`, those of as much head as is known of. */
function bytesNeeded(bytes: Buffer, at: number, end: number): number {
  const available = end - at;
  if (available < 2) return 2;
  const second = bytes[at + 1] as number;
  const short = second & 0x7f;
  const head = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + (second & 0x80 ? 4 : 0);
  if (available < head) return head;
  const payload = short === 126 ? bytes.readUInt16BE(at + 2) : short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short;
  if (payload > MAX_FRAME_BYTES) throw new RangeError(`a frame says it has ${payload} bytes; at most ${MAX_FRAME_BYTES} are read`);
  return head + payload;
}

function readFrame(bytes: Buffer, start: number, end: number): Frame {
  const first = bytes[start] as number;
  const second = bytes[start + 1] as number;
  const short = second & 0x7f;
  const lengthForm = short === 126 ? 16 : short === 127 ? 64 : 7;
  const masked = (second & 0x80) !== 0;
  let at = start + 2 + (lengthForm === 7 ? 0 : lengthForm / 8);
  let payload: Buffer;
  if (masked) {
    const key = bytes.subarray(at, at + 4);
    at += 4;
    payload = Buffer.from(bytes.subarray(at, end));
    applyMask(payload, key);
  } else {
    payload = bytes.subarray(at, end);
  }
  return { fin: (first & 0x80) !== 0, rsv: (first >> 4) & 7, opcode: first & 15, masked, lengthForm, payload };
}
