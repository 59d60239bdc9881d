import { setTimeout as sleep } from 'node:timers/promises';
import type { Peer } from '../../peer/index.js';
import { BenchError } from '../bench-error.js';
import { subscriptionsOf } from '../plan/address.js';
import { type LineMoment, planFaults } from '../plan/faults.js';
import { Histogram } from '../record/histogram.js';
import { RestartState } from '../record/restart-state.js';
import { countPassedOver, type ResumeOutcome } from '../record/resume-outcome.js';
import type { Tally } from '../record/tally.js';
import type { Mishap } from '../result/result.js';
import { monotonicMs } from './clock.js';
import type { ReceiverData } from './messages.js';
import { ResumingSubscriber } from './resuming-subscriber.js';

/** What those who come back need of their crowd. */
export interface ResumingCrowdOptions extends ReceiverData {
  readonly tally: Tally;
  /** Those who are connected; whoever is hit is taken out of it. */
  readonly peers: Map<number, Peer>;
  /** Connects one, who asks for what it missed. @throws BenchError when the broker is not reached or refuses. */
  readonly connect: (subscriber: number) => Promise<void>;
  /** The local ports of those that leave data unread now. */
  readonly onHalfOpen: (ports: readonly number[]) => void;
}

/** Whoever does not get a connection tries again after so long. */
const RETRY_MS = 100;

/** The honest subscribers of one receiver under a load with faults: hits their lines, and brings them back to resume. */
export class ResumingCrowd {
  readonly #options: ResumingCrowdOptions;
  readonly #restarts: RestartState;
  readonly #subscribers = new Map<number, ResumingSubscriber>();
  readonly #away = new Set<number>();
  readonly #halfOpen = new Map<number, Peer>();
  readonly #toConnect: number[] = [];
  readonly #resumeUs = new Histogram();
  readonly #moments = new Set<NodeJS.Timeout>();
  readonly #returns = new Set<NodeJS.Timeout>();
  #connecting = 0;
  #counts = { cut: 0, halfOpen: 0, resumed: 0, unrecovered: 0 };
  #whyAway: string | null = null;
  #hasBegun = false;
  #isLeaving = false;

  constructor(options: ResumingCrowdOptions) {
    this.#options = options;
    this.#restarts = new RestartState(options.board.restarts);
  }

  /** How often the broker has been restarted; asked before a line is opened, and given to `ended`. */
  get restarts(): number {
    return this.#restarts.count;
  }

  /** Those who were to come back, and have not. */
  get neverBack(): Mishap {
    return {
      count: this.#away.size,
      first: this.#away.size === 0 ? null : `did not come back: ${this.#whyAway ?? 'the run ended before'}`,
    };
  }

