import type { Socket } from 'node:net';
import {
  connectSocket,
  type Frame,
  FrameParser,
  type FrameSpec,
  OPCODE,
  readAnswer,
  type UpgradeAnswer,
  writeFrame,
} from '../../peer/index.js';
import { type Dialect, SUBPROTOCOL } from '../../protocol/index.js';
import { StepFailure } from '../run/step-failure.js';
import { AskedFor } from './asked-for.js';
import { Changes } from './changes.js';
import { describeFrame } from './describe-frame.js';
import type { Endpoint } from './endpoint.js';
import { inTime } from './in-time.js';
import { type CloseFrame, Inbox } from './inbox.js';
import { checkUpgrade, type Handshake, headOf, readSafely, requestOf } from './upgrade.js';
import type { WireRecorder } from './wire-recorder.js';
import { writeChopped } from './write-chopped.js';

/** How a connection ended. */
export interface LineEnd {
  /** Of the server's close frame; 1005 if it had none, 1006 without a close frame. */
  readonly code: number;
  readonly reason: string;
  readonly how: 'close-frame' | 'fin' | 'reset';
  /** On the clock of `performance`, ms. */
  readonly at: number;
}

type Line =
  | { readonly kind: 'idle' }
  /** Bytes may be sent, the handshake is not done. */
  | { readonly kind: 'connected'; readonly socket: Socket; onAnswer?: (bytes: Buffer) => void }
  | { readonly kind: 'open'; readonly socket: Socket; readonly parser: FrameParser }
  | { readonly kind: 'ended'; readonly end: LineEnd };

/**
 * A WebSocket client of a scenario, normal or raw: it keeps what comes until a step claims it, and checks that it is
 * what a server may send. A client that has ended can be opened again; what it had received stays.
 */
export class LineClient {
  readonly name: string;
  readonly isRaw: boolean;
  readonly #recorder: WireRecorder;
  readonly #changes = new Changes();
  /** What has come, over all connections. */
  readonly inbox: Inbox;
  /** What the client wants, as far as the server had to take it. */
  readonly askedFor = new AskedFor();
  #line: Line = { kind: 'idle' };
  #dialect: Dialect = 'base';
  #openings = 0;
  #hasSentClose = false;
  /** Whether its close frame was sent before one had come. */
  #hasClosedFirst = false;
  #hasEnded = false;
  #received: Buffer = Buffer.alloc(0);
  /** What of the end a step has expected. */
  isEndClaimed = false;

  constructor(name: string, isRaw: boolean, recorder: WireRecorder) {
    this.name = name;
    this.isRaw = isRaw;
    this.#recorder = recorder;
    this.inbox = new Inbox(name);
  }

  get kind(): Line['kind'] {
    return this.#line.kind;
  }

  get dialect(): Dialect {
    return this.#dialect;
  }

  /** How often it was opened; a `wsn.v1` server says hello each time. */
  get openings(): number {
    return this.#openings;
  }

  /** The server's close frame, as soon as it is there. */
  get closeFrame(): CloseFrame | undefined {
    return this.inbox.closeFrame;
  }

  get end(): LineEnd | undefined {
    return this.#line.kind === 'ended' ? this.#line.end : undefined;
  }

  /** Bytes that came before the handshake was done. */
  get received(): Buffer {
    return this.#received;
  }

  /**
   * Opens the TCP connection, or TLS where the server has it.
   * @throws StepFailure when there is none in time.
   */
  async connect(endpoint: Endpoint, timeoutMs: number): Promise<void> {
    const socket = connectSocket(endpoint);
    this.inbox.beginConnection();
    this.askedFor.beginConnection();
    this.#openings++;
    this.#hasSentClose = false;
    this.#hasClosedFirst = false;
    this.#hasEnded = false;
    this.isEndClaimed = false;
    this.#received = Buffer.alloc(0);
    this.#line = { kind: 'connected', socket };
    let hasFin = false;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.once('end', () => {
      hasFin = true;
      this.#note('FIN from the server');
    });
    const failure = new Promise<string>((resolve) => {
      socket.on('error', (error) => resolve(error.message));
      socket.once('close', () => {
        this.#ended(socket, hasFin);
        resolve('the connection was closed');
      });
    });
    const isOpen = new Promise<''>((resolve) => socket.once(endpoint.tls ? 'secureConnect' : 'connect', () => resolve('')));
    const problem = (await inTime(Promise.race([isOpen, failure]), timeoutMs)) ?? 'there was no connection in time';
    if (problem === '') return;
    socket.destroy();
    throw new StepFailure(`${this.name} cannot connect: ${problem}`);
  }

