import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { CLOSE_CODES, type Hello, type Topic } from '../protocol/index.js';
import { Admitter } from './admit.js';
import { PublishRule } from './authorise.js';
import { type Admission, Connection, type ConnectionParts } from './connection.js';
import { Fanout } from './fanout.js';
import { MemoryFeed } from './feed/memory.js';
import { Flusher } from './flusher.js';
import { encodeMessage } from './frame.js';
import { Gate } from './gate.js';
import { Heartbeat } from './heartbeat.js';
import { History } from './history.js';
import { type HttpParts, handleRequest } from './http.js';
import { Notifier } from './notify.js';
import { type Counters, newCounters } from './observe.js';
import { type BrokerOptions, resolveOptions } from './options.js';
import { Receiver } from './receive.js';
import { Registry, type RegistryStats } from './registry/registry.js';
import { Subscriber } from './subscribe.js';
import { Tolerance } from './tolerance.js';
import { Acceptor, type WsSocket } from './ws-socket.js';

/** How the broker stands now, and what it has done since it started. */
export interface BrokerStats extends Counters {
  /** Connections that are open or closing. */
  readonly peers: number;
  readonly registry: RegistryStats;
  readonly history: History['stats'];
}

/** A broker that listens. */
export interface Broker extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Where a client on this machine connects. */
  readonly url: string;
  stats(): BrokerStats;
  /** Closes every peer with 1001, waits for them within `drainTimeoutMs`, then ends what is left; joins a close that runs. */
  close(): Promise<void>;
  /** Ends everything at once. */
  terminate(): void;
}

/** How often what is too old is looked for. */
const SWEEP_MS = 5000;
/** Longer than the 60 s after which proxies usually give up an idle connection, so that they do so first. */
const KEEP_ALIVE_MS = 65_000;
/** A whole request with its body: Node's own default, which must not be less than the time for the head. */
const REQUEST_MS = 300_000;

/**
 * Starts a broker.
 * @throws OptionError for an option out of bounds; Node's error (`EADDRINUSE`, `EACCES`, `ENOTFOUND`, …) when it cannot listen.
 */
export async function startBroker(given: Partial<BrokerOptions> = {}): Promise<Broker> {
  const options = resolveOptions(given);
  const broker = new RunningBroker(options);
  await broker.listen();
  return broker;
}

/** Owns every lifetime of a broker and wires its parts: what has to go up the path goes through a callback from here. */
class RunningBroker implements Broker {
  readonly #options: BrokerOptions;
  readonly #counters = newCounters();
  readonly #registry: Registry;
  readonly #history: History;
  readonly #flusher: Flusher;
  /** Holds every connection until it is gone. */
  readonly #heartbeat: Heartbeat<Connection>;
  readonly #sweep: NodeJS.Timeout;
  /** Sockets on which no request has come yet: browsers open such ones in advance. */
  readonly #silent = new Set<Socket>();
  /** Answers that have not been given. */
  readonly #answering = new Set<ServerResponse>();
  readonly #parts: ConnectionParts;
  readonly #http: Server;
  /** Kept, for the listener forgets it when it closes. */
  #address: AddressInfo = { address: '', family: '', port: 0 };
  #closing: Promise<void> | undefined;
  #whenEmpty: (() => void) | undefined;

