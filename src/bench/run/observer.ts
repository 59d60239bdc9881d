import { type HoldFacts, troubleNow } from '../health/judge-health.js';
import { backlogMs, type ProcessWatch, watchProcess } from '../health/process-watch.js';
import type { Profile } from '../load/load.js';
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
import type { Plan } from './plan-run.js';

const SECOND_MS = 1000;
const SECONDS_SHOWN = 60;

/** Bytes of a delivery beside its notification: frame, member names. */
const AROUND_NOTIFICATION = 40;

/** Fewer subscribers say nothing about the memory of one. */
const ENOUGH_FOR_MEMORY = 200;

/** Watches a run from the main thread: what its threads tell, what the process uses, how far it is. */
export class Observer implements Disposable {
  readonly tickMs: number;
  readonly recording: Recording;
  readonly startedAt = new Date();
  readonly phasesMs: Record<Phase, number> = { ramp: 0, 'warm-up': 0, hold: 0, drain: 0 };
  /** Per second of the hold: part of all cores, and what waited unread, as time. */
  readonly cpuShares: number[] = [];
  readonly backlogsMs: number[] = [];
  memoryBytesEach: number | null = null;
  /** CPU of this process from the beginning of the load on, in µs, and the deliveries meanwhile. */
  cpuUs = 0;
  deliveriesMeanwhile = 0;
  isAborted = false;
  isBrokerGone = false;
  readonly #onEnter: () => void;
  readonly #settings: Profile & { readonly url: string };
  readonly #plan: Plan;
  readonly #watch: ProcessWatch;
  readonly #perSecond: number[] = [];
  #hostilePorts: ReadonlySet<number> = new Set();
  #phase: Phase | 'done' = 'ramp';
  #phaseSince = monotonicMs();
  #second: NodeJS.Timeout | undefined;
  #deliveredBefore = 0;
  #live = { cpuShare: 0, backlogMs: null as number | null };
  /** Of the publisher, a second ago and now. */
  #accounts: readonly [PublisherAccount | undefined, PublisherAccount | undefined] = [undefined, undefined];
  #memoryBefore = 0;
  #cpuBefore = process.cpuUsage();
  #deliveredAtBegin = 0;

  /** @param onEnter told when a phase begins. */
  constructor(settings: Profile & { readonly url: string }, plan: Plan, onEnter: () => void = () => {}) {
    this.#onEnter = onEnter;
    this.#settings = settings;
    this.#plan = plan;
    const { holdMs } = settings.load.phases;
    this.tickMs = holdMs > 100_000 ? SECOND_MS : 100;
    this.recording = new Recording({ holdStartMs: plan.board.holdStartMs, endMs: plan.endMs, tickMs: this.tickMs });
    this.#watch = watchProcess({ targetPort: targetOf(settings.url).port, hostilePorts: () => this.#hostilePorts });
  }

  get unanswered(): number {
    return this.recording.account?.unanswered ?? 0;
  }

  /** Subscribers are about to connect. */
  connecting(): void {
    this.#memoryBefore = process.memoryUsage.rss();
  }

