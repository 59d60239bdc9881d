import type { Socket } from 'node:net';
import {
  acceptFor,
  connectSocket,
  type Frame,
  FrameParser,
  type FrameSpec,
  OPCODE,
  readAnswer,
  type UpgradeAnswer,
  upgradeRequest,
  writeFrame,
} from '../../peer/index.js';
import { type Dialect, decodePeerMessage, SUBPROTOCOL, type Subscription } from '../../protocol/index.js';
import { StepFailure } from '../run/step-failure.js';
import { type Arrival, FENCE_TOKEN, kindOf, readArrival } from './arrival.js';
import type { Endpoint } from './endpoint.js';
import { FrameCheck, FrameViolation } from './frame-check.js';
import type { WireRecorder } from './wire-recorder.js';

/** What the upgrade request says, beyond what the client's own description says. */
export interface Handshake {
  readonly path?: string | undefined;
  /** `null` leaves one out. */
  readonly headers?: Readonly<Record<string, string | null>> | undefined;
  readonly subprotocols?: readonly string[] | undefined;
  readonly method?: string | undefined;
  readonly version?: string | undefined;
  /** The whole head instead of all others. */
  readonly request?: string | undefined;
  /** Sent in the same segment. */
  readonly glue?: Uint8Array | undefined;
  /** Whether a FIN follows at once. */
  readonly end?: boolean | undefined;
}

/** How a connection ended. */
export interface LineEnd {
  /** Of the server's close frame; 1005 if it had none, 1006 without a close frame. */
  readonly code: number;
  readonly reason: string;
  readonly how: 'close-frame' | 'fin' | 'reset';
}

/** A frame that came, and whether a step has claimed it. */
export interface FrameArrival {
  readonly frame: Frame;
  isClaimed: boolean;
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
  readonly #isRaw: boolean;
  readonly #recorder: WireRecorder;
  readonly #watchers = new Set<() => void>();
  readonly #arrivals: Arrival[] = [];
  readonly #fences: Arrival[] = [];
  readonly #frames: FrameArrival[] = [];
  #line: Line = { kind: 'idle' };
  #check = new FrameCheck();
  #dialect: Dialect = 'base';
  #subscriptions: readonly Subscription[] = [];
  #setsSent = 0;
  #openings = 0;
  /** A message that is being sent in fragments. */
  #outgoing: Buffer[] | undefined;
  #messagesOfLine = 0;
  #closeFrame: { readonly code: number; readonly reason: string } | undefined;
  #hasSentClose = false;
  /** Whether its close frame was sent before one had come. */
  #hasClosedFirst = false;
  #hasEnded = false;
  #received: Buffer = Buffer.alloc(0);
  #violation: StepFailure | undefined;
  /** What of the end a step has expected. */
  isEndClaimed = false;

  constructor(name: string, isRaw: boolean, recorder: WireRecorder) {
    this.name = name;
    this.#isRaw = isRaw;
    this.#recorder = recorder;
  }

  get kind(): Line['kind'] {
    return this.#line.kind;
  }

  get isRaw(): boolean {
    return this.#isRaw;
  }

  get dialect(): Dialect {
    return this.#dialect;
  }

  /** What the client has asked for last, as far as the server had to take it. */
  get subscriptions(): readonly Subscription[] {
    return this.#subscriptions;
  }

  /** How often it was opened; a `wsn.v1` server says hello each time. */
  get openings(): number {
    return this.#openings;
  }

  /** Messages of subscriptions that were sent; a `wsn.v1` server answers each. */
  get setsSent(): number {
    return this.#setsSent;
  }

  /** All messages but fences, in the order in which they came. */
  get arrivals(): readonly Arrival[] {
    return this.#arrivals;
  }

  /** Fences, also those that were for others. */
  get fences(): readonly Arrival[] {
    return this.#fences;
  }

  get frames(): readonly FrameArrival[] {
    return this.#frames;
  }

