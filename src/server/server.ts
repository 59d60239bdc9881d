import type { IncomingMessage, ServerResponse } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { CLOSE_CODES, type Hello, type Topic } from '../protocol/index.js';
import { Admitter, strangerOf } from './admit.js';
import { Authentication } from './authenticate.js';
import { type Admission, Connection, type ConnectionParts } from './connection.js';
import { Fanout } from './fanout.js';
import { MemoryFeed } from './feed/memory.js';
import { Flusher } from './flusher.js';
import { encodeMessage } from './frame.js';
import { Gate } from './gate.js';
import { Heartbeat } from './heartbeat.js';
import { History } from './history.js';
import { type HttpParts, handleRequest } from './http.js';
import { Intake } from './limits/intake.js';
import { Limiter } from './limits/limiter.js';
import { Listener } from './listener.js';
import { mayPublish, Notifier } from './notify.js';
import { type Counters, newCounters } from './observe.js';
import { type BrokerOptions, OptionError, resolveOptions } from './options.js';
import { type Policy, preparePolicy } from './policy.js';
import { Receiver } from './receive.js';
import { Registry, type RegistryStats } from './registry/registry.js';
import { Subscriber } from './subscribe.js';
import { CertificateWatch } from './tls/certificate-watch.js';
import { loadCertificates, type ServerCertificates } from './tls/certificates.js';
import { tlsFiles } from './tls/tls-files.js';
import { Tolerance } from './tolerance.js';
import { Acceptor, type WsSocket } from './ws-socket.js';

/** How the broker stands now, and what it has done since it started. */
export interface BrokerStats extends Counters {
  /** Connections that are open or closing. */
  readonly peers: number;
  readonly registry: RegistryStats;
  readonly history: History['stats'];
  readonly limits: Limiter['stats'];
  /** When the first certificate of the server's chain ends, in ms since 1970; undefined without TLS. */
  readonly certificateExpiresAt: number | undefined;
}

/** A broker that listens. */
export interface Broker extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Port of the listener on which alone anybody may publish; undefined where there is one listener for all. */
  readonly publishPort: number | undefined;
  /** Where a client on this machine connects. */
  readonly url: string;
  stats(): BrokerStats;
  /**
   * Puts other options in force, and reads again the files that they name: all of it, or nothing.
   * @param given as for `startBroker`; without `log`, which stays.
   * @returns the names of the options that changed, also those of which only the file did.
   * @throws OptionError, and nothing has changed, for what cannot be taken, or not while the broker runs.
   */
  reconfigure(given: Partial<BrokerOptions>): Promise<readonly (keyof BrokerOptions)[]>;
  /** Closes every peer with 1001, waits for them within `drainTimeoutMs`, then ends what is left; joins a close that runs. */
  close(): Promise<void>;
  /** Ends everything at once. */
  terminate(): void;
}

/** How often what is too old is looked for. */
const SWEEP_MS = 5000;

/** What is built into a broker when it starts. */
const FIXED = [
  'host',
  'port',
  'publishHost',
  'publishPort',
  'tolerant',
  'pingIntervalMs',
  'handshakeTimeoutMs',
  'closeTimeoutMs',
  'drainTimeoutMs',
  'reconnectJitterMs',
  'slowReaderTimeoutMs',
  'maxOutboxBytes',
  'maxHeaderBytes',
  'historyNotifications',
  'historyAgeMs',
  'historyBytes',
] as const satisfies readonly (keyof BrokerOptions)[];

/**
 * Starts a broker.
 * @throws OptionError for an option, or a file that it names, that cannot be taken; Node's error (`EADDRINUSE`,
 *   `EACCES`, `ENOTFOUND`, …) when it cannot listen.
 */
export async function startBroker(given: Partial<BrokerOptions> = {}): Promise<Broker> {
  const { policy, certificates } = await prepare(resolveOptions(given));
  const broker = new RunningBroker(policy, certificates);
  await broker.listen();
  return broker;
}

/**
 * Checks options as `startBroker` would, with the keys, certificates and schemas that they name, and starts nothing.
 * @throws OptionError.
 */
export async function checkOptions(given: Partial<BrokerOptions>): Promise<void> {
  const { policy } = await prepare(resolveOptions(given));
  policy.authenticator.close();
}

async function prepare(options: BrokerOptions): Promise<{ policy: Policy; certificates: ServerCertificates | undefined }> {
  if (options.publishHost !== undefined && options.publishPort === undefined) {
    throw new OptionError('publishPort', `is missing: expected the port on which ${options.publishHost} takes publications`);
  }
  const files = tlsFiles(options);
  const certificates = files && (await loadCertificates(files));
  return { policy: await preparePolicy(options), certificates };
}

