import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CLOSE_CODES, type Hello } from '../protocol/index.js';
import type { Admission } from './admission.js';
import { Admitter } from './admit.js';
import { Answering } from './answering.js';
import { Authentication } from './authenticate.js';
import type { Broker, BrokerStats } from './broker.js';
import { Connection, type ConnectionParts } from './connection.js';
import { DeliveryPath } from './delivery-path.js';
import { encodeMessage } from './frame.js';
import { Heartbeat } from './heartbeat.js';
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
import { resolveOptions } from './resolve-options.js';
import { spreadGoodbyes } from './shutdown.js';
import { ExpiryNotice } from './tls/expiry-notice.js';
import { Tolerance } from './tolerance.js';
import type { WsSocket } from './ws-socket.js';

/**
 * Starts a broker.
 * @throws OptionError for an option, or a file that it names, that cannot be taken; LogError when its log on disk cannot be
 * opened; ListenError when it cannot listen.
 */
export async function startBroker(given: Partial<BrokerOptions> = {}): Promise<Broker> {
  const broker = new RunningBroker(await prepare(resolveOptions(given)));
  await broker.start();
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
  readonly #path: DeliveryPath;
  readonly #limiter: Limiter;
  /** Holds every connection until it is gone. */
  readonly #heartbeat: Heartbeat<Connection>;
  readonly #terminated = new AbortController();
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
    this.#path = new DeliveryPath(options);
    this.#heartbeat = new Heartbeat(options.pingIntervalMs);
    const { feed, keys, gate, publishGate, registry, flusher } = this.#path;
    const shared = {
      log,
      counters: this.#counters,
      limiter: this.#limiter,
      gate,
      keys,
      policy: () => this.#policy,
      isAuthenticating: () => this.#policy.authenticator.isOn,
      schemas: () => this.#policy.schemas,
      acceptor: () => this.#force.acceptor,
      isDraining: () => this.#closing !== undefined,
      isLogging: () => feed.trouble === undefined,
    };
    const notifier = new Notifier(feed, shared);
    this.#parts = {
      ...shared,
      receiver: this.#receiver(notifier),
      registry,
      flusher,
      firstMessageTimeoutMs: () => this.#policy.options.firstMessageTimeoutMs,
      head: (topic) => feed.head(topic),
      gone: (connection) => this.#forget(connection),
    };
    this.#admitter = new Admitter(shared);
    this.#listeners = this.#listening(prepared, { ...shared, gate: publishGate, notifier });
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

  /** Takes up what the log holds and starts to listen, or gives everything up. */
  async start(): Promise<void> {
    try {
      await this.#path.feed.open();
      await this.#listeners.open(() => this.stats());
    } catch (error) {
      this.#stop();
      await this.#path.feed.close();
      throw error;
    }
  }

  stats(): BrokerStats {
    return {
      ...this.#counters,
      peers: this.#heartbeat.size,
      registry: this.#path.registry.stats,
      history: this.#path.history.stats,
      log: this.#path.feed.stats,
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
    this.#terminated.abort();
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
      intake: new Intake(() => this.#counters.taken),
      limiter: this.#limiter,
      limit: (maxConnections) => this.#listeners.limit(maxConnections),
      secure: (options) => this.#listeners.secure(options),
      replaced: () => {
        for (const connection of this.#heartbeat.members()) judgeAgain(connection, this.#policy, this.#path.subscriber);
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
    const { subscriber, publishGate, feed } = this.#path;
    return new Receiver({
      subscriber,
      notifier,
      publishGate,
      isLogBehind: () => feed.isBehind,
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
    const { pingIntervalMs, reconnectJitterMs, drainMs } = this.#options;
    return { version: 1, connection, heartbeatMs: pingIntervalMs, jitterMs: Math.max(reconnectJitterMs, drainMs) };
  }

  #forget(connection: Connection): void {
    this.#heartbeat.delete(connection);
    if (this.#heartbeat.size === 0) this.#whenEmpty?.();
  }

  async #drain(): Promise<void> {
    const { log, drainMs, drainTimeoutMs } = this.#options;
    log.info({ peers: this.#heartbeat.size }, 'draining');
    for (const response of this.#answering) endWith(response);
    this.#admitter.drain();
    const goodbyes = spreadGoodbyes(this.#heartbeat.members(), drainMs, this.#terminated.signal);
    // For as long the broker listens, and answers that it is not ready.
    if (drainMs > 0) await goodbyes;
    const closed = this.#listeners.close();
    const isEmpty = new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
      if (this.#heartbeat.size === 0) resolve();
    });
    const bound = setTimeout(() => this.terminate(), drainTimeoutMs);
    await isEmpty;
    // Until now they could still ask, and be told; but they must not hold up the end.
    this.#listeners.endSilent();
    await closed;
    clearTimeout(bound);
    await this.#path.feed.close();
    this.#stop();
    log.info({}, 'stopped');
  }

  #stop(): void {
    this.#heartbeat.stop();
    this.#path.stop();
    this.#force.close();
    this.#listeners.end();
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
