import { isUtf8 } from 'node:buffer';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import {
  checkAnswer,
  closePayload,
  connectSocket,
  type Frame,
  FrameParser,
  type FrameSpec,
  OPCODE,
  readAnswer,
  upgradeRequest,
  writeFrame,
} from '../../src/peer/index.js';
import { SUBPROTOCOL } from '../../src/protocol/index.js';
import type { Broker } from '../../src/server/index.js';
import type { Said } from './peers.js';

export interface StrictOptions {
  readonly dialect: 'base' | 'v1';
  /** Certificates to trust; without them the connection is plain. */
  readonly ca?: string | undefined;
}

/** Frames that a broker sends: it fragments nothing and sends no binary message. */
const ALLOWED: readonly number[] = [OPCODE.text, OPCODE.close, OPCODE.ping, OPCODE.pong];

/** Bytes of a frame without a mask. */
function sizeOf({ payload, lengthForm }: Frame): number {
  return 2 + (lengthForm === 7 ? 0 : lengthForm / 8) + payload.length;
}

/**
 * A WebSocket connection that believes nothing: each byte behind the answer to the handshake has to belong to a whole
 * frame as a broker may send it, and the close frame has to be the last. What is wrong is noted in `faults`.
 */
export class StrictReader {
  readonly faults: string[] = [];
  /** The `data` of the notifications that have come. */
  readonly data: unknown[] = [];
  readonly pongs: string[] = [];
  /** Pings that have come from the broker. */
  pings = 0;
  /** What the broker's close frame said, once it has come. */
  closeCode: number | undefined;
  /** Fulfilled at the end of the connection; then `faults` is complete. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #parser = new FrameParser((frame) => this.#take(frame));
  #head: Buffer | undefined = Buffer.alloc(0);
  #received = 0;
  #parsed = 0;
  #hasSentClose = false;
  readonly #accept: string | undefined;

  constructor(socket: Socket, accept: string | undefined) {
    this.#socket = socket;
    this.#accept = accept;
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', (error) => this.faults.push(`the socket failed: ${error.message}`));
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        if (this.#received !== this.#parsed) this.faults.push(`the last ${this.#received - this.#parsed} bytes are no whole frame`);
        resolve();
      });
    });
  }

  get isPaused(): boolean {
    return this.#socket.isPaused();
  }

  send(frame: FrameSpec): void {
    if (frame.opcode === OPCODE.close) this.#hasSentClose = true;
    if (this.#socket.writable) this.#socket.write(writeFrame(frame));
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    if (this.#head) {
      this.#head = Buffer.concat([this.#head, chunk]);
      const answer = readAnswer(this.#head);
      if (!answer) return;
      checkAnswer(answer, this.#accept);
      this.#head = undefined;
      this.#read(answer.rest);
      return;
    }
    this.#received += chunk.length;
    try {
      this.#parser.push(chunk);
    } catch (error) {
      this.faults.push((error as Error).message);
      this.#socket.destroy();
    }
  }

  #take(frame: Frame): void {
    this.#parsed += sizeOf(frame);
    const { opcode, payload } = frame;
    const fault = this.closeCode === undefined ? faultOf(frame) : `opcode ${opcode} came behind the close frame`;
    if (fault) this.faults.push(fault);
    else if (opcode === OPCODE.text) this.#hear(payload);
    else if (opcode === OPCODE.pong) this.pongs.push(payload.toString());
    else if (opcode === OPCODE.ping) this.pings++;
    else {
      this.closeCode = payload.length === 0 ? 1005 : payload.readUInt16BE();
      if (!this.#hasSentClose) this.send({ opcode: OPCODE.close, payload: closePayload(1000) });
    }
  }

  #hear(payload: Buffer): void {
    try {
      const said = JSON.parse(payload.toString()) as Said;
      if (said.notification) this.data.push(said.notification.data);
    } catch (error) {
      this.faults.push(`a text message is no JSON: ${(error as Error).message}`);
    }
  }
}

/** What RFC 6455 section 5 forbids in a frame from a server. */
function faultOf({ fin, rsv, masked, opcode, lengthForm, payload }: Frame): string | undefined {
  const { length } = payload;
  if (!fin || rsv !== 0 || masked || !ALLOWED.includes(opcode)) return `a frame has ${JSON.stringify({ fin, rsv, masked, opcode })}`;
  if (lengthForm !== (length < 126 ? 7 : length < 65_536 ? 16 : 64)) return `a length of ${length} is written in ${lengthForm} bits`;
  if (opcode >= OPCODE.close && length > 125) return `a control frame has ${length} bytes`;
  if (opcode === OPCODE.close && length === 1) return 'a close frame has half a code';
  if (opcode === OPCODE.text && !isUtf8(payload)) return 'a text message is not UTF-8';
  return undefined;
}

/** Opens a connection and asks for the upgrade; the answer is checked when it comes. */
export async function openStrictReader(broker: Broker, { dialect, ca }: StrictOptions): Promise<StrictReader> {
  const socket = connectSocket({ host: '127.0.0.1', port: broker.port, ...(ca ? { tls: { ca } } : {}) });
  await once(socket, ca ? 'secureConnect' : 'connect');
  const { text, accept } = upgradeRequest({ host: '127.0.0.1', port: broker.port, subprotocols: dialect === 'v1' ? [SUBPROTOCOL] : [] });
  const reader = new StrictReader(socket, accept);
  socket.write(text);
  return reader;
}
