import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CLOSE_CODES, type Hello, type Topic } from '../protocol/index.js';
import type { Admission } from './admission.js';
import { Admitter } from './admit.js';
import { Answering } from './answering.js';
import { Authentication } from './authenticate.js';
import type { Broker, BrokerStats } from './broker.js';
import { Connection, type ConnectionParts } from './connection.js';
import { Fanout } from './fanout.js';
import type { Feed } from './feed/feed.js';
import { MemoryFeed } from './feed/memory.js';
import { Flusher } from './flusher.js';
import { encodeMessage } from './frame.js';
import { Gate } from './gate.js';
import { Heartbeat } from './heartbeat.js';
import { History } from './history.js';
import { handleRequest } from './http.js';
import type { HttpParts, Incoming } from './http-notify.js';
import { judgeAgain } from './judge-again.js';
import { Intake } from './limits/intake.js';
import { Limiter } from './limits/limiter.js';
import { Listeners } from './listeners.js';
import { mayPublish, Notifier } from './notify.js';
import { newCounters } from './observe.js';
import type { BrokerOptions } from './options.js';
import type { Policy } from './policy.js';
import { PolicyInForce, type Prepared, prepare } from './policy-in-force.js';
import { authority } from './ports.js';
import { Receiver } from './receive.js';
import { Registry } from './registry/registry.js';
import { resolveOptions } from './resolve-options.js';
import { Subscriber } from './subscribe.js';
import { ExpiryNotice } from './tls/expiry-notice.js';
import { Tolerance } from './tolerance.js';
import type { WsSocket } from './ws-socket.js';

/** How often what is too old is looked for. */
const SWEEP_MS = 5000;

/**
 * Starts a broker.
 * @throws OptionError for an option, or a file that it names, that cannot be taken; ListenError when it cannot listen.
 */
export async function startBroker(given: Partial<BrokerOptions> = {}): Promise<Broker> {
  const broker = new RunningBroker(await prepare(resolveOptions(given)));
  await broker.listen();
  return broker;
}

/**
 * Checks options as `startBroker` would, with the keys, certificates and schemas that they name, and starts nothing.
 * What would not keep a broker from starting and should not stay so comes to the log, a warning or an error each.
 * @throws OptionError.
 */
