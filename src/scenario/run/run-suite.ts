import { setMaxListeners } from 'node:events';
import { dirname } from 'node:path';
import { STDIN } from '../../document/index.js';
import { shownUrl, type Trust } from '../../peer/index.js';
import type { Endpoint } from '../client/endpoint.js';
import { assertReachable } from '../net/reachable.js';
import { takesOptions } from '../net/server-command.js';
import { startServer } from '../net/server-process.js';
import { temporaryFolder } from '../net/temporary-folder.js';
import type { CaseResult, Failure, Outcome, Summary } from '../result.js';
import type { Case } from '../scenario.js';
import { type CaseRun, runCase } from './run-case.js';
import type { SceneOptions, ServerControl } from './scene.js';
import { endpointOf, SharedServer } from './shared-server.js';
import { shuffled } from './shuffled.js';
import type { Expectation, Target } from './target.js';

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
  /** Whom connections to `wss:` trust; whom Node does by default. */
  readonly tls?: Trust | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onResult: (result: CaseResult) => void;
}

/** A case that is known to fail mostly fails by waiting: it is not waited for as long as for one that should pass. */
const IMPATIENT_WAIT_MS = 1000;

/** A server that fails so many cases is broken: for the rest, too, a second has to do, or thousands of waits take an hour. */
const FAILURES_UNTIL_IMPATIENT = 20;

/**
 * Runs every case, some of them side by side; `onResult` is told of each at its end.
 * @throws ServerError when there is no server before the first case, or the command starts none; whatever else is thrown
 * is a bug, and ends the run.
 */
export async function runSuite(options: SuiteOptions): Promise<Summary> {
  const startedAt = performance.now();
  await using suite = await Suite.start(options);
  const queues = [
    {
      jobs: options.jobs,
      queue: rounds(
        options,
        options.cases.filter(({ load }) => load === undefined),
      ),
    },
    // A load takes all the machine has, and what else is under way would disturb it.
    {
      jobs: 1,
      queue: rounds(
        options,
        options.cases.filter(({ load }) => load !== undefined),
      ),
    },
  ];
  if (options.signal) setMaxListeners(options.jobs + 10, options.signal); // each case under way listens
  const counts = { passed: 0, failed: 0, noted: 0, expectedFailures: 0, unexpectedPasses: 0, skipped: 0 };
  let left = options.cases.length * options.repeat;
  let isOver = false;
  // Who leaves the loop closes the queue for all.
  const work = async (queue: ReturnType<typeof rounds>) => {
    for (const next of queue) {
      if (isOver) return;
      if (options.signal?.aborted) return;
      const result = await suite.run(next.case, next.round);
      if (options.signal?.aborted && result.outcome.kind === 'failed') return;
      left--;
      counts[countOf(result)]++;
      options.onResult(result);
      if (options.bail && countOf(result) === 'failed') isOver = true;
    }
  };
  for (const { jobs, queue } of queues) {
    // The others are waited for: no case goes on behind the run.
    const ends = await Promise.allSettled(Array.from({ length: jobs }, () => work(queue)));
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  }
  const { server, seed } = options;
  return { ...counts, durationMs: performance.now() - startedAt, server: serverName(server), seed, isComplete: left === 0 };
}

