import type { Json } from '../../protocol/index.js';
import type { Endpoint } from '../client/endpoint.js';
import { HttpClient } from '../client/http-client.js';
import { LineClient } from '../client/line-client.js';
import { WireRecorder } from '../client/wire-recorder.js';
import { resolve } from '../file/substitute.js';
import { type FaultProxy, startFaultProxy } from '../net/fault-proxy.js';
import type { Case, ClientSpec } from '../scenario.js';
import { Ledger } from './ledger.js';
import { StepFailure } from './step-failure.js';

/** What a scenario may do to its server; there is none where the harness has not started it for this scenario alone. */
export interface ServerControl {
  restart(signal: NodeJS.Signals): Promise<void>;
  /** Sends the signal and does not wait. */
  stop(signal: NodeJS.Signals): void;
  /** Fulfilled when the process has ended. */
  ended(): Promise<void>;
}

export interface SceneOptions {
  readonly endpoint: Endpoint;
  readonly server?: ServerControl | undefined;
  /** Longest wait of one step, in ms. */
  readonly stepTimeoutMs: number;
  /** Whether steps that want more time for themselves do not get it. */
  readonly isImpatient?: boolean;
  /** Unique for this run of this case: the package of its topics. */
  readonly package: string;
}

/** What the steps of one run of one case work on: its clients, its notifications, its variables. Disposal ends all of it. */
export class Scene implements AsyncDisposable {
  readonly server: ServerControl | undefined;
  readonly stepTimeoutMs: number;
  readonly #isImpatient: boolean;
  readonly package: string;
  readonly endpoint: Endpoint;
  /** Of handshakes of publishers that are no clients. */
  readonly publisherHeaders: Readonly<Record<string, string>>;
  readonly ledger = new Ledger();
  readonly variables: Map<string, Json>;
  readonly recorder = new WireRecorder();
  /** Whether a step has sent what may be a notification without entering it into the ledger. */
  hasPublishedUnseen = false;
  /** For each client the number of notifications that had been published when it was fenced last. */
  readonly fencedUpTo = new Map<string, number>();

  #isOver = false;
  readonly #specs: Readonly<Record<string, ClientSpec>>;
  readonly #faulty: ReadonlySet<string>;
  readonly #lines = new Map<string, LineClient>();
  readonly #https = new Map<string, HttpClient>();
  readonly #proxies = new Map<string, FaultProxy>();

  constructor(of: Case, options: SceneOptions) {
    this.#specs = of.clients;
    this.#faulty = new Set([...of.steps, ...of.finally].filter((step) => step.word === 'fault').flatMap((step) => step.clients));
    this.endpoint = options.endpoint;
    this.publisherHeaders = of.publisherHeaders;
    this.server = options.server;
    this.stepTimeoutMs = options.stepTimeoutMs;
    this.#isImpatient = options.isImpatient === true;
    this.package = options.package;
    this.variables = new Map([['package', options.package]]);
  }

  /**
   * Puts the variables into arguments of a step.
   * @throws StepFailure for a variable that nothing has saved.
   */
  resolve<T>(args: T): T {
    try {
      // The arguments of a step are JSON by construction; what comes back has the same shape.
      return resolve(args as Json, this.variables) as T;
    } catch (error) {
      throw new StepFailure((error as Error).message);
    }
  }

  /**
   * What the file says of a client, with the variables as they are now.
   * @throws Error for a name that the file does not have: loading has refused it.
   */
  spec(name: string): ClientSpec {
    const spec = this.#specs[name];
    if (!spec) throw new Error(`there is no client ${name}`);
    return this.resolve(spec);
  }

  /** How long a step may wait that wants so many ms for itself, if any. */
  waitMs(within: number | undefined): number {
    return within === undefined || this.#isImpatient ? this.stepTimeoutMs : within;
  }

  /** The clients that have been opened, but those of HTTP. */
  get lines(): readonly LineClient[] {
    return [...this.#lines.values()];
  }

  /** The client as it is, opened or not. */
  line(name: string): LineClient {
    this.#assertUnderWay();
    const { kind } = this.spec(name);
    if (kind === 'http') throw new StepFailure(`${name} is an HTTP client, this step is for WebSocket`);
    const line = this.#lines.get(name) ?? new LineClient(name, kind === 'raw', this.recorder);
    this.#lines.set(name, line);
    return line;
  }

  /** The client with its handshake done: it is opened when this is the first that is heard of it. */
  async openLine(name: string): Promise<LineClient> {
    const line = this.line(name);
    if (line.kind !== 'idle') return line;
    const { subprotocols, path, headers } = this.spec(name);
    const endpoint = await this.endpointOf(name);
    await line.connect(endpoint, this.stepTimeoutMs);
    const answer = await line.handshake(endpoint, { subprotocols, path: path === '/' ? undefined : path, headers }, this.stepTimeoutMs);
    if (answer.status === 101) return line;
    throw new StepFailure(`${name}: the handshake was answered with ${answer.status}, expected 101`, { actual: answer.rest.toString() });
  }

  async http(name: string): Promise<HttpClient> {
    this.#assertUnderWay();
    const spec = this.spec(name);
    if (spec.kind !== 'http') throw new StepFailure(`${name} is no HTTP client: give it "kind: http"`);
    const client = this.#https.get(name) ?? new HttpClient(name, await this.endpointOf(name), this.recorder, spec.headers);
    this.#https.set(name, client);
    return client;
  }

  /** Where a client connects: through a proxy of its own when a step puts faults on its line. */
  async endpointOf(name: string): Promise<Endpoint> {
    if (!this.#faulty.has(name)) return this.endpoint;
    const proxy = await this.proxy(name);
    return { ...this.endpoint, host: '127.0.0.1', port: proxy.port };
  }

  async proxy(name: string): Promise<FaultProxy> {
    const proxy = this.#proxies.get(name) ?? (await startFaultProxy({ host: this.endpoint.host, port: this.endpoint.port }));
    this.#proxies.set(name, proxy);
    if (this.#isOver) await proxy[Symbol.asyncDispose]();
    this.#assertUnderWay();
    return proxy;
  }

  /** Whether the run has ended, with its last step or before: a step that is still under way begins nothing new. */
  get isOver(): boolean {
    return this.#isOver;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    for (const line of this.#lines.values()) line.destroy();
    for (const client of this.#https.values()) client.destroy();
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy[Symbol.asyncDispose]()));
  }

  /** What is opened after the end would be left behind. */
  #assertUnderWay(): void {
    if (this.#isOver) throw new StepFailure('the run was interrupted');
  }
}
