import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { CLOSE_CODES, type Dialect, SUBPROTOCOL } from '../protocol/index.js';
import type { TcpEnds } from './kernel-queue.js';
import type { Intake, Source } from './limits/intake.js';
import type { OutboxSocket } from './outbox.js';

/** What the owner of a socket is told; the socket calls nothing after `closed`. */
export interface SocketOwner {
  text(bytes: Buffer): void;
  binary(): void;
  /** A ping has come, and its pong is on its way or waits: it counts as a message. */
  pinged(): void;
  /** Whether messages wait that came before: a pong has to wait, too, for it says that they are in force. */
  readonly isHeldUp: boolean;
  /** Has `answer` called behind them. */
  hold(answer: () => void): void;
  /** `ws` has destroyed the socket of a peer that goes on pinging and reads no pongs. */
  flooded(): void;
  /** The kernel has taken what the raw socket held. */
  drained(): void;
  /**
   * A close frame of the peer has come, or `ws` is about to close.
   * @returns whether something is waited for first: then `close` is called again.
   */
  awaits(code: number): boolean;
  /** The peer has ended its side: `end` ends ours, and may have to wait for what it has published. */
  ended(end: () => void): void;
  /** A close frame of ours is about to be written: the last moment for what waits. */
  closing(code: number): void;
  /** A message broke RFC 6455, or was too long: `ws` has closed with the code that fits. */
  broken(because: string): void;
  /** The connection is gone. `code` is what the peer's close frame said, 1005 without a code, 1006 without a frame. */
  closed(code: number): void;
}

/** Fragments of one message: Autobahn's finest cutting of 1 MiB, four times over; `ws` closes with 1008 beyond. */
const MOST_FRAGMENTS = 65_536;

/** A ping without payload, as RFC 6455 section 5.5.2 has it: the same bytes for every peer. */
const PING = Buffer.from([0x89, 0x00]);

/** Of a message that is not whole: any line brings that much within a heartbeat. */
const PROGRESS_BYTES = 16 * 1024;

const ABOVE = Symbol('above');

/** The raw socket knows the WebSocket above it, so that one listener serves all of them. */
interface Below {
  [ABOVE]?: WsSocket;
}

/**
 * A WebSocket of the `ws` package and the raw socket below it: `ws` does the handshake, receives, answers pings and
 * closes; data frames and pings are written to the raw socket, whole. `ws` tells by `emit` what happens: it is passed on
 * there, so that a peer costs neither listeners nor closures, nor a second object.
 */
export class WsSocket extends WebSocket implements OutboxSocket, Source {
  pieceBytes = 0;
  owesUntil = 0;
  #raw: Duplex | undefined;
  #owner: SocketOwner | undefined;
  /** What `ws` does at the end of the raw socket. */
  #onEnd: (() => void) | undefined;
  #intake: Intake | undefined;
  #events = 0;
  #isInflating = false;

  get dialect(): Dialect {
    return this.protocol === SUBPROTOCOL ? 'v1' : 'base';
  }

  get isOpen(): boolean {
    return this.readyState === WebSocket.OPEN;
  }

  get raw(): Duplex {
    return this.#raw as Duplex;
  }

  get ends(): TcpEnds | undefined {
    const { localPort, remoteAddress, remotePort } = this.#raw as Socket;
    if (localPort === undefined || remoteAddress === undefined || remotePort === undefined) return undefined;
    return { localPort, remoteAddress, remotePort };
  }

  /**
   * Bytes that have come from the peer and been looked at: any of them is a sign of life. What waits to be read
   * is none yet, or a peer that the intake makes wait would seem silent.
   */
  get bytesRead(): number {
    const { bytesRead, readableLength } = this.#raw as Duplex & { readonly bytesRead: number };
    return bytesRead - readableLength;
  }

  /** Grows with every message and control frame that has come whole, and with every 16 KiB of a longer one. */
  get progress(): number {
    return this.#events + Math.floor(this.bytesRead / PROGRESS_BYTES);
  }

