import { type HoldFacts, troubleNow } from '../health/judge-health.js';
import type { Profile } from '../load/load.js';
import { honestOf } from '../plan/hostile.js';
import { total } from '../record/board.js';
import { distributionOf } from '../record/distribution.js';
import type { Histogram } from '../record/histogram.js';
import type { PublisherAccount } from '../record/publisher-account.js';
import { Recording } from '../record/recording.js';
import type { LiveLatency, Progress } from '../result/progress.js';
import type { Phase } from '../result/result.js';
import { targetOf } from '../target.js';
import { monotonicMs } from '../traffic/clock.js';
import type { FromPublisher, FromReceiver } from '../traffic/messages.js';
import { Phases } from './phases.js';
import type { Plan } from './plan-run.js';
import { ProcessFigures } from './process-figures.js';

const SECOND_MS = 1000;
/** How often threads tell what they have recorded. */
const TICK_MS = 100;
const SECONDS_SHOWN = 60;

/** Watches a run from the main thread: what its threads tell, what the process uses, how far it is. */
export class Observer implements Disposable {
  readonly tickMs: number;
  readonly recording: Recording;
  readonly startedAt = new Date();
  readonly phases: Phases;
  readonly figures: ProcessFigures;
  /** CPU of this process from the beginning of the load on, in µs, and the deliveries meanwhile. */
  cpuUs = 0;
  deliveriesMeanwhile = 0;
  isAborted = false;
  isBrokerGone = false;
  readonly #onEnter: () => void;
  readonly #settings: Profile & { readonly url: string };
  readonly #plan: Plan;
  readonly #perSecond: number[] = [];
  #second: NodeJS.Timeout | undefined;
  #deliveredBefore = 0;
  /** Of the publisher, a second ago and now. */
  #accounts: readonly [PublisherAccount | undefined, PublisherAccount | undefined] = [undefined, undefined];
  #deliveredAtBegin = 0;

  /** @param onEnter told when a phase begins. */
  constructor(settings: Profile & { readonly url: string }, plan: Plan, onEnter: () => void = () => {}) {
    this.#onEnter = onEnter;
    this.#settings = settings;
    this.#plan = plan;
    this.tickMs = TICK_MS;
    this.recording = new Recording({ holdStartMs: plan.board.holdStartMs, endMs: plan.endMs, tickMs: this.tickMs });
    this.phases = new Phases(() => (plan.board.startedAt[0] as number) + plan.board.holdStartMs);
    this.figures = new ProcessFigures({ targetPort: targetOf(settings.url).port, sizeBytes: settings.load.sizeBytes });
  }

  get unanswered(): number {
    return this.recording.account?.unanswered ?? 0;
  }