/** All runs of these cases, in the order in which they are to begin. */
function* rounds(
  { repeat, shuffle, seed }: SuiteOptions,
  cases: readonly Case[],
): Generator<{ readonly case: Case; readonly round: number }> {
  if (cases.length === 0) return; // there may be any number of rounds
  for (let round = 1; round <= repeat; round++) {
    for (const one of shuffle ? shuffled(cases, seed + round - 1) : cases) yield { case: one, round };
  }
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

type Patience = Pick<SceneOptions, 'stepTimeoutMs' | 'isImpatient'>;

/** The server that the cases share, and the ways to run one of them. */
class Suite implements AsyncDisposable {
  readonly #options: SuiteOptions;
  readonly #shared: SharedServer | undefined;
  readonly #endpoint: Endpoint | undefined;
  #failures = 0;

  private constructor(options: SuiteOptions, shared: SharedServer | undefined, endpoint: Endpoint | undefined) {
    this.#options = options;
    this.#shared = shared;
    this.#endpoint = endpoint;
  }

  static async start(options: SuiteOptions): Promise<Suite> {
    if ('url' in options.server) {
      const endpoint = endpointOf(options.server.url, options);
      await assertReachable(endpoint, options.server.url, options.signal);
      return new Suite(options, undefined, endpoint);
    }
    const shared = new SharedServer(options.server.command, options);
    const suite = new Suite(options, shared, undefined);
    await shared.endpoint();
    return suite;
  }

  async run(of: Case, round: number): Promise<CaseResult> {
    const startedAt = performance.now();
    const expectation: Expectation = this.#options.target?.expectation(of.id) ?? { kind: 'pass' };
    const because = expectation.kind === 'skip' ? expectation.because : this.#hindrance(of);
    if (because !== undefined) return { case: of, round, outcome: { kind: 'skipped', because }, durationMs: 0, wire: {} };
    const { failure, wire } = await this.#runCase(of, this.#patience(expectation.kind === 'fail'));
    if (failure && expectation.kind === 'pass') this.#failures++;
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

  #patience(isExpectedToFail: boolean): Patience {
    const { stepTimeoutMs } = this.#options;
    if (!isExpectedToFail && this.#failures < FAILURES_UNTIL_IMPATIENT) return { stepTimeoutMs };
    return { stepTimeoutMs: Math.min(stepTimeoutMs, IMPATIENT_WAIT_MS), isImpatient: true };
  }

  async #runCase(of: Case, patience: Patience): Promise<CaseRun> {
    if (of.server) return this.#runWithOwnServer(of, of.server, patience);
    const endpoint = this.#endpoint ?? (await this.#shared?.endpoint().catch((error: Error) => error));
    if (!endpoint) throw new Error('there is neither a URL nor a command');
    if (endpoint instanceof Error) return notRun(of, `the server could not be started again: ${endpoint.message}`);
    const endsBefore = this.#shared?.endCount ?? 0;
    const run = await runCase(of, { endpoint, ...patience }, this.#options.signal);
    return run.failure ? { ...run, failure: withEnd(run.failure, await this.#shared?.endAfter(endsBefore)) } : run;
  }

  async #runWithOwnServer(of: Case, options: NonNullable<Case['server']>, patience: Patience): Promise<CaseRun> {
    const under = this.#options.server;
    if ('url' in under) throw new Error('a server that was not started here cannot be started again');
    using data = temporaryFolder();
    const { data: isDurable, ...others } = options;
    const told = isDurable === true ? { ...others, data: data.path } : others;
    const spec = { command: under.command, options: told, folder: folderOf(of), signal: this.#options.signal };
    const started = await startServer(spec).catch((error: Error) => error);
    if (started instanceof Error) return notRun(of, `its server could not be started: ${started.message}`);
    await using server = started;
    const control: ServerControl = {
      restart: (signal) => server.restart(signal),
      stop: (signal) => server.signal(signal),
      ended: () => server.ended.then(() => {}),
    };
    return await runCase(of, { endpoint: endpointOf(server.url, this.#options), server: control, ...patience }, this.#options.signal);
  }
}

/** From where a scenario names files. */
function folderOf({ source }: Case): string {
  return source.path === STDIN ? '.' : dirname(source.path);
}

/** What a server wrote before it ended stands in lines of its own. */
function notRun({ place }: Case, because: string): CaseRun {
  const [message = '', ...wrote] = because.split('\n');
  return { failure: { message, expected: '', actual: wrote.join('\n'), place }, durationMs: 0, wire: {} };
}

function outcomeOf(failure: Failure | undefined, expectation: Expectation): Outcome {
  if (expectation.kind === 'pass') return failure ? { kind: 'failed', failure } : { kind: 'passed' };
  return failure
    ? { kind: 'expected-failure', failure, because: expectation.because }
    : { kind: 'unexpected-pass', because: expectation.because };
}

function withEnd(failure: Failure, end: string | undefined): Failure {
  return end === undefined ? failure : { ...failure, message: `${failure.message}; ${end}` };
}

/** The server as it may be shown. */
export function serverName(server: ServerUnderTest): string {
  if ('url' in server) return shownUrl(server.url);
  return typeof server.command === 'string' ? server.command : 'a broker of its own';
}
