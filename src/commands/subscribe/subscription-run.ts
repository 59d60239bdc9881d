import type { ChalkInstance } from 'chalk';
import {
  type Client,
  type ClientState,
  ClosedError,
  createClient,
  type Delivery,
  type LostTopic,
  type SubscriptionHandle,
  type WebSocketConstructor,
} from '../../client/index.js';
import { CLOSE_CODES, ProtocolError, type SubscribedTopic, type Subscription } from '../../protocol/index.js';
import { displayUrl } from '../broker/broker-url.js';
import { withCloseName } from '../broker/close-name.js';
import { type Addressee, connectionFailure } from '../broker/connection-failure.js';
import { stranger } from '../broker/stranger.js';
import { tryingAgain } from '../broker/trying-again.js';
import { EXIT, endedBy } from '../exit/exit-codes.js';
import { CommandFailure } from '../exit/usage-error.js';
import { formatDuration } from '../options/duration.js';
import { onClosedStdout } from '../terminal/closed-pipe.js';
import { escapeText } from '../terminal/escape-text.js';
import type { Goal } from './goal.js';
import { NarrowingNotes } from './narrowing-notes.js';
import { noteRewind, type Rewind, rewound } from './rewind-notes.js';
import type { Screen } from './screen.js';
import { statisticsText, type TopicCount } from './statistics-text.js';
import { statusLine } from './status-line.js';
import { SubscribeControls } from './subscribe-controls.js';
import { GapNotes } from './subscription-gap.js';
import { subscriptionsText } from './subscription-text.js';

export interface RunOptions extends Addressee {
  readonly WebSocket: WebSocketConstructor;
  readonly subscriptions: readonly Subscription[];
  /** How far back the first set begins. */
  readonly rewind: Rewind | undefined;
  readonly goal: Goal;
  readonly timeoutMs: number | undefined;
  /** False: it ends when the line breaks or was never there. */
  readonly reconnects: boolean;
  /** Whether keys are read and questions asked. */
  readonly isInteractive: boolean;
  readonly screen: Screen;
  /** For all but the deliveries. */
  readonly pen: ChalkInstance;
  /** A delivery as the line that is printed. */
  render(delivery: Delivery): string;
}

/** The signals that ask to end. */
const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/** One `wsn subscribe` from its first connection to its end, whose first cause wins. */
export class SubscriptionRun {
  readonly #options: RunOptions;
  /** Of the broker, as it may be shown. */
  readonly #broker: string;
  readonly #client: Client;
  /** None before the first set is wanted. */
  #handle: SubscriptionHandle | undefined;
  readonly #controls: SubscribeControls | undefined;
  readonly #gaps: GapNotes;
  readonly #narrowing: NarrowingNotes;
  readonly #topics = new Map<string, TopicCount>();
  readonly #startedAt = Date.now();
  readonly #ended: Promise<number>;
  readonly #end: (outcome: number | Error) => void;
  #subscriptions: readonly Subscription[];
  /** What came before it was said that the first set is in force: a rewind comes with the answer. */
  #early: Delivery[] | undefined = [];
  /** The connection: never there yet, there, or gone after it was there. */
  #line: 'new' | 'open' | 'lost' = 'new';

