import { isUtf8 } from 'node:buffer';
import { type Frame, FrameParser, OPCODE } from '../../peer/index.js';
import type { OddFrame } from './event.js';

/** Who is told what passes. */
export interface TapListener {
  message(text: string): void;
  /** A close frame: 1005 where it has no code. */
  closing(code: number, reason: string): void;
  /** What is no text message, or breaks RFC 6455. Pings and pongs are passed over. */
  odd(frame: OddFrame): void;
}

/** Reads along one direction of a WebSocket connection and puts fragments together; what it cannot read it lets pass. */
export class MessageTap {
  readonly #listener: TapListener;
  readonly #isMasked: boolean;
  readonly #parser: FrameParser;
  /** The frames of a message that is not complete. */
  #fragments: OddFrame[] | undefined;
  #isOver = false;

  /** @param isMasked whether frames of this direction have to be masked (RFC 6455 section 5.1). */
  constructor(isMasked: boolean, listener: TapListener) {
    this.#isMasked = isMasked;
    this.#listener = listener;
    this.#parser = new FrameParser((frame) => this.#take(frame));
  }

  push(chunk: Buffer): void {
    if (this.#isOver) return;
    try {
      this.#parser.push(chunk);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#isOver = true; // no frame, so nothing behind it is one
    }
  }

  #take(frame: Frame): void {
    if (this.#isOver) return;
    const payload = Buffer.from(frame.payload);
    if (!isRight(frame, this.#isMasked)) this.#odd({ ...frame, payload });
    else if (frame.opcode === OPCODE.close) {
      this.#isOver = true;
      this.#listener.closing(payload.length < 2 ? 1005 : payload.readUInt16BE(0), payload.toString('utf8', 2));
    } else if (frame.opcode < 8) this.#takeData(frame, payload);
  }

  #takeData(frame: Frame, payload: Buffer): void {
    const isStart = frame.opcode !== OPCODE.continuation;
    if (isStart === (this.#fragments !== undefined)) {
      this.#odd({ ...frame, payload });
      return;
    }
    this.#fragments ??= [];
    this.#fragments.push({ ...frame, payload });
    if (!frame.fin) return;
    const message = Buffer.concat(this.#fragments.map((fragment) => fragment.payload));
    const opcode = this.#fragments[0]?.opcode;
    this.#fragments = undefined;
    if (opcode === OPCODE.text && isUtf8(message)) this.#listener.message(message.toString('utf8'));
    else this.#listener.odd({ fin: true, rsv: 0, opcode: opcode ?? OPCODE.binary, masked: frame.masked, payload: message });
  }

  /** What was begun before is told, too: without it the frame may not be odd. */
  #odd(frame: OddFrame): void {
    for (const begun of this.#fragments ?? []) this.#listener.odd(begun);
    this.#fragments = undefined;
    this.#listener.odd(frame);
  }
}

function isRight({ opcode, rsv, masked, fin, payload }: Frame, isMasked: boolean): boolean {
  if (rsv !== 0 || masked !== isMasked) return false;
  if (opcode < 8) return opcode <= OPCODE.binary;
  return opcode <= OPCODE.pong && fin && payload.length <= 125;
}