export async function checkOptions(given: Partial<BrokerOptions>): Promise<void> {
  const { policy, certificates } = await prepare(resolveOptions(given));
  if (certificates) new ExpiryNotice(certificates, policy.options.log).close();
  policy.authenticator.close();
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
  /** Holds every connection until it is gone. */
  readonly #heartbeat: Heartbeat<Connection>;
  readonly #sweep: NodeJS.Timeout;
  /** Answers that have not been given. */
  readonly #answering = new Answering();
  readonly #parts: ConnectionParts;
  readonly #admitter: Admitter;
  readonly #listeners: Listeners;
  readonly #force: PolicyInForce;
  #closing: Promise<void> | undefined;
  #whenEmpty: (() => void) | undefined;

  constructor(prepared: Prepared) {
    const { options } = prepared.policy;
    const { log } = options;
    this.#options = options;
    this.#limiter = new Limiter(options);
    this.#force = this.#enforce(prepared);
    this.#history = new History(options);
    const isWatched = (topic: Topic): boolean => this.#registry.isWatched(topic);
    this.#registry = new Registry((topic) => this.#history.release(topic, isWatched));
    this.#flusher = new Flusher(options);
    this.#heartbeat = new Heartbeat(options.pingIntervalMs);
    this.#sweep = setInterval(() => this.#history.sweep(isWatched), SWEEP_MS).unref();
    const shared = {
      log,
      counters: this.#counters,
      limiter: this.#limiter,
      gate: new Gate(this.#flusher),
      policy: () => this.#policy,
      isAuthenticating: () => this.#policy.authenticator.isOn,
      schemas: () => this.#policy.schemas,
      acceptor: () => this.#force.acceptor,
      isDraining: () => this.#closing !== undefined,
    };
    const feed = this.#feed();
    const notifier = new Notifier(feed, shared);
    const { maxOutboxBytes } = options;
    this.#subscriber = new Subscriber({ feed, history: this.#history, registry: this.#registry, log, maxOutboxBytes });
    this.#parts = {
      ...shared,
      receiver: this.#receiver(notifier),
      registry: this.#registry,
      flusher: this.#flusher,
      firstMessageTimeoutMs: () => this.#policy.options.firstMessageTimeoutMs,
      head: (topic) => feed.head(topic),
      gone: (connection) => this.#forget(connection),
    };
    this.#admitter = new Admitter(shared);
    this.#listeners = this.#listening(prepared, { ...shared, notifier });
  }

  get host(): string {
    return this.#listeners.address.address;
  }

  get port(): number {
    return this.#listeners.address.port;
  }

  get publishPort(): number | undefined {
    return this.#listeners.publishPort;
  }

  get adminUrl(): string | undefined {
    const { adminAddress } = this.#listeners;
    return adminAddress && `http://${localAuthority(adminAddress)}`;
  }

  get url(): string {
    return `${this.#force.certificates ? 'wss' : 'ws'}://${localAuthority(this.#listeners.address)}`;
  }

  /** Starts to listen, or gives everything up. */
  async listen(): Promise<void> {
    try {
      await this.#listeners.open(() => this.stats());
    } catch (error) {
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
      certificateExpiresAt: this.#force.certificates?.expiresAt,
    };
  }

  reconfigure(given: Partial<BrokerOptions>): Promise<readonly (keyof BrokerOptions)[]> {
    return this.#force.reconfigure(given);
  }

  close(): Promise<void> {
    this.#closing ??= this.#drain();
    return this.#closing;
  }

  terminate(): void {
    for (const connection of this.#heartbeat.members()) connection.drop(CLOSE_CODES.goingAway.code, 'the broker ended');
    this.#listeners.end();
    void this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #policy(): Policy {
    return this.#force.policy;
  }

  #enforce(prepared: Prepared): PolicyInForce {
    return new PolicyInForce(prepared, {
      intake: new Intake(() => this.#counters.published),
      limiter: this.#limiter,
      limit: (maxConnections) => this.#listeners.limit(maxConnections),
      secure: (options) => this.#listeners.secure(options),
      replaced: () => {
        for (const connection of this.#heartbeat.members()) judgeAgain(connection, this.#policy, this.#subscriber);
      },
    });
  }

  /** From here on a notification is on its way to those who hear it. */
  #feed(): Feed {
    const fanout = new Fanout(this.#registry, this.#flusher);
    return new MemoryFeed(this.#history, {
      deliver: (entry) => fanout.deliver(entry),
      reset: (topic, position, because) => {
        this.#options.log.error({ err: because, ...topic }, 'a fan-out failed: the topic starts a new epoch');
        fanout.reset(topic, position);
      },
    });
  }

  #listening({ policy, certificates }: Prepared, parts: HttpParts): Listeners {
    return new Listeners(policy.options, certificates?.options, (isForPublishers) => ({
      request: (request, response) => this.#receive({ request, response, isForPublishers }, parts),
      upgrade: (request, raw, head) =>
        this.#admitter.admit({ request, raw, head, isForPublishers }, (socket, admission) => this.#welcome(socket, admission)),
      answering: this.#answering,
    }));
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

  #receive(incoming: Incoming, parts: HttpParts): void {
    const { response } = incoming;
    this.#answering.add(response);
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
    const closed = this.#listeners.close();
    for (const response of this.#answering) endWith(response);
    this.#admitter.drain();
    const isEmpty = new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
      if (this.#heartbeat.size === 0) resolve();
    });
    for (const connection of this.#heartbeat.members()) connection.close(CLOSE_CODES.goingAway.code, 'the broker shuts down');
    const bound = setTimeout(() => this.terminate(), this.#options.drainTimeoutMs);
    await isEmpty;
    // Until now they could still ask, and be told; but they must not hold up the end.
    this.#listeners.endSilent();
    await closed;
    clearTimeout(bound);
    this.#stop();
    this.#options.log.info({}, 'stopped');
  }

  #stop(): void {
    this.#heartbeat.stop();
    this.#flusher.stop();
    this.#force.close();
    this.#listeners.end();
    clearInterval(this.#sweep);
  }
}

/** Where a client on this machine finds what listens there. */
function localAuthority({ address, port }: AddressInfo): string {
  const local = address === '0.0.0.0' || address === '::' ? '127.0.0.1' : address;
  return authority({ host: local, port });
}

/** Has the connection end behind this answer, for an idle one would hold up the shutdown. */
function endWith(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('Connection', 'close');
}
