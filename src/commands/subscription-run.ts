import type { ChalkInstance } from 'chalk';
import { type Client, type ClientState, ClosedError, createClient, type Delivery, type WebSocketConstructor } from '../client/index.js';
import { ProtocolError, type Subscription } from '../protocol/index.js';
import { formatDuration } from './duration.js';
import { escapeText } from './escape-text.js';
import { EXIT } from './exit-codes.js';
import type { Goal } from './goal.js';
import { HeldLines } from './held-lines.js';
import type { Screen } from './screen.js';
import { statisticsText, type TopicCount } from './statistics-text.js';
import { statusLine } from './status-line.js';
import { KEY_HELP, type KeyAction, Keys } from './subscribe-keys.js';
import { askSubscription } from './subscribe-questions.js';
import { subscriptionsText } from './subscription-text.js';
import { CommandFailure } from './usage-error.js';

export interface RunOptions {
  readonly url: string;
  readonly WebSocket: WebSocketConstructor;
  readonly subscriptions: readonly Subscription[];
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

/** What a shell reports for a process that SIGTERM ended. */
const TERMINATED = 143;

/** How many notifications a pause keeps. */
const HELD = 10_000;

/** One `wsn subscribe` from its first connection to its end, whose first cause wins. */
export class SubscriptionRun {
  readonly #options: RunOptions;
  readonly #client: Client;
  readonly #keys = new Keys((action) => this.#act(action));
  readonly #held = new HeldLines(HELD);
  readonly #topics = new Map<string, TopicCount>();
  readonly #startedAt = Date.now();
  readonly #ended: Promise<number>;
  readonly #end: (outcome: number | Error) => void;
  #subscriptions: readonly Subscription[];
  #isPaused = false;
  #hasBeenOpen = false;
  #question: AbortController | undefined;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#subscriptions = options.subscriptions;
    let end: (outcome: number | Error) => void = () => {};
    this.#ended = new Promise((resolve, reject) => {
      end = (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome));
    });
    this.#end = end;
    this.#client = createClient({
      url: options.url,
      WebSocket: options.WebSocket,
      onNotification: (delivery) => this.#receive(delivery),
      onState: (state) => this.#follow(state),
      onReset: () => options.screen.notice('the broker has lost count: notifications may be missing here'),
      onProblem: (error) => options.screen.notice(`problem: ${escapeText(error.described)}`),
    });
  }

  /**
   * @returns the exit code of an ordinary end.
   * @throws CommandFailure for every other.
   */
  async untilDone(): Promise<number> {
    const { screen, timeoutMs, goal, isInteractive } = this.#options;
    const onInterrupt = () => this.#quit(EXIT.interrupted);
    const onTerminate = () => this.#quit(TERMINATED);
    process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate);
    const ticker = isInteractive ? setInterval(() => this.#showStatus(), 1000) : undefined;
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(
            () =>
              this.#end(
                new CommandFailure(`not in time, ${formatDuration(timeoutMs)}: ${goal.describe()}${this.#trouble()}`, EXIT.timeout),
              ),
            timeoutMs,
          );
    if (isInteractive) this.#keys.listen();
    this.#showStatus();
    this.#subscribe(this.#subscriptions).catch((error: Error) => this.#end(error));
    try {
      return await this.#ended;
    } finally {
      clearTimeout(timer);
      clearInterval(ticker);
      this.#question?.abort();
      if (isInteractive) this.#keys.stop();
      this.#release();
      screen.close();
      process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate);
      void this.#client.close();
    }
  }

  /** Puts a set in force and says so; rejects when the broker refuses the first one. */
  async #subscribe(subscriptions: readonly Subscription[]): Promise<void> {
    const { screen, url, pen } = this.#options;
    const isFirst = subscriptions === this.#options.subscriptions;
    try {
      await this.#client.subscribe(subscriptions);
    } catch (error) {
      if (error instanceof ClosedError) return; // the state says the same, and ends the run
      if (!(error instanceof ProtocolError)) throw error;
      if (isFirst) throw new CommandFailure(`the broker refuses the subscription: ${error.described}`, EXIT.failed);
      screen.notice(`the broker refuses: ${escapeText(error.described)}; the subscription before it stands`);
      return;
    }
    this.#subscriptions = subscriptions;
    screen.notice(pen.dim(`subscribed to ${escapeText(subscriptionsText(subscriptions))} on ${url}`));
  }

  #receive(delivery: Delivery): void {
    const { goal, render, screen } = this.#options;
    // A second notification of the same read must not be printed after the last one that was asked for.
    if (goal.isReached) return;
    const name = `${delivery.notification.package}/${delivery.notification.page}`;
    this.#topics.set(name, { name, received: (this.#topics.get(name)?.received ?? 0) + 1, last: delivery.position });
    if (goal.take(delivery.notification)) {
      const line = render(delivery);
      if (this.#isPaused) this.#held.add(line);
      else screen.data(line);
    }
    if (goal.isReached) this.#end(EXIT.ok);
    this.#showStatus();
  }

  #follow(state: ClientState): void {
    const { reconnects, url } = this.#options;
    if (state.kind === 'closed') {
      this.#end(
        new CommandFailure(`the broker has ended the subscription: ${new ClosedError(state.code, state.reason).message}`, EXIT.failed),
      );
    } else if (state.kind === 'waiting') {
      const what = this.#hasBeenOpen ? `the connection to ${url} is gone` : `cannot reach ${url}`;
      if (!reconnects) this.#end(new CommandFailure(`${what}: ${state.because}`, EXIT.unreachable));
      else this.#note(`${what}: ${state.because}; trying again in ${((state.retryAt - Date.now()) / 1000).toFixed(1)} s`);
    } else if (state.kind === 'open') {
      if (this.#hasBeenOpen) this.#note(`connected to ${url} again`);
      this.#hasBeenOpen = true;
    }
    this.#showStatus();
  }

  /** A note on the connection, where there is no status line to say the same. */
  #note(text: string): void {
    if (!this.#options.isInteractive) this.#options.screen.notice(escapeText(text));
  }

  #act(action: KeyAction): void {
    const { screen, pen } = this.#options;
    switch (action) {
      case 'quit':
      case 'interrupt':
        this.#quit(EXIT.interrupted);
        break;
      case 'change':
        this.#change().catch((error: Error) => this.#end(error));
        break;
      case 'help':
        screen.notice(pen.dim(KEY_HELP));
        break;
      case 'statistics':
        screen.notice(this.#statistics());
        break;
      case 'pause':
        this.#isPaused = !this.#isPaused;
        if (!this.#isPaused) this.#release();
    }
    this.#showStatus();
  }

  #statistics(): string {
    const { url, pen } = this.#options;
    const { state, stats } = this.#client;
    const shared = { url, state, subscriptions: this.#subscriptions, startedAt: this.#startedAt, topics: [...this.#topics.values()] };
    return statisticsText({ ...shared, received: stats.received, reconnects: stats.reconnects }, Date.now(), pen);
  }

  async #change(): Promise<void> {
    const { screen } = this.#options;
    this.#keys.stop();
    screen.suspend();
    this.#question = new AbortController();
    const answer = await askSubscription(this.#subscriptions[0], this.#question.signal);
    const { aborted } = this.#question.signal;
    this.#question = undefined;
    if (aborted) return;
    screen.resume();
    this.#keys.listen();
    if (answer) await this.#subscribe([answer]);
    else screen.notice('the subscription stays as it is');
  }

  /** Prints what a pause has held back. */
  #release(): void {
    const { screen } = this.#options;
    const { lines, dropped } = this.#held.takeAll();
    if (dropped > 0) screen.notice(`${dropped} older notifications were dropped during the pause`);
    for (const line of lines) screen.data(line);
  }

  #quit(code: number): void {
    const { goal } = this.#options;
    this.#end(goal.isPending ? new CommandFailure(`interrupted: ${goal.describe()}${this.#trouble()}`, code) : EXIT.ok);
  }

  /** Why nothing can have come. */
  #trouble(): string {
    const { state } = this.#client;
    if (state.kind === 'waiting') return `; the broker cannot be reached: ${state.because}`;
    return state.kind === 'open' ? '' : '; there is no connection to the broker';
  }

  #showStatus(): void {
    const { screen, url, isInteractive, pen } = this.#options;
    if (!isInteractive) return;
    const { received, reconnects } = this.#client.stats;
    const held = this.#isPaused ? this.#held.count : undefined;
    const width = process.stderr.columns ?? 80;
    screen.status(statusLine({ url, state: this.#client.state, received, reconnects, held }, Date.now(), { width, pen }));
  }
}
