import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from '../bench-error.js';
import type { BrokerProcess } from '../broker-process.js';
import { checkMachine } from '../health/check-machine.js';
import { type Profile, PUBLISHER_CONNECTIONS } from '../load/load.js';
import { isAnybodyLeft, isExpected, total } from '../record/board.js';
import type { Measurement } from '../result/measurement.js';
import type { Progress } from '../result/progress.js';
import type { Mishap } from '../result/result.js';
import { targetOf } from '../target.js';
import { monotonicMs } from '../traffic/clock.js';
import type { Stall } from '../traffic/messages.js';
import type { Ways } from '../way.js';
import { closingRound, openingRounds } from './canary-rounds.js';
import { Crew } from './crew.js';
import { Observer } from './observer.js';
import { type Plan, planRun } from './plan-run.js';
import { Restarts } from './restarts.js';
import { summarise } from './summarise.js';
import type { Summary } from './summary.js';

/** What is to be measured, and where. */
export interface BenchSettings extends Profile {
  /** Of the broker, `ws:` or `wss:`. */
  readonly url: string;
  readonly ways?: Ways | undefined;
  /** Of wsn, for the result. */
  readonly version: string;
  /** The broker, where it was started for this run, on this machine: only such a one can be restarted. */
  readonly broker?: Pick<BrokerProcess, 'restart'> | undefined;
}

/** What a run is told, and tells, while it goes on. */
export interface RunContext {
  /** Aborted: sending stops; what was sent is awaited and summed up. Before the load begins the run is given up. */
  readonly signal?: AbortSignal;
  /** Called about ten times a second. */
  readonly onProgress?: (progress: Progress) => void;
  /** For tests: a thread, `publisher` or `receiver 0`, that is blocked once. */
  readonly stall?: Stall & { readonly thread: string };
}

/** The load begins so much after the threads were told, so that the first notification is not late. */
const LEAD_MS = 50;
const POLL_MS = 20;
const PROGRESS_MS = 100;

/**
 * Makes one run against a broker: connects, makes sure that everybody hears, sends as planned, waits for what is under
 * way, and sums up.
 * @throws BenchError when the machine cannot make such a run, the broker is not reached, or does not serve; the signal's
 * reason when aborted before the load begins.
 */
export async function runBench(settings: BenchSettings, context: RunContext = {}): Promise<Measurement> {
  const run = new Run(settings, context);
  return await run.make();
}

class Run {
  readonly #settings: BenchSettings;
  readonly #context: RunContext;
  readonly #plan: Plan;
  readonly #observer: Observer;

  constructor(settings: BenchSettings, context: RunContext) {
    this.#settings = settings;
    this.#context = context;
    this.#plan = planRun(settings.load, settings.workers);
    this.#observer = new Observer(settings, this.#plan, () => context.onProgress?.(this.#observer.progress));
  }

