import { setMaxListeners } from 'node:events';
import { connect } from 'node:net';
import type { Endpoint } from '../client/endpoint.js';
import { takesOptions } from '../net/server-command.js';
import { ServerError } from '../net/server-error.js';
import { startServer } from '../net/server-process.js';
import type { CaseResult, Failure, Outcome, Summary } from '../result.js';
import type { Case } from '../scenario.js';
import { type CaseRun, runCase } from './run-case.js';
import type { ServerControl } from './scene.js';
import { endpointOf, SharedServer } from './shared-server.js';
import { shuffled } from './shuffled.js';
import type { Target } from './target.js';

/** What is tested: a server that runs, or a command that starts one. */
export type ServerUnderTest =
  | { readonly url: string }
  /** Arguments or a command line with `{port}`; with `{options}` it takes the options of a scenario's own server. */
  | { readonly command: string | readonly string[] };

export interface SuiteOptions {
  readonly cases: readonly Case[];
  readonly server: ServerUnderTest;
  readonly target?: Target | undefined;
  /** Cases under way at a time. */
  readonly jobs: number;
  /** How often each case is run. */
  readonly repeat: number;
  /** Whether the first failure ends the run. */
  readonly bail: boolean;
  readonly shuffle: boolean;
  readonly seed: number;
  /** Longest wait of one step, in ms. */
  readonly stepTimeoutMs: number;
  /** Sent with every handshake and request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Certificates that are trusted for `wss:`, PEM. */
  readonly tlsCa?: string | Buffer | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onResult: (result: CaseResult) => void;
}

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Runs every case, some of them side by side; `onResult` is told of each at its end.
 * @throws ServerError when there is no server before the first case, or the command starts none.
 */
export async function runSuite(options: SuiteOptions): Promise<Summary> {
  const startedAt = performance.now();
  await using suite = await Suite.start(options);
  const queue = rounds(options);
  if (options.signal) setMaxListeners(options.jobs + 10, options.signal); // each case under way listens
  const counts = { passed: 0, failed: 0, noted: 0, expectedFailures: 0, unexpectedPasses: 0, skipped: 0 };
  let isStopped = false;
  const worker = async () => {
    while (!isStopped && !options.signal?.aborted) {
      const next = queue.shift();
      if (!next) return;
      const result = await suite.run(next.case, next.round);
      if (options.signal?.aborted && result.outcome.kind === 'failed') return;
      counts[countOf(result)]++;
      options.onResult(result);
      if (options.bail && countOf(result) === 'failed') isStopped = true;
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, worker));
  const isComplete = queue.length === 0 && !options.signal?.aborted;
  return { ...counts, durationMs: performance.now() - startedAt, server: suite.name, seed: options.seed, isComplete };
}

/** All runs of all cases, in the order in which they are to begin. */
function rounds({ cases, repeat, shuffle, seed }: SuiteOptions): { readonly case: Case; readonly round: number }[] {
  return Array.from({ length: repeat }, (_, index) => {
    const order = shuffle ? shuffled(cases, seed + index) : cases;
    return order.map((one) => ({ case: one, round: index + 1 }));
  }).flat();
}

function countOf({
  case: { level },
  outcome,
}: CaseResult): 'passed' | 'failed' | 'noted' | 'expectedFailures' | 'unexpectedPasses' | 'skipped' {
  switch (outcome.kind) {
    case 'failed':
      return level === 'info' ? 'noted' : 'failed';
    case 'expected-failure':
      return 'expectedFailures';
    case 'unexpected-pass':
      return 'unexpectedPasses';
    default:
      return outcome.kind;
  }
}

/** The server that the cases share, and the ways to run one of them. */
class Suite implements AsyncDisposable {
  readonly #options: SuiteOptions;
  readonly #shared: SharedServer | undefined;
  readonly #endpoint: Endpoint | undefined;
  readonly name: string;

  private constructor(options: SuiteOptions, shared: SharedServer | undefined, endpoint: Endpoint | undefined) {
    this.#options = options;
    this.#shared = shared;
    this.#endpoint = endpoint;
    this.name = 'url' in options.server ? withoutPassword(options.server.url) : nameOf(options.server.command);
  }

