import { isUtf8 } from 'node:buffer';
import { type Frame, OPCODE } from '../../peer/index.js';

/** A server sent what RFC 6455 forbids it to send. */
export class FrameViolation extends Error {
  override readonly name = 'FrameViolation';
}

const MOST_CONTROL_BYTES = 125;

/**
 * Checks the frames of one server to one client (RFC 6455 sections 5 and 7.4) and puts fragments together.
 * Made for one connection.
 */
export class FrameCheck {
  #fragments: Buffer[] | undefined;
  #hasClosed = false;

  /**
   * Takes the next frame.
   * @returns the text message that it completes, as bytes of valid UTF-8; `undefined` for any other frame.
   * @throws FrameViolation with what was found and what is expected.
   */
  take(frame: Frame): Buffer | undefined {
    this.#checkHead(frame);
    if (frame.opcode >= 8) {
      if (frame.opcode === OPCODE.close) {
        checkClosePayload(frame.payload);
        this.#hasClosed = true;
      }
      return undefined;
    }
    return this.#takeData(frame);
  }

  #checkHead(frame: Frame): void {
    if (this.#hasClosed) throw new FrameViolation('a frame came after the close frame, which has to be the last (RFC 6455 section 5.5.1)');
    if (frame.masked)
      throw new FrameViolation('a frame from the server is masked, which only frames from a client are (RFC 6455 section 5.1)');
    if (frame.rsv !== 0)
      throw new FrameViolation(
        `a frame has the reserved bits ${frame.rsv}, expected 0: no extension was negotiated (RFC 6455 section 5.2)`,
      );
    if (frame.lengthForm !== shortestForm(frame.payload.length)) {
      throw new FrameViolation(
        `a length of ${frame.payload.length} stands in ${frame.lengthForm} bits, expected the shortest form (RFC 6455 section 5.2)`,
      );
    }
    if (frame.opcode === OPCODE.binary) throw new FrameViolation('a binary frame came, every message of the protocol is text (R-2.1)');
    if ((frame.opcode > 2 && frame.opcode < 8) || frame.opcode > 10) {
      throw new FrameViolation(`a frame has the opcode ${frame.opcode}, which is reserved (RFC 6455 section 5.2)`);
    }
    if (frame.opcode < 8) return;
    if (!frame.fin) throw new FrameViolation('a control frame is fragmented (RFC 6455 section 5.5)');
    if (frame.payload.length > MOST_CONTROL_BYTES) {
      throw new FrameViolation(`a control frame has ${frame.payload.length} bytes, at most 125 are allowed (RFC 6455 section 5.5)`);
    }
  }

  #takeData(frame: Frame): Buffer | undefined {
    const isStart = frame.opcode !== OPCODE.continuation;
    if (isStart && this.#fragments)
      throw new FrameViolation('a new message began before the fragmented one had ended (RFC 6455 section 5.4)');
    if (!isStart && !this.#fragments)
      throw new FrameViolation('a continuation frame came without a message to continue (RFC 6455 section 5.4)');
    const fragments = [...(this.#fragments ?? []), Buffer.from(frame.payload)];
    this.#fragments = frame.fin ? undefined : fragments;
    if (!frame.fin) return undefined;
    const message = Buffer.concat(fragments);
    if (!isUtf8(message)) throw new FrameViolation('a text message is not UTF-8 (RFC 6455 section 8.1)');
    return message;
  }
}

function shortestForm(length: number): 7 | 16 | 64 {
  if (length < 126) return 7;
  return length < 65_536 ? 16 : 64;
}

function checkClosePayload(payload: Buffer): void {
  if (payload.length === 0) return;
  if (payload.length === 1) throw new FrameViolation('a close frame has one byte, expected none or a code of two (RFC 6455 section 5.5.1)');
  const code = payload.readUInt16BE(0);
  if (!maySend(code)) throw new FrameViolation(`a close frame has the code ${code}, which must not be sent (RFC 6455 section 7.4)`);
  if (!isUtf8(payload.subarray(2))) throw new FrameViolation('the reason of a close frame is not UTF-8 (RFC 6455 section 5.5.1)');
}

/** Codes of RFC 6455 section 7.4 and of the IANA registry, and those for libraries and applications. */
function maySend(code: number): boolean {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}