  async make(): Promise<Measurement> {
    const { signal, onProgress } = this.#context;
    signal?.throwIfAborted();
    const telling = setInterval(() => onProgress?.(this.#observer.progress), PROGRESS_MS);
    try {
      return await this.#make();
    } finally {
      clearInterval(telling);
      this.#observer[Symbol.dispose]();
    }
  }

  async #make(): Promise<Measurement> {
    const { load, workers, url, broker } = this.#settings;
    using restarts = new Restarts(this.#settings, this.#plan);
    const { host, port } = targetOf(url);
    const { kind, connections } = load.publishers;
    const publishers = connections ?? PUBLISHER_CONNECTIONS[kind === 'auto' ? 'persistent' : kind];
    const machine = await checkMachine({
      connections: load.subscribers + publishers,
      host,
      port,
      workers,
      startsOwnBroker: broker !== undefined,
    });
    await using crew = new Crew(this.#settings, this.#plan, {
      sourceAddresses: machine.sourceAddresses,
      stall: this.#context.stall,
      observer: this.#observer,
    });
    const summary = await this.#untilAborted(this.#prepare(crew));
    await this.#load(crew, restarts);
    await this.#drainUntilAborted(crew);
    const isFenced = await closingRound(crew, this.#plan.board);
    this.#observer.end();
    const ended = await crew.finish();
    return summarise({
      ...summary,
      ...ended,
      isFenced,
      restarts: restarts.count,
      sourceAddresses: Math.max(1, machine.sourceAddresses.length),
    });
  }

  /** What comes before the load is given up when the user does not want it any more. */
  async #untilAborted<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.#context;
    if (!signal) return work;
    let giveUp: () => void = () => {};
    const aborted = new Promise<never>((_, reject) => {
      giveUp = () => reject(signal.reason);
      signal.addEventListener('abort', giveUp, { once: true });
      if (signal.aborted) giveUp(); // while the machine was looked at
    });
    try {
      return await Promise.race([work, aborted]);
    } finally {
      work.catch(() => {}); // the threads are ended under it
      signal.removeEventListener('abort', giveUp);
    }
  }

  async #prepare(crew: Crew): Promise<Pick<Summary, 'settings' | 'plan' | 'observer' | 'used' | 'failed'>> {
    const used = await crew.opened();
    await crew.started();
    this.#observer.figures.connecting();
    const connected = await crew.connected();
    const { board } = this.#plan;
    if (total(board, 'connected') === 0 && connected.failed.count > 0) {
      throw new BenchError(connected.isUnreachable ? 'unreachable' : 'refused', connected.failed.first ?? 'no subscriber could connect');
    }
    this.#observer.figures.connected(total(board, 'connected'), connected.hostilePorts);
    const failed = withSilent(connected.failed, await openingRounds(crew, board, this.#settings.load.phases.readyMs), this.#settings);
    await crew.settle();
    board.startedAt[0] = monotonicMs() + LEAD_MS;
    await crew.begin();
    return {
      settings: this.#settings,
      plan: this.#plan,
      observer: this.#observer,
      used: { publishers: used.publishers, subprotocol: connected.subprotocol ?? used.subprotocol },
      failed,
    };
  }

  async #load(crew: Crew, restarts: Restarts): Promise<void> {
    const { signal } = this.#context;
    this.#observer.begin();
    restarts.begin();
    const stop = () => crew.stopSending();
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    const { isGone } = await Promise.race([crew.sentAll(), restarts.failed]);
    signal?.removeEventListener('abort', stop);
    crew.calm();
    await restarts.calm();
    await this.#observer.sentAll({ isGone: isGone || !isAnybodyLeft(this.#plan.board), isAborted: signal?.aborted === true });
  }

  /** Where publishers are behind, sending goes on in the drain: whoever does not want that any more need not wait for it. */
  async #drainUntilAborted(crew: Crew): Promise<void> {
    const { signal } = this.#context;
    const stop = () => {
      if (crew.unanswered === 0) return;
      this.#observer.isAborted = true;
      crew.stopSending();
    };
    signal?.addEventListener('abort', stop, { once: true });
    await this.#drain(crew);
    signal?.removeEventListener('abort', stop);
  }

  /** Waits until everything has come and everybody is back, or nothing has and nobody for a while. */
  async #drain(crew: Crew): Promise<void> {
    this.#observer.enter('drain');
    const { board } = this.#plan;
    const { drainMs } = this.#settings.load.phases;
    const until = monotonicMs() + Math.max(this.#settings.load.phases.holdMs, drainMs) + drainMs;
    let before = '';
    // Whoever is away by plan is waited for.
    let since = Math.max(monotonicMs(), (board.startedAt[0] as number) + this.#plan.lastReturnMs);
    for (;;) {
      const away = total(board, 'away');
      const isOver = !isAnybodyLeft(board) || (away === 0 && !isAnyOutstanding(this.#plan));
      const { unanswered } = crew;
      if (isOver && unanswered === 0) return;
      const now = `${total(board, 'delivered')} ${unanswered} ${away}`;
      if (now !== before) since = Math.max(since, monotonicMs());
      before = now;
      if (monotonicMs() - since >= drainMs) return;
      if (monotonicMs() >= until) {
        // A broker that answers ever so slowly is not waited for longer than it was loaded: what waits still is unanswered.
        crew.stopSending();
        return;
      }
      await sleep(POLL_MS);
    }
  }
}

/** Whether any notification that the broker took has not reached all its receivers. */
function isAnyOutstanding({ board }: Plan): boolean {
  const { count, reached, receiversOf, channelOf } = board;
  for (let index = 0; index < count; index++) {
    if (!isExpected(board, index)) continue;
    if ((reached[index] as number) < (receiversOf[channelOf[index] as number] as number)) return true;
  }
  return false;
}

function withSilent(failed: Mishap, silent: number, { load }: BenchSettings): Mishap {
  if (silent === 0) return failed;
  return { count: failed.count + silent, first: failed.first ?? `no canary came within ${load.phases.readyMs / 1000} s` };
}