/** Owns every lifetime of a broker and wires its parts: what has to go up the path goes through a callback from here. */
class RunningBroker implements Broker {
  readonly #options: BrokerOptions;
  readonly #counters = newCounters();
  readonly #registry: Registry;
  readonly #history: History;
  readonly #subscriber: Subscriber;
  readonly #flusher: Flusher;
  readonly #limiter: Limiter;
  readonly #intake = new Intake(() => this.#counters.published);
  /** Holds every connection until it is gone. */
  readonly #heartbeat: Heartbeat<Connection>;
  readonly #sweep: NodeJS.Timeout;
  /** Answers that have not been given. */
  readonly #answering = new Set<ServerResponse>();
  readonly #parts: ConnectionParts;
  /** The second one, if there is one, is for publishers. */
  readonly #listeners: readonly Listener[];
  readonly #watch: CertificateWatch | undefined;
  #policy: Policy;
  #acceptor: Acceptor;
  /** Reconfigurations follow one another. */
  #reconfigured: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;
  #whenEmpty: (() => void) | undefined;

  constructor(policy: Policy, certificates: ServerCertificates | undefined) {
    const { options } = policy;
    const { log } = options;
    this.#options = options;
    this.#policy = policy;
    this.#acceptor = new Acceptor(options, this.#intake);
    this.#limiter = new Limiter(options);
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
    const shared = { log, counters: this.#counters, limiter: this.#limiter };
    const notifier = new Notifier(feed, { ...shared, schemas: () => this.#policy.schemas });
    const gate = new Gate(this.#flusher);
    const { maxOutboxBytes } = options;
    this.#subscriber = new Subscriber({ feed, history: this.#history, registry: this.#registry, log, maxOutboxBytes });
    this.#parts = {
      ...shared,
      receiver: this.#receiver(notifier),
      gate,
      registry: this.#registry,
      flusher: this.#flusher,
      firstMessageTimeoutMs: () => this.#policy.options.firstMessageTimeoutMs,
      head: (topic) => feed.head(topic),
      gone: (connection) => this.#forget(connection),
    };
    const isDraining = (): boolean => this.#closing !== undefined;
    const admitter = new Admitter({ ...shared, policy: () => this.#policy, acceptor: () => this.#acceptor, isDraining });
    const httpParts = { policy: () => this.#policy, notifier, gate, limiter: this.#limiter, log, isDraining };
    const hasOwnPort = options.publishPort !== undefined;
    this.#listeners = (hasOwnPort ? [false, true] : [true]).map(
      (isForPublishers) =>
        new Listener(options, certificates?.options, {
          request: (request, response) => this.#receive({ request, response, isForPublishers }, httpParts),
          upgrade: (request, raw, head) =>
            admitter.admit({ request, raw, head, isForPublishers }, (socket, admission) => this.#welcome(socket, admission)),
        }),
    );
    if (!certificates) return;
    const apply = (secure: ServerCertificates['options']): void => {
      for (const listener of this.#listeners) listener.secure(secure);
    };
    this.#watch = new CertificateWatch(certificates, { log, apply });
  }

  get host(): string {
    return this.#main.address.address;
  }

  get port(): number {
    return this.#main.address.port;
  }

  get publishPort(): number | undefined {
    return this.#listeners[1]?.address.port;
  }

  get url(): string {
    const { host } = this;
    const local = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
    return `${this.#watch ? 'wss' : 'ws'}://${local.includes(':') ? `[${local}]` : local}:${this.port}`;
  }

  /** Starts to listen, or gives everything up. */
  async listen(): Promise<void> {
    const { host, port, publishHost, publishPort } = this.#options;
    try {
      await this.#main.listen(host, port);
      await this.#listeners[1]?.listen(publishHost ?? host, publishPort as number);
    } catch (error) {
      for (const listener of this.#listeners) void listener.close();
      this.#stop();
      throw error;
    }
  }

  stats(): BrokerStats {
    return {
      ...this.#counters,
      peers: this.#heartbeat.size,
      registry: this.#registry.stats,
      history: this.#history.stats,
      limits: this.#limiter.stats,
      certificateExpiresAt: this.#watch?.current.expiresAt,
    };
  }

  reconfigure(given: Partial<BrokerOptions>): Promise<readonly (keyof BrokerOptions)[]> {
    const reconfigured = this.#reconfigured.then(() => this.#reconfigure(given));
    this.#reconfigured = reconfigured.catch(() => {});
    return reconfigured;
  }

  close(): Promise<void> {
    this.#closing ??= this.#drain();
    return this.#closing;
  }

  terminate(): void {
    for (const connection of this.#heartbeat.members()) connection.drop(CLOSE_CODES.goingAway.code, 'the broker ended');
    for (const listener of this.#listeners) listener.endAll();
    void this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #main(): Listener {
    return this.#listeners[0] as Listener;
  }

  #receiver(notifier: Notifier): Receiver {
    const { log, tolerant } = this.#options;
    const subscriber = this.#subscriber;
    return new Receiver({
      subscriber,
      notifier,
      authentication: new Authentication({ authenticator: () => this.#policy.authenticator, subscriber, log }),
      limiter: this.#limiter,
      log,
      counters: this.#counters,
      bounds: () => this.#policy.options,
      tolerance: tolerant ? new Tolerance() : undefined,
    });
  }

  /** Everything that can fail comes first; what follows is one synchronous step. */
  async #reconfigure(given: Partial<BrokerOptions>): Promise<readonly (keyof BrokerOptions)[]> {
    const before = this.#policy;
    const options = resolveOptions({ ...given, log: this.#options.log });
    for (const name of FIXED) {
      if (options[name] !== before.options[name]) throw new OptionError(name, 'cannot change while the broker runs: restart it');
    }
    const files = tlsFiles(options);
    if ((files === undefined) !== (this.#watch === undefined)) {
      throw new OptionError('tlsCert', 'TLS cannot be switched on or off while the broker runs: restart it');
    }
    const policy = await preparePolicy(options);
    let certificates: ServerCertificates | undefined;
    try {
      certificates = files && (await this.#watch?.load(files));
    } catch (error) {
      policy.authenticator.close();
      throw error;
    }
    const changed = changesBetween(before, policy);
    if (certificates && certificates.fingerprint !== this.#watch?.current.fingerprint) changed.add('tlsCert');
    if (certificates) this.#watch?.use(certificates);
    this.#policy = policy;
    this.#acceptor = new Acceptor(options, this.#intake);
    this.#limiter.reconfigure(options);
    for (const connection of this.#heartbeat.members()) this.#judgeAgain(connection);
    // What it is still asked about ends as unavailable, and is asked again.
    before.authenticator.close();
    return [...changed];
  }

  /** What a peer may do may be less now, or more: an API key may be gone, and what anybody may do has changed. */
  #judgeAgain(connection: Connection): void {
    const { identity } = connection;
    if (identity === undefined) return;
    const { authenticator } = this.#policy;
    const next = identity.kind === 'anonymous' ? strangerOf(this.#policy, connection) : authenticator.stillKnows(identity) && identity;
    if (!next) connection.close(CLOSE_CODES.unauthenticated.code, 'the broker does not know this peer any more');
    else if (!isDeepStrictEqual(next.access, identity.access)) {
      connection.become(next);
      this.#subscriber.regrant(connection);
    }
  }

  #receive(incoming: { request: IncomingMessage; response: ServerResponse; isForPublishers: boolean }, parts: HttpParts): void {
    const { response } = incoming;
    this.#answering.add(response);
    response.once('close', () => this.#answering.delete(response));
    if (this.#closing) endWith(response);
    handleRequest(parts, incoming);
  }

  #welcome(socket: WsSocket, admission: Admission): void {
    const connection = new Connection(socket, admission, this.#parts);
    this.#heartbeat.add(connection);
    this.#counters.connections++;
    const { id, caller, identity } = admission;
    const facts = { connection: id, address: caller.address, dialect: connection.dialect, mayPublish: mayPublish(connection) };
    this.#options.log.info(identity?.kind === 'anonymous' ? facts : { ...facts, identity: identity?.id ?? 'expected' }, 'connected');
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
    const closed = this.#listeners.map((listener) => listener.close());
    for (const response of this.#answering) endWith(response);
    const isEmpty = new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
      if (this.#heartbeat.size === 0) resolve();
    });
    for (const connection of this.#heartbeat.members()) connection.close(CLOSE_CODES.goingAway.code, 'the broker shuts down');
    const bound = setTimeout(() => this.terminate(), this.#options.drainTimeoutMs);
    await isEmpty;
    // Until now they could still ask, and be told; but they must not hold up the end.
    for (const listener of this.#listeners) listener.endSilent();
    await Promise.all(closed);
    clearTimeout(bound);
    this.#stop();
    this.#options.log.info({}, 'stopped');
  }

  #stop(): void {
    this.#heartbeat.stop();
    this.#flusher.stop();
    this.#watch?.close();
    this.#policy.authenticator.close();
    clearInterval(this.#sweep);
  }
}

/** The options that are not what they were, and those that name a file which is not. */
function changesBetween(before: Policy, after: Policy): Set<keyof BrokerOptions> {
  const names = Object.keys(after.options) as (keyof BrokerOptions)[];
  const changed = names.filter((name) => name !== 'log' && !isDeepStrictEqual(before.options[name], after.options[name]));
  for (const [name, digest] of after.digests) if (before.digests.get(name) !== digest) changed.push(name);
  return new Set(changed);
}

/** Has the connection end behind this answer, for an idle one would hold up the shutdown. */
function endWith(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('Connection', 'close');
}
