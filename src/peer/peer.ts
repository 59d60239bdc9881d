import type { Socket } from 'node:net';
import { type Frame, FrameParser, MAX_FRAME_BYTES, type OnText } from './frame-parser.js';
import { closePayload, type FrameSpec, OPCODE, writeFrame } from './frame-writer.js';
import type { UpgradeAnswer } from './handshake.js';
import { Inbox, type WaitOptions } from './inbox.js';
import { reset } from './reset.js';

/** How a peer receives. */
export interface ReceiveOptions {
  /**
   * Called for each whole text message instead of keeping it in the inbox: the cheap way. The payload, and that of
   * `onFrame` then too, is valid during the call only.
   */
  readonly onMessage?: (payload: Buffer) => void;
  /**
   * Called for each text message that came in one frame, instead of `onMessage` and `onFrame`: the cheapest way, no
   * object is made. Text in fragments still goes to `onMessage`.
   */
  readonly onText?: OnText;
  /** Called when bytes have come, before they are cut into frames: the moment of receipt of all that is in them. */
  readonly onRead?: () => void;
  /** Called for every frame, control frames too, before anything else is done with it. */
  readonly onFrame?: (frame: Frame) => void;
  /** Whether a ping is answered with a pong; `true` by default. */
  readonly answerPings?: boolean;
  /** Whether a close frame is answered with the same one; `true` by default. */
  readonly answerClose?: boolean;
}

/** How a connection ended. */
export interface PeerClose {
  /** The code of the close frame, 1005 if it had none, 1006 if there was no close frame. */
  readonly code: number;
  readonly reason: string;
  /** Whether close frames went both ways (RFC 6455 section 7.1.4). */
  readonly clean: boolean;
  /** What ended it first: the broker's close frame, its FIN without one, or a reset by either side. */
  readonly kind: 'close-frame' | 'fin' | 'reset';
}

/** An open WebSocket connection that does what it is told, also what RFC 6455 forbids. `openPeer` makes one. */
export class Peer implements AsyncDisposable {
  /** What the broker selected of the subprotocols that were offered. */
  readonly subprotocol: string | undefined;
  /** Of the answer to the handshake, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** Fulfilled when the TCP connection has ended. */
  readonly closed: Promise<PeerClose>;

  readonly #socket: Socket;
  readonly #receive: ReceiveOptions;
  readonly #inbox = new Inbox();
  readonly #pongs = new Inbox();
  readonly #parser: FrameParser;
  #fragments: Buffer[] = [];
  #fragmentBytes = 0;
  #closeFrame: Buffer | undefined;
  #hasSentClose = false;
  #hasFin = false;
  #barriers = 0;