  /** @param hostilePorts local ports of those that leave data unread. */
  connected(hostilePorts: readonly number[]): void {
    this.#hostilePorts = new Set(hostilePorts);
    const connections = total(this.#plan.board, 'connected') + hostilePorts.length;
    if (connections >= ENOUGH_FOR_MEMORY) {
      this.memoryBytesEach = Math.max(0, Math.round((process.memoryUsage.rss() - this.#memoryBefore) / connections));
    }
  }

  /** The load begins. */
  begin(): void {
    this.#cpuBefore = process.cpuUsage();
    this.#deliveredAtBegin = total(this.#plan.board, 'delivered');
    this.enter(this.#settings.load.phases.warmUpMs > 0 ? 'warm-up' : 'hold');
    void this.#watch.sample(); // what was before the load is none of its business
    this.#second = setInterval(() => void this.#nextSecond(), SECOND_MS);
  }

  /** Sending has ended. A hold that is shorter than a second is watched by this look alone. */
  async sentAll({ isGone, isAborted }: { readonly isGone: boolean; readonly isAborted: boolean }): Promise<void> {
    this.isAborted = isAborted;
    const isCutShort = this.#loadMs() < this.#plan.endMs - SECOND_MS / 10;
    this.isBrokerGone = isGone && !isAborted && isCutShort;
    if (this.cpuShares.length === 0) await this.#look(total(this.#plan.board, 'delivered') - this.#deliveredBefore);
  }

  enter(phase: Phase | 'done'): void {
    const now = monotonicMs();
    this.#toHold(now);
    if (this.#phase !== 'done') this.phasesMs[this.#phase] += now - this.#phaseSince;
    this.#phase = phase;
    this.#phaseSince = now;
    if (phase !== 'done') {
      this.#onEnter();
      return;
    }
    this[Symbol.dispose]();
    const { user, system } = process.cpuUsage(this.#cpuBefore);
    this.cpuUs = user + system;
    this.deliveriesMeanwhile = total(this.#plan.board, 'delivered') - this.#deliveredAtBegin;
  }

  /** Looks no more; a run that fails on its way ends here as well. */
  [Symbol.dispose](): void {
    clearInterval(this.#second);
  }

  heardReceiver(thread: string, message: FromReceiver): void {
    if (message.kind !== 'tick') return;
    this.recording.received(thread, message, { atMs: this.#loadMs(), connected: total(this.#plan.board, 'connected') });
  }

  heardPublisher(message: FromPublisher): void {
    if (message.kind === 'tick') this.recording.sent(message, this.#loadMs());
  }

  get progress(): Progress {
    const { board, workload } = this.#plan;
    const { load } = this.#settings;
    this.#toHold(monotonicMs());
    const delivered = total(board, 'delivered');
    const { account } = this.recording;
    const phase = this.#phase === 'done' ? 'drain' : this.#phase;
    return {
      phase,
      elapsedMs: monotonicMs() - this.#phaseSince,
      totalMs: phase === 'warm-up' ? load.phases.warmUpMs : phase === 'hold' ? load.phases.holdMs : null,
      subscribers: {
        wanted: workload.behaviourOf.length,
        connected: total(board, 'connected') + this.#hostilePorts.size,
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
      generator: {
        loopDelayMs: Math.max(0, ...this.recording.threadsOfLastSecond.map(({ loopDelayMs }) => loopDelayMs)),
        ...this.#live,
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
      late: (now?.lateInHold ?? 0) - (before?.lateInHold ?? 0),
      threads: this.recording.threadsOfLastSecond,
      ...this.#live,
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
    this.#toHold(monotonicMs());
    await this.#look(perSecond);
  }

  /** Looks at the process. @param perSecond deliveries that came lately, which say how long what waits unread takes. */
  async #look(perSecond: number): Promise<void> {
    const isHold = this.#phase === 'hold';
    const { cpuShare, unreadBytes } = await this.#watch.sample();
    const backlog = backlogMs(unreadBytes, perSecond * (this.#settings.load.sizeBytes + AROUND_NOTIFICATION));
    this.#live = { cpuShare, backlogMs: backlog };
    if (!isHold) return;
    this.cpuShares.push(cpuShare);
    if (backlog !== null) this.backlogsMs.push(backlog);
  }

  /** The warm-up ends by itself: the publisher goes straight on. */
  #toHold(now: number): void {
    const holdAt = (this.#plan.board.startedAt[0] as number) + this.#plan.board.holdStartMs;
    if (this.#phase !== 'warm-up' || now < holdAt) return;
    this.phasesMs['warm-up'] += holdAt - this.#phaseSince;
    this.#phase = 'hold';
    this.#phaseSince = holdAt;
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