  /**
   * Sends an upgrade request and reads the answer; with 101 frames follow.
   * @throws StepFailure when there is no answer in time, or it is no HTTP, or a 101 is not right (RFC 6455 section 4.1).
   */
  async handshake(endpoint: Endpoint, handshake: Handshake, timeoutMs: number): Promise<UpgradeAnswer> {
    const line = this.#line;
    if (line.kind !== 'connected') throw new StepFailure(`${this.name} is ${line.kind}, expected a new connection`);
    const request = requestOf(endpoint, handshake);
    this.#received = Buffer.alloc(0); // a connection that was refused may have been kept
    this.#recorder.record(this.name, { direction: 'sent', what: 'HTTP', payload: request.text });
    const answered = new Promise<UpgradeAnswer>((resolve, reject) => {
      line.onAnswer = (bytes) => {
        try {
          const answer = readAnswer(bytes, handshake.method);
          if (answer?.isComplete) resolve(answer);
        } catch (error) {
          reject(new StepFailure(`${this.name}: ${(error as Error).message}`));
        }
      };
      line.socket.once('close', () => {
        const answer = readSafely(this.#received, handshake.method);
        if (answer) resolve(answer);
        else reject(new StepFailure(`${this.name}: expected an answer to the handshake, found that the connection was closed`));
      });
    });
    const glued = handshake.glue === undefined ? undefined : { opcode: OPCODE.text, payload: handshake.glue };
    line.socket.write(Buffer.concat([Buffer.from(request.text, 'latin1'), glued ? writeFrame(glued) : Buffer.alloc(0)]));
    if (handshake.end) this.finish();
    const answer = await inTime(answered, timeoutMs);
    if (!answer) throw new StepFailure(`${this.name}: no answer to the handshake came within ${timeoutMs} ms`);
    this.#recorder.record(this.name, { direction: 'received', what: `HTTP ${answer.status}`, payload: headOf(this.#received) });
    if (answer.status !== 101) {
      this.isEndClaimed = true; // there is no WebSocket whose end could be a surprise
      return answer;
    }
    checkUpgrade(this.name, answer, request);
    this.#dialect = answer.headers['sec-websocket-protocol'] === SUBPROTOCOL ? 'v1' : 'base';
    if (glued) this.#noteFrame(glued);
    this.#open(line.socket, answer);
    return answer;
  }

  /** Sends bytes as they are, in writes of `chop` bytes where that is given; nothing is sent on a line that has ended. */
  async bytes(bytes: Uint8Array, chop?: number): Promise<void> {
    this.#recorder.record(this.name, {
      direction: 'sent',
      what: chop === undefined ? 'bytes' : `bytes, ${chop} at a time`,
      payload: bytes,
    });
    await writeChopped(this.#socket, bytes, chop);
  }

