import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Metrics } from './metrics.js';
import { openPublisher } from './open-publisher.js';
import type { BenchOptions } from './options.js';
import { type Plan, planRun } from './plan.js';
import type { Publisher } from './publisher.js';
import { type BenchResult, type Mishap, summarise } from './result.js';
import { sendOnTime } from './send-on-time.js';
import { openSubscribers, type Subscribers } from './subscribers.js';
import { Tally } from './tally.js';

/** How far a run is. */
export interface Progress {
  readonly phase: Phase;
  readonly connected: number;
  /** Notifications that were sent, of `planned` in all. */
  readonly sent: number;
  readonly planned: number;
  readonly delivered: number;
  /** Deliveries of what was sent that have not come. */
  readonly outstanding: number;
}

export type Phase = 'connecting' | 'warming-up' | 'measuring' | 'draining';

/** What a run is told, and tells, while it goes on. */
export interface RunContext {
  /** Aborted: sending stops; what was sent is awaited and summed up. While connecting the run is given up. */
  readonly signal?: AbortSignal;
  /** Called about ten times a second, and when sending begins and ends. */
  readonly onProgress?: (progress: Progress) => void;
}

/** How long deliveries may fail to come until they count as lost. */
const DRAIN_PATIENCE_MS = 5000;
const DRAIN_POLL_MS = 20;
const FENCE_MS = 2000;
const PROGRESS_MS = 100;

/**
 * Makes one run against a broker: connects, sends as planned, waits for what is under way, and sums up.
 * @throws BenchError when the broker is not reached or does not serve; the signal's reason when aborted while connecting.
 */
export async function runBench(options: BenchOptions, context: RunContext = {}): Promise<BenchResult> {
  const run = new Run(options, context);
  const telling = setInterval(() => context.onProgress?.(run.progress), PROGRESS_MS);
  try {
    return await run.make();
  } finally {
    clearInterval(telling);
  }
}

class Run {
  readonly #options: BenchOptions;
  readonly #signal: AbortSignal | undefined;
  readonly #onProgress: RunContext['onProgress'];
  readonly #plan: Plan;
  readonly #metrics: Metrics;
  #phase: Phase = 'connecting';
  #connected = 0;
  #tally: Tally | undefined;
  #refused: Mishap = { count: 0 };
  #unknown: Mishap = { count: 0 };
  #startedAt = 0;

  constructor(options: BenchOptions, { signal, onProgress }: RunContext) {
    this.#options = options;
    this.#signal = signal;
    this.#onProgress = onProgress;
    this.#plan = planRun(options);
    this.#metrics = new Metrics(this.#plan.pacer, this.#plan.warmUp);
  }

  get progress(): Progress {
    const counts = this.#tally?.counts;
    const { warmedUp, sent } = this.#metrics.totals;
    return {
      phase: this.#phase === 'warming-up' && warmedUp === this.#plan.warmUp ? 'measuring' : this.#phase,
      connected: this.#connected,
      sent: warmedUp + sent,
      planned: this.#plan.pacer.count,
      delivered: counts?.delivered ?? 0,
      outstanding: counts?.lost ?? 0,
    };
  }

  async make(): Promise<BenchResult> {
    const connecting = new AbortController();
    setMaxListeners(0, connecting.signal); // each subscriber that connects listens to it
    const giveUp = () => connecting.abort(this.#signal?.reason);
    this.#signal?.throwIfAborted();
    this.#signal?.addEventListener('abort', giveUp, { once: true });
    await using publisher = await this.#openPublisher(connecting.signal);
    this.#tally = new Tally(this.#plan.workload, this.#plan.envelope, publisher.kind === 'persistent' ? 'as-sent' : 'same-for-all');
    await using subscribers = await this.#openSubscribers(this.#tally, connecting.signal);
    // From here on an interruption ends the sending and leaves the connections, on which deliveries are still to come.
    this.#signal?.removeEventListener('abort', giveUp);
    await this.#send(publisher, subscribers);
    await this.#drain(publisher, subscribers, this.#tally);
    return this.#summarise(publisher, subscribers, this.#tally);
  }

  #openPublisher(signal: AbortSignal): Promise<Publisher> {
    const { target, envelope, probe } = this.#plan;
    return openPublisher(this.#options.publishers, {
      target,
      envelope,
      probe,
      signal,
      onSending: (index) => {
        this.#tally?.sent(index);
        this.#metrics.sent(index, this.#now());
      },
      onRefused: (index, why) => {
        this.#tally?.refused(index);
        this.#refused = oneMore(this.#refused, why);
      },
      onUnknown: (index, why) => {
        this.#tally?.refused(index);
        this.#unknown = oneMore(this.#unknown, why);
      },
    });
  }

  #openSubscribers(tally: Tally, signal: AbortSignal): Promise<Subscribers> {
    const { target, workload } = this.#plan;
    return openSubscribers({
      target,
      signal,
      count: this.#options.subscribers,
      subscriptionOf: workload.subscriptionOf,
      onConnected: (count) => {
        this.#connected = count;
      },
      onMessage: (subscriber, payload) => {
        const now = this.#now();
        const index = tally.received(subscriber, payload);
        if (index !== undefined) this.#metrics.delivered(index, now);
      },
    });
  }

  async #send(publisher: Publisher, subscribers: Subscribers): Promise<void> {
    this.#enter('warming-up');
    this.#startedAt = performance.now();
    await sendOnTime({
      pacer: this.#plan.pacer,
      now: () => this.#now(),
      send: (index) => publisher.publish(index),
      isOver: () => this.#signal?.aborted === true || publisher.isGone || subscribers.connected === 0,
    });
    if (this.#signal?.aborted) publisher.stop();
  }

  /** Waits until everything has come, or nothing has for a while; the fence then shows copies that came behind. */
  async #drain(publisher: Publisher, subscribers: Subscribers, tally: Tally): Promise<void> {
    this.#enter('draining');
    let left = -1;
    let since = performance.now();
    while (left !== 0 && performance.now() - since < DRAIN_PATIENCE_MS) {
      const now = (subscribers.connected === 0 ? 0 : tally.counts.lost) + publisher.unanswered;
      if (now !== left) since = performance.now();
      left = now;
      if (left !== 0) await sleep(DRAIN_POLL_MS);
    }
    await subscribers.barrier(FENCE_MS);
  }

  #summarise(publisher: Publisher, subscribers: Subscribers, tally: Tally): BenchResult {
    const { warmedUp, sent } = this.#metrics.totals;
    const { count } = this.#plan.pacer;
    const isCutShort = warmedUp + sent < count;
    const brokerGone = isCutShort && (publisher.isGone || subscribers.connected === 0);
    return summarise({
      options: { ...this.#options, publishers: publisher.kind },
      planned: count - this.#plan.warmUp,
      interrupted: isCutShort && this.#signal?.aborted === true,
      brokerGone,
      counts: tally.counts,
      metrics: this.#metrics,
      refused: this.#refused,
      unknown: this.#unknown,
      unanswered: publisher.unanswered,
      disconnected: subscribers.disconnected,
    });
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#onProgress?.(this.progress);
  }

  #now(): number {
    return performance.now() - this.#startedAt;
  }
}

function oneMore({ count, first }: Mishap, why: string): Mishap {
  return { count: count + 1, first: first ?? why };
}