  static async start(options: SuiteOptions): Promise<Suite> {
    if ('url' in options.server) {
      const endpoint = endpointOf(options.server.url, options);
      await assertReachable(options.server.url, endpoint);
      return new Suite(options, undefined, endpoint);
    }
    const shared = new SharedServer(options.server.command, options);
    const suite = new Suite(options, shared, undefined);
    await shared.endpoint();
    return suite;
  }

  async run(of: Case, round: number): Promise<CaseResult> {
    const startedAt = performance.now();
    const expectation = this.#options.target?.expectation(of.id) ?? { kind: 'pass' as const };
    const because = expectation.kind === 'skip' ? expectation.because : this.#hindrance(of);
    if (because !== undefined) return { case: of, round, outcome: { kind: 'skipped', because }, durationMs: 0, wire: {} };
    const { failure, wire } = await this.#runCase(of);
    return { case: of, round, outcome: outcomeOf(failure, expectation), durationMs: performance.now() - startedAt, wire };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#shared?.[Symbol.asyncDispose]();
  }

  /** Why a case cannot be run against this server. */
  #hindrance({ server }: Case): string | undefined {
    if (!server) return undefined;
    const under = this.#options.server;
    if ('url' in under) return 'needs a server of its own, and this one was not started here';
    if (Object.keys(server).length === 0 || takesOptions(under.command)) return undefined;
    return 'sets options of the server, and the command has no {options}';
  }

  async #runCase(of: Case): Promise<CaseRun> {
    const { stepTimeoutMs, signal } = this.#options;
    if (of.server) return this.#runWithOwnServer(of, of.server);
    const endpoint = this.#endpoint ?? (await this.#shared?.endpoint().catch((error: Error) => error));
    if (!endpoint) throw new Error('there is neither a URL nor a command');
    if (endpoint instanceof Error) return notRun(of, `the server could not be started again: ${endpoint.message}`);
    const endsBefore = this.#shared?.endCount ?? 0;
    const run = await runCase(of, { endpoint, stepTimeoutMs }, signal);
    return run.failure ? { ...run, failure: withEnd(run.failure, await this.#shared?.endAfter(endsBefore)) } : run;
  }

  async #runWithOwnServer(of: Case, options: NonNullable<Case['server']>): Promise<CaseRun> {
    const under = this.#options.server;
    if ('url' in under) throw new Error('a server that was not started here cannot be started again');
    const started = await startServer({ command: under.command, options }).catch((error: Error) => error);
    if (started instanceof Error) return notRun(of, `its server could not be started: ${started.message}`);
    await using server = started;
    const control: ServerControl = {
      restart: (signal) => server.restart(signal),
      stop: (signal) => server.signal(signal),
      ended: () => server.ended.then(() => {}),
    };
    const { stepTimeoutMs, signal } = this.#options;
    return await runCase(of, { endpoint: endpointOf(server.url, this.#options), server: control, stepTimeoutMs }, signal);
  }
}

function notRun({ place }: Case, message: string): CaseRun {
  return { failure: { message, expected: '', actual: '', place }, durationMs: 0, wire: {} };
}

function outcomeOf(
  failure: Failure | undefined,
  expectation: { readonly kind: 'pass' } | { readonly kind: 'fail' | 'skip'; readonly because: string },
): Outcome {
  if (expectation.kind === 'pass') return failure ? { kind: 'failed', failure } : { kind: 'passed' };
  return failure
    ? { kind: 'expected-failure', failure, because: expectation.because }
    : { kind: 'unexpected-pass', because: expectation.because };
}

function withEnd(failure: Failure, end: string | undefined): Failure {
  return end === undefined ? failure : { ...failure, message: `${failure.message}; ${end}` };
}

/** The URL as it may be shown. */
function withoutPassword(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^/?#]*@/i, '$1');
}

function nameOf(command: string | readonly string[]): string {
  return typeof command === 'string' ? command : 'a broker of its own';
}

/** @throws ServerError when nobody accepts a connection there. */
async function assertReachable(url: string, { host, port }: Endpoint): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ host, port, timeout: CONNECT_TIMEOUT_MS });
    const fail = (why: string) => {
      socket.destroy();
      reject(new ServerError('unreachable', `cannot reach ${withoutPassword(url)}: ${why}`));
    };
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('timeout', () => fail('no answer'));
    socket.once('error', (error: NodeJS.ErrnoException) => fail(error.code === 'ECONNREFUSED' ? 'nobody listens there' : error.message));
  });
}
