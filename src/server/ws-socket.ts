import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { CLOSE_CODES, type Dialect, SUBPROTOCOL } from '../protocol/index.js';
import type { OutboxSocket } from './outbox.js';

/** What the owner of a socket is told; the socket calls nothing after `closed`. */
export interface SocketOwner {
  text(bytes: Buffer): void;
  binary(): void;
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

const OWNER = Symbol('owner');

interface Owned {
  [OWNER]?: SocketOwner;
}

/**
 * `ws` closes by this method too, when it answers a close frame or a broken one: only here can what waits still go
 * before its close frame.
 */
class PeerSocket extends WebSocket {
  override close(code?: number, reason?: string | Buffer): void {
    (this as Owned)[OWNER]?.closing(code ?? CLOSE_CODES.noStatus.code);
    super.close(code, reason);
  }
}

/**
 * A WebSocket of the `ws` package and the raw socket below it: `ws` does the handshake, receives, pings and closes;
 * data frames are written to the raw socket, whole. The listeners are shared by all sockets, so that a peer costs no
 * closures.
 */
export class WsSocket implements OutboxSocket {
  readonly #ws: WebSocket;
  readonly #raw: Duplex;

  constructor(ws: WebSocket, raw: Duplex) {
    this.#ws = ws;
    this.#raw = raw;
  }

  get dialect(): Dialect {
    return this.#ws.protocol === SUBPROTOCOL ? 'v1' : 'base';
  }

  get isOpen(): boolean {
    return this.#ws.readyState === WebSocket.OPEN;
  }

  get writableLength(): number {
    return this.#raw.writableLength;
  }

  /** Bytes that have come from the peer so far: any of them is a sign of life. */
  get bytesRead(): number {
    return (this.#raw as Duplex & { readonly bytesRead: number }).bytesRead;
  }

  /** From now on `owner` is told what happens. */
  own(owner: SocketOwner): void {
    (this.#ws as Owned)[OWNER] = owner;
    (this.#raw as Owned)[OWNER] = owner;
    this.#ws.on('message', onMessage);
    this.#ws.on('error', onError);
    this.#ws.on('close', onClose);
    this.#raw.on('drain', onDrain);
  }

  /** Writes whole data frames behind everything that has been written. */
  write(frames: Uint8Array): void {
    this.#raw.write(frames);
  }

  ping(): void {
    this.#ws.ping();
  }

  /** Sends a close frame; the socket is destroyed when the peer does not answer within the acceptor's bound. */
  close(code: number, reason: string): void {
    this.#ws.close(code, reason);
  }

  /** Destroys the socket without a close frame. */
  terminate(): void {
    this.#ws.terminate();
  }
}

/** Turns checked upgrade requests into sockets. */
export class Acceptor {
  readonly #server: WebSocketServer;

  constructor(limits: { readonly maxMessageBytes: number; readonly closeTimeoutMs: number }) {
    this.#server = new WebSocketServer({
      WebSocket: PeerSocket,
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
    this.#server.handleUpgrade(upgrade.request, upgrade.raw, upgrade.head, (ws) => accepted(new WsSocket(ws, upgrade.raw)));
  }
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  const owner = (this as Owned)[OWNER];
  // With the default `binaryType` a message is always one Buffer.
  if (isBinary) owner?.binary();
  else owner?.text(data as Buffer);
}

function onError(this: WebSocket, error: Error): void {
  (this as Owned)[OWNER]?.broken(error.message);
}

function onClose(this: WebSocket, code: number): void {
  (this as Owned)[OWNER]?.closed(code);
}

function onDrain(this: Duplex): void {
  (this as Owned)[OWNER]?.drained();
}