  constructor(options: BrokerOptions) {
    const { log } = options;
    this.#options = options;
    this.#history = new History(options);
    const isWatched = (topic: Topic): boolean => this.#registry.isWatched(topic);
    this.#registry = new Registry((topic) => this.#history.release(topic, isWatched));
    this.#flusher = new Flusher(options);
    this.#heartbeat = new Heartbeat(options.pingIntervalMs);
    this.#sweep = setInterval(() => this.#history.sweep(isWatched), SWEEP_MS).unref();
    const fanout = new Fanout(this.#registry, this.#flusher);
    const feed = new MemoryFeed(this.#history, {
      deliver: (entry) => fanout.deliver(entry),
      reset(topic, position, because) {
        log.error({ err: because, ...topic }, 'a fan-out failed: the topic starts a new epoch');
        fanout.reset(topic, position);
      },
    });
    const notifier = new Notifier(feed, { log, counters: this.#counters });
    const subscriber = new Subscriber({
      feed,
      history: this.#history,
      registry: this.#registry,
      log,
      maxOutboxBytes: options.maxOutboxBytes,
    });
    const gate = new Gate(this.#flusher);
    const tolerance = options.tolerant ? new Tolerance() : undefined;
    this.#parts = {
      receiver: new Receiver({ subscriber, notifier, log, counters: this.#counters, tolerance }),
      gate,
      registry: this.#registry,
      flusher: this.#flusher,
      log,
      counters: this.#counters,
      head: (topic) => feed.head(topic),
      gone: (connection) => this.#forget(connection),
    };
    const rule = new PublishRule(options.allowPublish);
    const isDraining = (): boolean => this.#closing !== undefined;
    const admitter = new Admitter({ acceptor: new Acceptor(options), rule, log, isDraining });
    const httpParts = { notifier, gate, rule, log, maxMessageBytes: options.maxMessageBytes, isDraining };
    this.#http = createServer(
      {
        headersTimeout: options.handshakeTimeoutMs,
        requestTimeout: Math.max(REQUEST_MS, options.handshakeTimeoutMs),
        connectionsCheckingInterval: Math.min(1000, options.handshakeTimeoutMs),
        keepAliveTimeout: KEEP_ALIVE_MS,
      },
      (request, response) => this.#receive(request, response, httpParts),
    );
    // All of them: Node would forget those beyond 2,000, and with them the header by which a proxy names somebody else (R-7.1).
    this.#http.maxHeadersCount = 0;
    // One listener for all, and taken off again: a peer costs no closure.
    const silent = this.#silent;
    function gone(this: Socket): void {
      silent.delete(this);
    }
    this.#http.on('connection', (socket: Socket) => silent.add(socket.on('close', gone)));
    this.#http.on('upgrade', (request, raw, head) => {
      silent.delete(request.socket.off('close', gone));
      admitter.admit({ request, raw, head }, (socket, admission) => this.#welcome(socket, admission));
    });
  }

  get host(): string {
    return this.#address.address;
  }

  get port(): number {
    return this.#address.port;
  }

  get url(): string {
    const { host } = this;
    const local = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
    return `ws://${local.includes(':') ? `[${local}]` : local}:${this.port}`;
  }

  /** Starts to listen, or gives everything up. */
  async listen(): Promise<void> {
    try {
      this.#http.listen(this.#options.port, this.#options.host);
      await once(this.#http, 'listening');
    } catch (error) {
      this.#stopTimers();
      throw error;
    }
    this.#address = this.#http.address() as AddressInfo;
    this.#http.on('error', (error) => this.#options.log.error({ err: error }, 'the listener failed'));
  }

  stats(): BrokerStats {
    return { ...this.#counters, peers: this.#heartbeat.size, registry: this.#registry.stats, history: this.#history.stats };
  }

  close(): Promise<void> {
    this.#closing ??= this.#drain();
    return this.#closing;
  }

  terminate(): void {
    for (const connection of this.#heartbeat.members()) connection.drop(CLOSE_CODES.goingAway.code, 'the broker ended');
    this.#http.closeAllConnections();
    void this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #receive(request: IncomingMessage, response: ServerResponse, parts: HttpParts): void {
    this.#silent.delete(request.socket);
    this.#answering.add(response);
    response.once('close', () => this.#answering.delete(response));
    if (this.#closing) endWith(response);
    handleRequest(parts, request, response);
  }

  #welcome(socket: WsSocket, admission: Admission): void {
    const connection = new Connection(socket, admission, this.#parts);
    this.#heartbeat.add(connection);
    this.#counters.connections++;
    const { id, address, mayPublish } = admission;
    this.#options.log.info({ connection: id, address, dialect: connection.dialect, mayPublish }, 'connected');
    if (connection.dialect === 'v1') connection.outbox.push(encodeMessage({ kind: 'hello', hello: this.#hello(id) }));
  }

  #hello(connection: string): Hello {
    const { pingIntervalMs, reconnectJitterMs } = this.#options;
    return { version: 1, connection, heartbeatMs: pingIntervalMs, jitterMs: reconnectJitterMs };
  }

  #forget(connection: Connection): void {
    this.#heartbeat.delete(connection);
    if (this.#heartbeat.size === 0) this.#whenEmpty?.();
  }

  async #drain(): Promise<void> {
    this.#options.log.info({ peers: this.#heartbeat.size }, 'draining');
    const isClosed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    this.#http.closeIdleConnections();
    for (const response of this.#answering) endWith(response);
    const isEmpty = new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
      if (this.#heartbeat.size === 0) resolve();
    });
    for (const connection of this.#heartbeat.members()) connection.close(CLOSE_CODES.goingAway.code, 'the broker shuts down');
    const bound = setTimeout(() => this.terminate(), this.#options.drainTimeoutMs);
    await isEmpty;
    // Until now they could still ask, and be told; but they must not hold up the end.
    for (const socket of this.#silent) socket.destroy();
    await isClosed;
    clearTimeout(bound);
    this.#stopTimers();
    this.#options.log.info({}, 'stopped');
  }

  #stopTimers(): void {
    this.#heartbeat.stop();
    this.#flusher.stop();
    clearInterval(this.#sweep);
  }
}

/** Has the connection end behind this answer, for an idle one would hold up the shutdown. */
function endWith(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('Connection', 'close');
}