  /** @param socket connected, its `error` events listened to; whoever reads it calls `take`. */
  constructor(socket: Socket, answer: UpgradeAnswer, receive: ReceiveOptions) {
    this.#socket = socket;
    this.#receive = receive;
    this.#parser = new FrameParser((frame) => this.#onFrame(frame), receive.onText);
    this.subprotocol = answer.headers['sec-websocket-protocol'];
    this.headers = answer.headers;
    socket.once('end', () => {
      this.#hasFin = true;
    });
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        const close = this.#howItEnded();
        const because = `the connection is closed: ${close.code} ${close.reason}`.trimEnd();
        this.#inbox.end(because);
        this.#pongs.end(because);
        resolve(close);
      });
    });
  }

  /** Text messages that came and that `next` has not given out. */
  get inbox(): readonly string[] {
    return this.#inbox.messages;
  }

  /**
   * The next text message.
   * @throws Error that says what was awaited, after 5 s or `timeoutMs`, or when the connection has ended.
   */
  next(wait?: WaitOptions): Promise<string> {
    return this.#inbox.next(wait);
  }

  /**
   * Sends a ping and awaits its pong: then everything sent before is in force, and what the broker had written
   * before it has come; a delivery may still wait in the broker, so this is no fence for absence. Pongs come in the order of their pings, so barriers may overlap.
   */
  async barrier(wait: WaitOptions = {}): Promise<void> {
    const payload = `barrier ${++this.#barriers}`;
    this.ping(payload);
    while ((await this.#pongs.next({ what: 'a pong', ...wait })) !== payload);
  }

  /** Sends a text message in one frame. */
  send(text: string | Uint8Array): void {
    this.frame({ opcode: OPCODE.text, payload: text });
  }

  /** Sends any frame. */
  frame(spec: FrameSpec): void {
    if (spec.opcode === OPCODE.close) this.#hasSentClose = true;
    this.bytes(writeFrame(spec));
  }

  /** Sends any bytes. */
  bytes(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  ping(payload: string | Uint8Array = ''): void {
    this.frame({ opcode: OPCODE.ping, payload });
  }

  /** Sends a close frame and resolves when the connection has ended; ending it is the broker's part. */
  close(code?: number, reason?: string): Promise<PeerClose> {
    if (!this.#hasSentClose) this.frame({ opcode: OPCODE.close, payload: closePayload(code, reason) });
    return this.closed;
  }

  /** Sends a FIN: nothing can be sent any more, what comes is still received. */
  end(): void {
    this.#socket.end();
  }

  /** Ends the connection at once with a RST. */
  destroy(): void {
    reset(this.#socket);
  }

  /** Stops reading, as a slow reader does. */
  pause(): void {
    this.#socket.pause();
  }

  /** Reads again after `pause`. */
  resume(): void {
    this.#socket.resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.closed;
  }

  /** The port of this end; 0 when the connection is gone. */
  get localPort(): number {
    return this.#socket.localPort ?? 0;
  }

  /** Takes bytes that the socket has read, the first `length` of `chunk`; `openPeer` calls it. */
  take(chunk: Buffer, length = chunk.length): void {
    this.#receive.onRead?.();
    try {
      this.#parser.push(chunk, length);
    } catch (error) {
      this.#socket.destroy(error as Error);
    }
  }

  #onFrame(frame: Frame): void {
    this.#receive.onFrame?.(frame);
    if (frame.opcode === OPCODE.text || frame.opcode === OPCODE.continuation) this.#onText(frame);
    else if (frame.opcode === OPCODE.ping) {
      if (this.#receive.answerPings ?? true) this.frame({ opcode: OPCODE.pong, payload: frame.payload });
    } else if (frame.opcode === OPCODE.pong) {
      this.#pongs.push(frame.payload.toString());
    } else if (frame.opcode === OPCODE.close) {
      this.#closeFrame = Buffer.from(frame.payload);
      if ((this.#receive.answerClose ?? true) && !this.#hasSentClose) this.frame({ opcode: OPCODE.close, payload: this.#closeFrame });
    }
  }

  #onText(frame: Frame): void {
    if (frame.fin && this.#fragments.length === 0) {
      this.#onMessage(frame.payload);
      return;
    }
    this.#fragments.push(Buffer.from(frame.payload));
    this.#fragmentBytes += frame.payload.length;
    if (this.#fragmentBytes > MAX_FRAME_BYTES) throw new RangeError(`a message in fragments is longer than ${MAX_FRAME_BYTES} bytes`);
    if (!frame.fin) return;
    const message = Buffer.concat(this.#fragments);
    this.#fragments = [];
    this.#fragmentBytes = 0;
    this.#onMessage(message);
  }

  #onMessage(payload: Buffer): void {
    if (this.#receive.onMessage) this.#receive.onMessage(payload);
    else this.#inbox.push(payload.toString());
  }

  #howItEnded(): PeerClose {
    const frame = this.#closeFrame;
    if (!frame) return { code: 1006, reason: '', clean: false, kind: this.#hasFin ? 'fin' : 'reset' };
    const code = frame.length < 2 ? 1005 : frame.readUInt16BE(0);
    return { code, reason: frame.toString('utf8', 2), clean: this.#hasSentClose, kind: 'close-frame' };
  }
}