  /** The server's close frame, as soon as it is there. */
  get closeFrame(): { readonly code: number; readonly reason: string } | undefined {
    return this.#closeFrame;
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
    this.#check = new FrameCheck();
    this.#subscriptions = [];
    this.#openings++;
    this.#messagesOfLine = 0;
    this.#outgoing = undefined;
    this.#closeFrame = undefined;
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
    const isOpen = new Promise<undefined>((resolve) => socket.once(endpoint.tls ? 'secureConnect' : 'connect', () => resolve(undefined)));
    const problem = await Promise.race([isOpen, failure, late(timeoutMs, 'there was no connection in time')]);
    if (problem === undefined) return;
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
    const { text, accept } = requestOf(endpoint, handshake);
    this.#recorder.record(this.name, { direction: 'sent', what: 'HTTP', payload: text });
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
    line.socket.write(Buffer.concat([Buffer.from(text, 'latin1'), handshake.glue ?? Buffer.alloc(0)]));
    if (handshake.end) this.finish();
    const answer = await Promise.race([answered, late(timeoutMs, undefined)]);
    if (!answer) throw new StepFailure(`${this.name}: no answer to the handshake came within ${timeoutMs} ms`);
    this.#recorder.record(this.name, { direction: 'received', what: `HTTP ${answer.status}`, payload: headOf(this.#received) });
    if (answer.status !== 101) {
      this.isEndClaimed = true; // there is no WebSocket whose end could be a surprise
      return answer;
    }
    checkUpgrade(this.name, answer, accept, offeredIn(text));
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
    await this.#write(bytes, chop);
  }

  /** Sends frames in one segment, or in writes of `chop` bytes. */
  async sendFrames(specs: readonly FrameSpec[], chop?: number): Promise<void> {
    for (const spec of specs) this.#noteFrame(spec);
    await this.#write(Buffer.concat(specs.map(writeFrame)), chop);
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
  async until<T>(look: () => T | undefined, timeoutMs: number): Promise<T | undefined> {
    const first = this.#lookSafely(look);
    if (first !== undefined || this.#line.kind === 'ended' || this.#line.kind === 'idle') return first;
    return new Promise<T | undefined>((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        this.#watchers.delete(watcher);
        act();
      };
      const watcher = () => {
        try {
          const found = this.#lookSafely(look);
          if (found !== undefined || this.#line.kind === 'ended') settle(() => resolve(found));
        } catch (error) {
          settle(() => reject(error));
        }
      };
      const timer = setTimeout(() => settle(() => resolve(undefined)), timeoutMs);
      this.#watchers.add(watcher);
    });
  }

  /** @throws StepFailure when the server has sent what it must not send. */
  assertUnviolated(): void {
    if (this.#violation) throw this.#violation;
  }

  /** Writes into the client's part of the wire log. */
  note(what: string): void {
    this.#note(what);
  }

  /** Whether the client itself has ended the connection, so that nobody has to expect its end. */
  get hasEnded(): boolean {
    return this.#hasEnded || (this.#hasClosedFirst && this.#closeFrame !== undefined);
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

  /** Ends the connection with a RST. */
  reset(): void {
    this.#hasEnded = true;
    this.#socket?.resetAndDestroy();
  }

  get #socket(): Socket | undefined {
    return this.#line.kind === 'open' || this.#line.kind === 'connected' ? this.#line.socket : undefined;
  }

  async #write(bytes: Uint8Array, chop = bytes.length): Promise<void> {
    for (let at = 0; at < bytes.length; at += chop) {
      if (!this.#socket?.writable) return;
      this.#socket.write(bytes.subarray(at, at + chop));
      if (at + chop < bytes.length) await nextTurn();
    }
  }

  /** Remembers what is sent, and what the messages ask for. */
  #noteFrame({ opcode, fin = true, rsv = 0, payload = '' }: FrameSpec): void {
    this.#recorder.record(this.name, { direction: 'sent', what: describeFrame({ fin, rsv, opcode }), payload });
    if (opcode === OPCODE.close) {
      this.#hasSentClose = true;
      this.#hasClosedFirst ||= this.#closeFrame === undefined;
    }
    if (opcode >= 8) return;
    this.#outgoing = [...(opcode === OPCODE.continuation ? (this.#outgoing ?? []) : []), Buffer.from(payload)];
    if (!fin) return;
    const bytes = Buffer.concat(this.#outgoing);
    this.#outgoing = undefined;
    try {
      const message = decodePeerMessage({ bytes, text: bytes.toString() }, this.#dialect);
      if (message.kind !== 'subscribe') return;
      this.#subscriptions = message.subscriptions;
      this.#setsSent++;
    } catch {
      // What the server has to refuse changes nothing.
    }
  }

  #lookSafely<T>(look: () => T | undefined): T | undefined {
    this.assertUnviolated();
    return look();
  }

  #open(socket: Socket, answer: UpgradeAnswer): void {
    this.#dialect = answer.headers['sec-websocket-protocol'] === SUBPROTOCOL ? 'v1' : 'base';
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
        this.#violate((error as Error).message);
      }
    }
    this.#changed();
  }

