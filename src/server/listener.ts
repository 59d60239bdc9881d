import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Answering } from './answering.js';
import { headWithoutUpgrade, isForeignUpgrade } from './foreign-upgrade.js';
import { inTurn } from './in-turn.js';
import { listen } from './listen.js';
import type { BrokerOptions } from './options.js';
import type { Place } from './ports.js';
import type { SecureOptions } from './tls/certificates.js';
import { Handshakes } from './tls/handshakes.js';

/** What a listener hands on. */
export interface ListenerEvents {
  request(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, raw: Duplex, head: Buffer): void;
  readonly answering: Answering;
}

/** Longer than the 60 s after which proxies usually give up an idle connection, so that they do so first. */
const KEEP_ALIVE_MS = 65_000;
/** A whole request with its body, unless the time for its head alone is more. */
const REQUEST_MS = 60_000;
/** A request on which nothing moves, neither its body nor its answer. */
const IDLE_MS = 60_000;
/** Connections beside those that `maxConnections` counts: requests, and handshakes that are not done. */
const MOST_REQUESTS = 10_000;
/** Sockets on which nothing has been asked yet; beyond that whoever has waited longest goes. */
const MOST_SILENT = 10_000;

/** One port: takes connections, by TLS where there are certificates, until their first request or handshake. */
export class Listener {
  readonly #server: Server;
  readonly #handshakes: Handshakes | undefined;
  readonly #options: BrokerOptions;
  /** Sockets on which no request has come yet: browsers open such ones in advance. */
  readonly #silent = new Set<Socket>();
  #address: AddressInfo = { address: '', family: '', port: 0 };

  constructor(options: BrokerOptions, secure: SecureOptions | undefined, events: ListenerEvents) {
    this.#options = options;
    const { handshakeTimeoutMs } = options;
    const common: ServerOptions = {
      headersTimeout: handshakeTimeoutMs,
      requestTimeout: Math.max(REQUEST_MS, handshakeTimeoutMs),
      connectionsCheckingInterval: Math.min(1000, handshakeTimeoutMs),
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: options.maxHeaderBytes,
    };
    const asked = (request: IncomingMessage, response: ServerResponse): void => {
      this.#silent.delete(request.socket);
      events.request(request, response);
    };
    if (secure) {
      const server = createSecureServer({ ...common, ...secure, handshakeTimeout: handshakeTimeoutMs }, asked);
      server.on('tlsClientError', (error: NodeJS.ErrnoException) => options.log.debug({ because: error.code }, 'TLS handshake failed'));
      this.#handshakes = new Handshakes(server);
      this.#server = server;
    } else this.#server = createServer(common, asked);
    // Who has said all that it has to say still gets its answer, which may have to wait for the log (RFC 9112 section 9.6).
    Object.assign(this.#server, { httpAllowHalfOpen: true });
    // Else Node would say that a body is welcome before anybody has looked at the head.
    this.#server.on('checkContinue', asked);
    // All of them: Node would forget those beyond 2,000, and with them the header by which a proxy names somebody else.
    this.#server.maxHeadersCount = 0;
    // A WebSocket gives this up again: its heartbeat says more.
    this.#server.timeout = IDLE_MS;
    this.limit(options.maxConnections);
    this.#noteSilence(secure === undefined ? 'connection' : 'secureConnection', events);
  }

  get address(): AddressInfo {
    return this.#address;
  }

  /** @throws Node's error (`EADDRINUSE`, …) when it cannot listen. */
  async listen(place: Place): Promise<void> {
    this.#address = await listen(this.#server, place, this.#options.log);
  }

  /** New certificates for whoever connects from now on. */
  secure(options: SecureOptions): void {
    (this.#server as SecureServer).setSecureContext(options);
  }

  /**
   * Has the system refuse connections beyond these and those that they do not count.
   * @param maxConnections 0: any number.
   */
  limit(maxConnections: number): void {
    this.#server.maxConnections = maxConnections > 0 ? maxConnections + MOST_REQUESTS : Number.POSITIVE_INFINITY;
  }

  /** Takes no more connections; resolves when all are gone. */
  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    return closed;
  }

  /** Ends the connections on which nothing was asked: until now they could have been told. */
  endSilent(): void {
    for (const socket of this.#silent) socket.destroy();
    this.#handshakes?.destroy();
  }

  /** Ends all connections that are no WebSocket. */
  endAll(): void {
    this.#server.closeAllConnections();
    this.#handshakes?.destroy();
  }

  #noteSilence(event: 'connection' | 'secureConnection', events: ListenerEvents): void {
    const silent = this.#silent;
    // One listener for all, and taken off again: a peer costs no closure.
    function gone(this: Socket): void {
      silent.delete(this);
    }
    this.#server.on(event, (socket: Socket) => {
      silent.add(socket.on('close', gone));
      if (silent.size > MOST_SILENT) (silent.values().next().value as Socket).destroy();
    });
    this.#server.on('upgrade', (request: IncomingMessage, raw: Duplex, head: Buffer) => {
      silent.delete(request.socket.off('close', gone));
      inTurn(raw, events.answering.last(request.socket), () => {
        if (!isForeignUpgrade(request)) events.upgrade(request, raw, head);
        else {
          // The server reads it again.
          raw.unshift(Buffer.concat([headWithoutUpgrade(request), head]));
          this.#server.emit(event, raw);
        }
      });
    });
  }
}
