import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { CLOSE_CODES, type Dialect, SUBPROTOCOL } from '../protocol/index.js';
import type { TcpEnds } from './kernel-queue.js';
import type { OutboxSocket } from './outbox.js';

/** What the owner of a socket is told; the socket calls nothing after `closed`. */
export interface SocketOwner {
  text(bytes: Buffer): void;
  binary(): void;
  /** Whether messages wait that came before: a pong has to wait, too, for it says that they are in force. */
  readonly isHeldUp: boolean;
  /** Has `answer` called behind them. */
  hold(answer: () => void): void;
  /** `ws` has destroyed the socket of a peer that goes on pinging and reads no pongs. */
  flooded(): void;
  /** The kernel has taken what the raw socket held. */
  drained(): void;
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

const OWNER = Symbol('owner');

/** The raw socket knows whom to tell, so that one listener serves all of them. */
interface Owned {
  [OWNER]?: SocketOwner;
}

/**
 * A WebSocket of the `ws` package and the raw socket below it: `ws` does the handshake, receives, answers pings and
 * closes; data frames and pings are written to the raw socket, whole. `ws` tells by `emit` what happens: it is passed on
 * there, so that a peer costs neither listeners nor closures, nor a second object.
 */
export class WsSocket extends WebSocket implements OutboxSocket {
  #raw: Duplex | undefined;
  #owner: SocketOwner | undefined;

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

  /** Bytes that have come from the peer so far: any of them is a sign of life. */
  get bytesRead(): number {
    return (this.#raw as Duplex & { readonly bytesRead: number }).bytesRead;
  }

  /** Names the raw socket below, once, before anything is written or read. */
  attach(raw: Duplex): void {
    this.#raw = raw;
    raw.on('drain', onDrain);
  }

  /** From now on `owner` is told what happens. */
  own(owner: SocketOwner): void {
    this.#owner = owner;
    (this.#raw as Owned)[OWNER] = owner;
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
    this.#owner?.closing(code ?? CLOSE_CODES.noStatus.code);
    super.close(code, reason);
  }

  override emit(event: string | symbol, first?: unknown, second?: unknown): boolean {
    const owner = this.#owner;
    if (!owner) return false;
    // With the default `binaryType` a message is always one Buffer.
    if (event === 'message') second === true ? owner.binary() : owner.text(first as Buffer);
    else if (event === 'close') owner.closed(first as number);
    else if (event === 'error') owner.broken((first as Error).message);
    return true;
  }
}

/** Turns checked upgrade requests into sockets. */
export class Acceptor {
  readonly #server: WebSocketServer;

  constructor(limits: { readonly maxMessageBytes: number; readonly closeTimeoutMs: number }) {
    this.#server = new WebSocketServer({
      WebSocket: WsSocket,
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: limits.maxMessageBytes,
      maxFragments: MOST_FRAGMENTS,
      closeTimeout: limits.closeTimeoutMs,
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    } as ConstructorParameters<typeof WebSocketServer>[0]);
  }

  /** Answers 101 and hands the socket over at once, or refuses a header that is malformed (RFC 6455 section 4.2). */
  accept(upgrade: { request: IncomingMessage; raw: Duplex; head: Buffer }, accepted: (socket: WsSocket) => void): void {
    this.#server.handleUpgrade(upgrade.request, upgrade.raw, upgrade.head, (ws) => {
      const socket = ws as unknown as WsSocket;
      socket.attach(upgrade.raw);
      accepted(socket);
    });
  }
}

function onDrain(this: Duplex): void {
  (this as Owned)[OWNER]?.drained();
}