  #onFrame(frame: Frame): void {
    const payload = Buffer.from(frame.payload);
    this.#recorder.record(this.name, {
      direction: 'received',
      what: describeFrame(frame),
      payload: frame.opcode === OPCODE.close ? payload.subarray(2) : payload,
    });
    this.#frames.push({ frame: { ...frame, payload }, isClaimed: false });
    try {
      const message = this.#check.take(frame);
      if (message) this.#onMessage(message.toString('utf8'));
    } catch (error) {
      if (!(error instanceof FrameViolation)) throw error;
      this.#violate(error.message);
    }
    if (frame.opcode === OPCODE.close) this.#onClose(payload);
    if (frame.opcode === OPCODE.ping && !this.#isRaw) this.frame({ opcode: OPCODE.pong, payload });
  }

  #onMessage(text: string): void {
    const arrival = readArrival(text);
    if (!arrival) {
      this.#violate('a text message came that is none of the protocol: expected a JSON object whose sender is "server"', text);
      return;
    }
    this.#messagesOfLine++;
    if (this.#dialect === 'v1' && this.#messagesOfLine === 1 && kindOf(arrival) !== 'hello') {
      this.#violate('the first message is no hello, which comes before anything else', text, 'R-5.3');
    }
    if (arrival.token?.startsWith(FENCE_TOKEN)) this.#fences.push(arrival);
    else this.#arrivals.push(arrival);
  }

  #onClose(payload: Buffer): void {
    this.#closeFrame = { code: payload.length < 2 ? 1005 : payload.readUInt16BE(0), reason: payload.toString('utf8', 2) };
    if (!this.#isRaw && !this.#hasSentClose) this.frame({ opcode: OPCODE.close, payload });
  }

  #violate(message: string, actual = '', rule = 'R-2.1'): void {
    this.#violation ??= new StepFailure(`${this.name}: ${message}`, { actual, rule });
  }

  #ended(socket: Socket, hasFin: boolean): void {
    if (this.#line.kind === 'ended' || this.#line.kind === 'idle' || this.#line.socket !== socket) return;
    const how = this.#closeFrame ? 'close-frame' : hasFin ? 'fin' : 'reset';
    const { code, reason } = this.#closeFrame ?? { code: 1006, reason: '' };
    this.#line = { kind: 'ended', end: { code, reason, how } };
    this.#note('connection ended');
    this.#changed();
  }

  #note(what: string): void {
    this.#recorder.record(this.name, { direction: 'note', what });
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}

/** A frame in a word or two, such as `text`, `ping`, `close 1000`, `text FIN=0`. */
function describeFrame(frame: Pick<Frame, 'fin' | 'rsv' | 'opcode'> & { readonly payload?: Buffer }): string {
  const name = Object.entries(OPCODE).find(([, opcode]) => opcode === frame.opcode)?.[0] ?? `opcode ${frame.opcode}`;
  const code = frame.opcode === OPCODE.close && frame.payload && frame.payload.length > 1 ? ` ${frame.payload.readUInt16BE(0)}` : '';
  return `${name}${code}${frame.fin ? '' : ' FIN=0'}${frame.rsv === 0 ? '' : ` RSV=${frame.rsv}`}`;
}