  constructor(options: RunOptions) {
    this.#options = options;
    this.#broker = displayUrl(options.url);
    this.#subscriptions = options.subscriptions;
    this.#gaps = new GapNotes(options.screen);
    this.#narrowing = new NarrowingNotes(options.screen, options.way);
    let end: (outcome: number | Error) => void = () => {};
    this.#ended = new Promise((resolve, reject) => {
      end = (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome));
    });
    this.#end = end;
    this.#controls = options.isInteractive ? this.#createControls() : undefined;
    this.#client = createClient({
      url: options.url,
      WebSocket: options.WebSocket,
      onState: (state) => this.#follow(state),
      onReset: (topics) => this.#missed(topics),
      onRecovered: (topics) => this.#gaps.recovered(topics),
      onProblem: (error) => options.screen.notice(`problem: ${escapeText(error.described)}`),
    });
  }

  /**
   * @returns the exit code of an ordinary end.
   * @throws CommandFailure for every other.
   */
  async untilDone(): Promise<number> {
    const { screen, timeoutMs } = this.#options;
    const onSignal = (signal: (typeof SIGNALS)[number]) => this.#stop('interrupted', endedBy(signal));
    for (const signal of SIGNALS) process.on(signal, onSignal);
    onClosedStdout(() => this.#stop('stdout is closed', EXIT.failed));
    const ticker = this.#controls && setInterval(() => this.#showStatus(), 1000);
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => this.#giveUp(timeoutMs), timeoutMs);
    this.#controls?.start();
    this.#showStatus();
    this.#subscribe(this.#subscriptions).catch((error: Error) => this.#end(error));
    try {
      return await this.#ended;
    } finally {
      clearTimeout(timer);
      clearInterval(ticker);
      this.#controls?.stop();
      screen.close();
      for (const signal of SIGNALS) process.off(signal, onSignal);
      void this.#client.close();
    }
  }

  /** Ends it from outside: well, unless something is awaited that has not come. */
  #stop(cause: string, code: number): void {
    const { goal } = this.#options;
    this.#end(goal.isPending ? new CommandFailure(`${cause}: ${goal.describe()}${this.#trouble()}`, code) : EXIT.ok);
  }

  #giveUp(timeoutMs: number): void {
    const { goal } = this.#options;
    this.#end(new CommandFailure(`not in time, ${formatDuration(timeoutMs)}: ${goal.describe()}${this.#trouble()}`, EXIT.timeout));
  }

  /** Why nothing can have come. */
  #trouble(): string {
    const { state } = this.#client;
    if (state.kind === 'waiting') return `; ${connectionFailure(this.#options, state).message}`;
    return state.kind === 'open' ? '' : '; there is no connection to the broker';
  }

  /** Puts a set in force and says so; rejects when the broker refuses the first one. */
  async #subscribe(subscriptions: readonly Subscription[]): Promise<void> {
    const { screen, pen } = this.#options;
    const isFirst = subscriptions === this.#options.subscriptions;
    const rewind = isFirst ? this.#options.rewind : undefined;
    let topics: readonly SubscribedTopic[];
    try {
      topics = await this.#want(rewound(subscriptions, rewind));
    } catch (error) {
      if (error instanceof ClosedError) return; // the state says the same, and ends the run
      if (!(error instanceof ProtocolError)) throw error;
      if (isFirst) throw new CommandFailure(`the broker refuses the subscription: ${error.described}`, EXIT.failed);
      screen.notice(`the broker refuses: ${escapeText(error.described)}; the subscription before it stands`);
      return;
    }
    this.#subscriptions = subscriptions;
    this.#gaps.subscribed();
    screen.notice(pen.dim(`subscribed to ${escapeText(subscriptionsText(subscriptions))} on ${this.#broker}`));
    this.#narrowing.subscribed(topics);
    if (rewind !== undefined) noteRewind(rewind, topics, screen);
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const delivery of early) this.#receive(delivery);
  }

  #want(subscriptions: readonly Subscription[]): Promise<readonly SubscribedTopic[]> {
    if (this.#handle) return this.#handle.replace(subscriptions);
    // Whoever asked is told of a refusal.
    this.#handle = this.#client.subscribe(subscriptions, (delivery) => this.#receive(delivery), { onRefused: () => {} });
    return this.#handle.ready;
  }

  #receive(delivery: Delivery): void {
    if (this.#early) {
      this.#early.push(delivery);
      return;
    }
    const { goal, render, screen } = this.#options;
    // A second notification of the same read must not be printed after the last one that was asked for.
    if (goal.isReached) return;
    const name = `${delivery.notification.package}/${delivery.notification.page}`;
    this.#topics.set(name, { name, received: (this.#topics.get(name)?.received ?? 0) + 1, last: delivery.position });
    if (goal.take(delivery.notification)) (this.#controls ?? screen).data(render(delivery));
    if (goal.isReached) this.#end(EXIT.ok);
    this.#showStatus();
  }

  /** What came before in these topics may not all have come. */
  #missed(topics: readonly LostTopic[]): void {
    this.#gaps.missed(topics);
    this.#showStatus();
  }

  #follow(state: ClientState): void {
    if (state.kind === 'closed') {
      const message = withCloseName(new ClosedError(state.code, state.reason).message);
      const remedy = state.code === CLOSE_CODES.unauthenticated.code ? stranger(this.#options.way) : '';
      this.#end(new CommandFailure(`the broker has ended the subscription: ${message}${remedy}`, EXIT.failed));
    } else if (state.kind === 'waiting') this.#waits(state);
    else if (state.kind === 'open') {
      this.#line = 'open';
    }
    this.#showStatus();
  }

  #waits(state: Extract<ClientState, { kind: 'waiting' }>): void {
    const failure = connectionFailure(this.#options, state);
    const gone = `the connection to ${this.#broker} is gone: ${withCloseName(state.because)}`;
    const why = this.#line === 'open' ? new CommandFailure(gone, EXIT.unreachable) : failure;
    // A broker that was there is worth waiting for, whatever answers in its place while it starts again.
    const isFinal = this.#line === 'new' && failure.isFinal;
    if (this.#line === 'open') {
      this.#line = 'lost';
      this.#gaps.lineLost();
    }
    if (isFinal || !this.#options.reconnects) this.#end(why);
    else if (!this.#controls) this.#options.screen.notice(escapeText(tryingAgain(why.message, state.retryAt - Date.now())));
  }

  #createControls(): SubscribeControls {
    const { screen, pen } = this.#options;
    return new SubscribeControls({
      screen,
      pen,
      current: () => this.#subscriptions[0],
      statistics: () => this.#statistics(),
      change: (subscription) => this.#subscribe([subscription]),
      quit: () => this.#stop('interrupted', EXIT.interrupted),
      failed: (error) => this.#end(error),
      onChange: () => this.#showStatus(),
    });
  }

  #statistics(): string {
    const { state, stats } = this.#client;
    const shared = { url: this.#broker, state, subscriptions: this.#subscriptions, startedAt: this.#startedAt };
    const topics = [...this.#topics.values()];
    return statisticsText({ ...shared, ...stats, losses: this.#gaps.losses, topics }, Date.now(), this.#options.pen);
  }

  /** The reason of a waiting client in the words of all other lines, but for the broker's name, for which there is no room. */
  #told(state: ClientState): ClientState {
    if (state.kind !== 'waiting') return state;
    return { ...state, because: connectionFailure(this.#options, state).why };
  }

  #showStatus(): void {
    if (!this.#controls) return;
    const { screen, pen } = this.#options;
    const { state, stats } = this.#client;
    const status = { ...stats, url: this.#broker, state: this.#told(state), held: this.#controls.held };
    screen.status(statusLine(status, Date.now(), { width: process.stderr.columns ?? 80, pen }));
  }
}