  /** The load begins. */
  begin(): void {
    this.figures.begin();
    this.#deliveredAtBegin = total(this.#plan.board, 'delivered');
    this.enter(this.#settings.load.phases.warmUpMs > 0 ? 'warm-up' : 'hold');
    this.#second = setInterval(() => void this.#nextSecond(), SECOND_MS);
  }

  /** Sending has ended. A hold that is shorter than a second is watched by this look alone. */
  async sentAll({ isGone, isAborted }: { readonly isGone: boolean; readonly isAborted: boolean }): Promise<void> {
    this.isAborted = isAborted;
    const isCutShort = this.#loadMs() < this.#plan.endMs - SECOND_MS / 10;
    this.isBrokerGone = isGone && !isAborted && isCutShort;
    if (this.figures.cpuShares.length > 0) return;
    await this.figures.look(total(this.#plan.board, 'delivered') - this.#deliveredBefore, this.phases.current === 'hold');
  }

  enter(phase: Phase): void {
    this.phases.enter(phase);
    this.#onEnter();
  }

  /** Nothing is under way any more. */
  end(): void {
    this[Symbol.dispose]();
    this.phases.end();
    this.cpuUs = this.figures.cpuUs;
    this.deliveriesMeanwhile = total(this.#plan.board, 'delivered') - this.#deliveredAtBegin;
  }

  /** Looks no more; a run that fails on its way ends here as well. */
  [Symbol.dispose](): void {
    clearInterval(this.#second);
  }

  heardReceiver(thread: string, message: FromReceiver): void {
    if (message.kind === 'half-open') this.figures.halfOpen(thread, message.ports);
    if (message.kind !== 'tick') return;
    this.recording.received(thread, message, { atMs: this.#loadMs(), connected: total(this.#plan.board, 'connected') });
  }

  heardPublisher(message: FromPublisher): void {
    if (message.kind === 'tick') this.recording.sent(message, this.#loadMs());
  }

  get progress(): Progress {
    const { board } = this.#plan;
    const { load } = this.#settings;
    const delivered = total(board, 'delivered');
    const { account } = this.recording;
    const phase = this.phases.current;
    return {
      phase,
      elapsedMs: this.phases.elapsedMs,
      totalMs: phase === 'warm-up' ? load.phases.warmUpMs : phase === 'hold' ? load.phases.holdMs : null,
      subscribers: {
        wanted: honestOf(load),
        connected: total(board, 'connected'),
        ready: total(board, 'ready'),
        failed: total(board, 'failed'),
      },
      notifications: {
        planned: board.isPlanned ? board.count : null,
        sent: account?.sent ?? 0,
        late: account?.lateInHold ?? 0,
      },
      delivered,
      outstanding: Math.max(0, (board.expected[0] as number) - delivered),
      perSecond: this.#perSecond,
      lastSecondMs: live(this.recording.lastSecond),
      wholeMs: live(this.recording.latency),
      faults: {
        lost: 0,
        duplicated: total(board, 'duplicated'),
        misdelivered: total(board, 'misdelivered'),
        reordered: total(board, 'reordered'),
        corrupt: total(board, 'corrupt'),
      },
      recovery:
        load.faults === undefined
          ? null
          : {
              away: total(board, 'away'),
              recovered: total(board, 'recovered'),
              repeated: total(board, 'repeated'),
              unrecovered: total(board, 'unrecovered'),
            },
      generator: {
        loopDelayMs: Math.max(0, ...this.recording.threadsOfLastSecond.map(({ loopDelayMs }) => loopDelayMs)),
        ...this.figures.live,
        trouble: troubleNow(this.#facts()),
      },
    };
  }

  /** The last second, seen as if it were the hold. */
  #facts(): HoldFacts {
    const [before, now] = this.#accounts;
    return {
      limits: this.#settings.limits,
      arrivals: this.#settings.load.arrivals.kind,
      sent: (now?.sentInHold ?? 0) - (before?.sentInHold ?? 0),
      late: (now?.overdueInHold ?? 0) - (before?.overdueInHold ?? 0),
      threads: this.recording.threadsOfLastSecond,
      ...this.figures.live,
      cpuUsPerDelivery: null,
    };
  }

  async #nextSecond(): Promise<void> {
    this.recording.nextSecond();
    this.#accounts = [this.#accounts[1], this.recording.account];
    const delivered = total(this.#plan.board, 'delivered');
    const perSecond = delivered - this.#deliveredBefore;
    this.#deliveredBefore = delivered;
    this.#perSecond.push(perSecond);
    if (this.#perSecond.length > SECONDS_SHOWN) this.#perSecond.shift();
    await this.figures.look(perSecond, this.phases.current === 'hold');
  }

  /** Ms from the start of the load; below 0 before. */
  #loadMs(): number {
    const startedAt = this.#plan.board.startedAt[0] as number;
    return startedAt === 0 ? Number.NEGATIVE_INFINITY : monotonicMs() - startedAt;
  }
}

function live(histogram: Histogram | undefined): LiveLatency | null {
  if (!histogram || histogram.count === 0) return null;
  const { p50, p99, max } = distributionOf(histogram);
  return { p50, p99, max: max ?? 0 };
}