  /** Names the raw socket below and who reads from it, once, before anything is written or read. */
  attach(raw: Duplex, intake: Intake | undefined): void {
    this.#raw = raw;
    this.#intake = intake;
    (raw as Below)[ABOVE] = this;
    // `ws` would end our side at once, and with it the answer to what is on its way.
    this.#onEnd = raw.listeners('end').find(({ name }) => name === 'socketOnEnd') as (() => void) | undefined;
    if (this.#onEnd) raw.off('end', this.#onEnd).on('end', onEnd);
    raw.on('drain', onDrain);
    raw.prependListener('close', onClose);
    if (!intake) return;
    // From here on nothing flows by itself: `ws` gets its `data` when the intake reads.
    raw.on('readable', onReadable);
    // So a pause of the stream stops nothing. `ws` asks for one only where it does not act on all it gets at once.
    if (this.extensions !== '') Object.assign(raw, { pause: onPause, resume: onResume });
  }

  /** From now on `owner` is told what happens. */
  own(owner: SocketOwner): void {
    this.#owner = owner;
  }

  /** The kernel has taken what the raw socket held. */
  drained(): void {
    this.#owner?.drained();
  }

  /** The peer has ended its side. */
  ended(): void {
    const end = (): void => this.#onEnd?.call(this.#raw);
    if (this.#owner) this.#owner.ended(end);
    else end();
  }

  /** The raw socket is closed: `ws` would read at once all that is left, which of a peer that was dropped counts nothing. */
  forget(): void {
    if (this.isOpen) return;
    this.#raw?.removeAllListeners('data');
    this.#raw?.read();
  }

  /** There is something to read, or its end. */
  readable(): void {
    this.#intake?.read(this);
  }

  /** Whether the gate holds the peer back, or `ws` still inflates what it has. */
  get isStopped(): boolean {
    return this.isPaused || this.#isInflating;
  }

  /** `ws` wants nothing more for now, or goes on. */
  inflating(isInflating: boolean): void {
    this.#isInflating = isInflating;
    if (!isInflating) this.readable();
  }

  override resume(): void {
    super.resume();
    this.readable();
  }

  /** Writes whole frames behind everything that has been written. */
  write(frames: Uint8Array): void {
    this.#raw?.write(frames);
  }

  override ping(): void {
    if (this.isOpen) this.write(PING);
  }

  /**
   * `ws` answers pings by this method: here the answer can still wait for what came before the ping. While it does it is
   * none of the pongs that `ws` counts as unread.
   */
  override pong(data?: Buffer, mask?: boolean, written?: (error: Error) => void): void {
    if (!this.#owner?.isHeldUp) {
      super.pong(data, mask, written);
      return;
    }
    (written as (() => void) | undefined)?.();
    this.#owner.hold(() => super.pong(data, mask));
  }

  /** Destroys the socket without a close frame; so does `ws` by this method when too many pongs wait. */
  override terminate(): void {
    this.#owner?.flooded();
    super.terminate();
  }

  /**
   * Sends a close frame; the socket is destroyed when the peer does not answer within the acceptor's bound. `ws` closes
   * by this method too, when it answers a close frame or a broken one: only here can what waits still go before its
   * close frame.
   */
  override close(code?: number, reason?: string | Buffer): void {
    if (this.#owner?.awaits(code ?? CLOSE_CODES.noStatus.code)) return;
    this.#owner?.closing(code ?? CLOSE_CODES.noStatus.code);
    super.close(code, reason);
  }

  override emit(event: string | symbol, first?: unknown, second?: unknown): boolean {
    const owner = this.#owner;
    if (!owner) return false;
    this.#events++;
    // With the default `binaryType` a message is always one Buffer.
    if (event === 'message') second === true ? owner.binary() : owner.text(first as Buffer);
    else if (event === 'ping') owner.pinged();
    else if (event === 'close') owner.closed(first as number);
    else if (event === 'error') owner.broken((first as Error).message);
    return true;
  }
}

/** What an acceptor obeys. */
interface AcceptorOptions {
  readonly maxMessageBytes: number;
  readonly closeTimeoutMs: number;
  /** Whether peers may compress what they send. */
  readonly permessageDeflate: boolean;
}

/**
 * Only what comes is ever inflated, one message at a time; what the broker sends is not deflated. Without a context that
 * is kept between messages a peer costs nothing while it says nothing, and `maxPayload` ends what inflates beyond it.
 */
const DEFLATE = { serverNoContextTakeover: true, clientNoContextTakeover: true, concurrencyLimit: 4 };

/** Turns checked upgrade requests into sockets. */
export class Acceptor {
  readonly #server: WebSocketServer;
  readonly #intake: Intake | undefined;

  /** @param intake may be that of an acceptor before. */
  constructor(options: AcceptorOptions, intake?: Intake) {
    this.#intake = intake;
    this.#server = new WebSocketServer({
      WebSocket: WsSocket,
      noServer: true,
      clientTracking: false,
      perMessageDeflate: options.permessageDeflate && DEFLATE,
      maxPayload: options.maxMessageBytes,
      maxFragments: MOST_FRAGMENTS,
      closeTimeout: options.closeTimeoutMs,
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    } as ConstructorParameters<typeof WebSocketServer>[0]);
  }

  /** Answers 101 and hands the socket over at once, or refuses a header that is malformed (RFC 6455 section 4.2). */
  accept(upgrade: { request: IncomingMessage; raw: Duplex; head: Buffer }, accepted: (socket: WsSocket) => void): void {
    this.#server.handleUpgrade(upgrade.request, upgrade.raw, upgrade.head, (ws) => {
      const socket = ws as unknown as WsSocket;
      socket.attach(upgrade.raw, this.#intake);
      accepted(socket);
    });
  }
}

function onEnd(this: Duplex): void {
  (this as Below)[ABOVE]?.ended();
}

function onDrain(this: Duplex): void {
  (this as Below)[ABOVE]?.drained();
}

function onClose(this: Duplex): void {
  (this as Below)[ABOVE]?.forget();
}

function onPause<Raw extends Duplex>(this: Raw): Raw {
  (this as Below)[ABOVE]?.inflating(true);
  return this;
}

function onResume<Raw extends Duplex>(this: Raw): Raw {
  (this as Below)[ABOVE]?.inflating(false);
  return this;
}

function onReadable(this: Duplex): void {
  (this as Below)[ABOVE]?.readable();
}