  /** Sends frames in one segment, or in writes of `chop` bytes. */
  async sendFrames(specs: readonly FrameSpec[], chop?: number): Promise<void> {
    for (const spec of specs) this.#noteFrame(spec);
    await writeChopped(this.#socket, Buffer.concat(specs.map(writeFrame)), chop);
  }

  /** Sends one frame. */
  frame(spec: FrameSpec): void {
    this.#noteFrame(spec);
    if (this.#socket?.writable) this.#socket.write(writeFrame(spec));
  }

  /** Sends a text message in one frame. */
  send(text: string): void {
    this.frame({ opcode: OPCODE.text, payload: text });
  }

  /**
   * Waits until `look` finds something, looking at once and whenever something has come.
   * @returns `undefined` when the time is up, or when the line has ended and nothing can come.
   * @throws StepFailure when the server has sent what it must not send.
   */
  until<T>(look: () => T | undefined, timeoutMs: number): Promise<T | undefined> {
    const lookSafely = () => {
      this.inbox.assertUnviolated();
      return look();
    };
    return this.#changes.until(lookSafely, { timeoutMs, isOver: () => this.#line.kind === 'ended' || this.#line.kind === 'idle' });
  }

  /** Writes into the client's part of the wire log. */
  note(what: string): void {
    this.#note(what);
  }

  /** Whether the client itself has ended the connection, so that nobody has to expect its end. */
  get hasEnded(): boolean {
    return this.#hasEnded || (this.#hasClosedFirst && this.closeFrame !== undefined);
  }

  /** Ends the connection at once. */
  destroy(): void {
    this.#hasEnded = true;
    this.#socket?.destroy();
  }

  /** Sends a FIN: what comes is still received. */
  finish(): void {
    this.#hasEnded = true;
    this.#socket?.end();
  }

  get #socket(): Socket | undefined {
    return this.#line.kind === 'open' || this.#line.kind === 'connected' ? this.#line.socket : undefined;
  }

  /** Remembers what is sent, and what the messages ask for. */
  #noteFrame(spec: FrameSpec): void {
    const { opcode, fin = true, rsv = 0 } = spec;
    this.#record('sent', { opcode, fin, rsv, payload: Buffer.from(spec.payload ?? '') });
    if (opcode === OPCODE.close) {
      this.#hasSentClose = true;
      this.#hasClosedFirst ||= this.closeFrame === undefined;
    }
    this.askedFor.note(spec, this.#dialect);
  }

  #open(socket: Socket, answer: UpgradeAnswer): void {
    this.#line = { kind: 'open', socket, parser: new FrameParser((frame) => this.#onFrame(frame)) };
    if (answer.rest.length > 0) this.#take(answer.rest);
  }

  #take(chunk: Buffer): void {
    const line = this.#line;
    if (line.kind === 'connected') {
      this.#received = Buffer.concat([this.#received, chunk]);
      line.onAnswer?.(this.#received);
    } else if (line.kind === 'open') {
      try {
        line.parser.push(chunk);
      } catch (error) {
        this.inbox.violate((error as Error).message);
      }
    }
    this.#changes.tell();
  }

  #onFrame(frame: Frame): void {
    const payload = Buffer.from(frame.payload);
    this.#record('received', { ...frame, payload });
    this.inbox.take({ ...frame, payload }, this.#dialect);
    if (this.isRaw) return;
    if (frame.opcode === OPCODE.ping) this.frame({ opcode: OPCODE.pong, payload });
    if (frame.opcode === OPCODE.close && !this.#hasSentClose) this.frame({ opcode: OPCODE.close, payload });
  }

  #ended(socket: Socket, hasFin: boolean): void {
    if (this.#line.kind === 'ended' || this.#line.kind === 'idle' || this.#line.socket !== socket) return;
    const how = this.closeFrame ? 'close-frame' : hasFin ? 'fin' : 'reset';
    const { code, reason } = this.closeFrame ?? { code: 1006, reason: '' };
    this.#line = { kind: 'ended', end: { code, reason, how, at: performance.now() } };
    this.#note('connection ended');
    this.#changes.tell();
  }

  /** A close frame's code is in its name, its reason is what is left. */
  #record(direction: 'sent' | 'received', frame: Pick<Frame, 'opcode' | 'fin' | 'rsv' | 'payload'>): void {
    const payload = frame.opcode === OPCODE.close ? frame.payload.subarray(2) : frame.payload;
    this.#recorder.record(this.name, { direction, what: describeFrame(frame), payload });
  }

  #note(what: string): void {
    this.#recorder.record(this.name, { direction: 'note', what });
  }
}