function requestOf(endpoint: Endpoint, handshake: Handshake): { readonly text: string; readonly accept: string | undefined } {
  if (handshake.request !== undefined) {
    const text = `${handshake.request.trimEnd().replace(/\r?\n/g, '\r\n')}\r\n\r\n`;
    const key = /^sec-websocket-key:[ \t]*(\S+)/im.exec(text)?.[1];
    return { text, accept: key === undefined ? undefined : acceptFor(key) };
  }
  const { path, headers, subprotocols, method, version } = handshake;
  const all = Object.fromEntries(Object.entries({ ...endpoint.headers, ...headers }).map(([name, value]) => [name, value ?? undefined]));
  return upgradeRequest({
    host: endpoint.hostName,
    port: endpoint.hostPort,
    path: path ?? endpoint.path,
    headers: all,
    subprotocols: subprotocols ?? [],
    ...(method === undefined ? {} : { method }),
    ...(version === undefined ? {} : { version }),
  });
}

/** @throws StepFailure when a 101 is not what RFC 6455 section 4.1 and R-5.1 ask for. */
function checkUpgrade(name: string, { headers }: UpgradeAnswer, accept: string | undefined, offered: readonly string[]): void {
  const problems = [
    headers.upgrade?.toLowerCase() === 'websocket' ? '' : `Upgrade is ${headers.upgrade ?? 'absent'}, expected websocket`,
    /\bupgrade\b/i.test(headers.connection ?? '') ? '' : `Connection is ${headers.connection ?? 'absent'}, expected Upgrade`,
    accept === undefined || headers['sec-websocket-accept'] === accept
      ? ''
      : `Sec-WebSocket-Accept is ${headers['sec-websocket-accept'] ?? 'absent'}, expected ${accept}`,
    headers['sec-websocket-extensions'] === undefined
      ? ''
      : `Sec-WebSocket-Extensions is ${headers['sec-websocket-extensions']}, expected none`,
    isRightSubprotocol(headers['sec-websocket-protocol'], offered)
      ? ''
      : `Sec-WebSocket-Protocol is ${headers['sec-websocket-protocol'] ?? 'absent'}, expected ${offered.includes(SUBPROTOCOL) ? SUBPROTOCOL : 'none'}`,
  ].filter((problem) => problem !== '');
  if (problems.length === 0) return;
  const rule = problems.every((problem) => problem.startsWith('Sec-WebSocket-Protocol')) ? 'R-5.1' : 'R-4.6';
  throw new StepFailure(`${name}: the answer to the handshake is wrong: ${problems[0]}`, { actual: problems.join('\n'), rule });
}

/** Subprotocols that a request offers, in one header or several. */
function offeredIn(request: string): readonly string[] {
  const headers = [...request.matchAll(/^sec-websocket-protocol:(.*)$/gim)];
  return headers.flatMap(([, value = '']) => value.split(',').map((name) => name.trim()));
}

function isRightSubprotocol(selected: string | undefined, offered: readonly string[]): boolean {
  return selected === (offered.includes(SUBPROTOCOL) ? SUBPROTOCOL : undefined);
}

/** After the event loop has gone round, what was written before is a segment of its own. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The answer as far as it is there at the end of a connection; what is none has been told when it came. */
function readSafely(bytes: Buffer, method: string | undefined): UpgradeAnswer | undefined {
  try {
    return readAnswer(bytes, method);
  } catch {
    return undefined;
  }
}

function headOf(bytes: Buffer): string {
  return bytes.toString('latin1', 0, bytes.indexOf('\r\n\r\n') + 1 || bytes.length);
}

function late<T>(timeoutMs: number, value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(resolve, timeoutMs, value).unref());
}