  /** What they know when nothing is under way any more. */
  outcome(): ResumeOutcome {
    const { board, tally } = this.#options;
    const told = [...this.#subscribers].filter(([, { passedOver }]) => passedOver.length > 0);
    return {
      ...this.#counts,
      repeated: tally.repeatedInHold,
      passedOver: countPassedOver(board, tally, new Map(told.map(([subscriber, { passedOver }]) => [subscriber, passedOver]))),
      recoveredUs: tally.recovered.takeSparse(),
      resumeUs: this.#resumeUs.takeSparse(),
    };
  }

  /** What a subscriber knows of its place, which outlives its connections. */
  subscriber(subscriber: number): ResumingSubscriber {
    const known = this.#subscribers.get(subscriber);
    if (known) return known;
    const { tally, workload, run, peers } = this.#options;
    const from = subscriber * workload.subscriptions;
    const made = new ResumingSubscriber({
      subscriber,
      tally,
      subscriptions: subscriptionsOf(run, workload.subscriberChannels.subarray(from, from + workload.subscriptions)),
      now: monotonicMs,
      onResumed: (isRecovered, tookMs) => {
        this.#counts[isRecovered ? 'resumed' : 'unrecovered']++;
        if (!isRecovered) tally.count('unrecovered');
        this.#resumeUs.record(tookMs * 1000);
      },
      onRefused: (why) => {
        this.#whyAway = why;
        peers.get(subscriber)?.destroy();
      },
    });
    this.#subscribers.set(subscriber, made);
    return made;
  }

  /** The load begins: each fault happens when its time has come. */
  begin(): void {
    this.#hasBegun = true;
    const { load, workload, board } = this.#options;
    for (const moment of planFaults(load, workload.behaviourOf)) {
      if (moment.kind === 'restart') continue;
      const inMs = (board.startedAt[0] as number) + moment.atMs - monotonicMs();
      this.#after(inMs, this.#moments, () => this.#hit(moment));
    }
  }

  /** No more faults: whoever is away still comes back. */
  calm(): void {
    for (const timer of this.#moments) clearTimeout(timer);
  }

  leave(): void {
    this.#isLeaving = true;
    this.calm();
    for (const timer of this.#returns) clearTimeout(timer);
  }

  /**
   * A line has ended, though not from this end; its subscriber comes back.
   * @param restartsBefore as of when it was opened.
   * @returns whether it was the run itself that had it ended.
   */
  ended(subscriber: number, restartsBefore: number): boolean {
    if (!this.#hasBegun) return false;
    this.#leaves(subscriber);
    if (this.#halfOpen.has(subscriber)) return true; // the broker was the first to give it up
    const isRestart = this.#restarts.count !== restartsBefore;
    this.#after(isRestart ? 0 : RETRY_MS, this.#returns, () => this.#comesBack(subscriber));
    return isRestart;
  }

  #hit({ kind, forMs, subscribers }: LineMoment): void {
    const { receiver, receivers, peers } = this.#options;
    for (const subscriber of subscribers) {
      const peer = peers.get(subscriber);
      if (subscriber % receivers !== receiver || !peer || this.#halfOpen.has(subscriber)) continue;
      if (kind === 'cut') {
        this.#counts.cut++;
        this.#giveUp(subscriber);
        this.#after(forMs, this.#returns, () => this.#comesBack(subscriber));
      } else {
        this.#counts.halfOpen++;
        this.#halfOpen.set(subscriber, peer);
        peer.pause();
        this.#after(forMs, this.#returns, () => this.#noticesHalfOpen(subscriber));
      }
    }
    if (kind === 'half-open') this.#tellHalfOpen();
  }

  #noticesHalfOpen(subscriber: number): void {
    this.#halfOpen.delete(subscriber);
    this.#tellHalfOpen();
    this.#giveUp(subscriber);
    this.#comesBack(subscriber);
  }

  #tellHalfOpen(): void {
    this.#options.onHalfOpen([...this.#halfOpen.values()].map(({ localPort }) => localPort));
  }

  /** Ends the line of a subscriber at once, if it has one. */
  #giveUp(subscriber: number): void {
    const { peers, tally } = this.#options;
    const peer = peers.get(subscriber);
    if (!peers.delete(subscriber)) return;
    peer?.destroy();
    tally.count('connected', -1);
    this.#leaves(subscriber);
  }

  #leaves(subscriber: number): void {
    if (this.#away.has(subscriber)) return;
    this.#away.add(subscriber);
    this.#options.tally.count('away');
  }

  /** As many connect at the same time as in the ramp. */
  #comesBack(subscriber: number): void {
    this.#toConnect.push(subscriber);
    const { load, receivers } = this.#options;
    if (this.#connecting < Math.max(1, Math.floor(load.connect.inFlight / receivers))) void this.#connectAll();
  }

  async #connectAll(): Promise<void> {
    this.#connecting++;
    for (let next = this.#toConnect.shift(); next !== undefined; next = this.#toConnect.shift()) await this.#connect(next);
    this.#connecting--;
  }

  async #connect(subscriber: number): Promise<void> {
    const { connect, tally } = this.#options;
    while (!this.#isLeaving) {
      if (!this.#restarts.isDown && (await this.#hasConnected(connect(subscriber)))) {
        this.#away.delete(subscriber);
        tally.count('away', -1);
        return;
      }
      await sleep(RETRY_MS);
    }
  }

  async #hasConnected(connecting: Promise<void>): Promise<boolean> {
    try {
      await connecting;
      return true;
    } catch (error) {
      if (!(error instanceof BenchError)) throw error;
      this.#whyAway = error.message;
      return false;
    }
  }

  #after(ms: number, timers: Set<NodeJS.Timeout>, act: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      if (!this.#isLeaving) act();
    }, ms);
    timers.add(timer);
  }
}
