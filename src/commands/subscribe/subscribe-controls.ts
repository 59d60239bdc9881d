import type { ChalkInstance } from 'chalk';
import type { Subscription } from '../../protocol/index.js';
import { HeldLines } from './held-lines.js';
import type { Screen } from './screen.js';
import { KEY_HELP, type KeyAction, Keys } from './subscribe-keys.js';
import { askSubscription } from './subscribe-questions.js';

export interface ControlsOptions {
  readonly screen: Screen;
  readonly pen: ChalkInstance;
  /** The subscription whose parts a question suggests. */
  current(): Subscription | undefined;
  /** The block that the key `s` shows. */
  statistics(): string;
  /** Puts the answer of a question in force. */
  change(subscription: Subscription): Promise<void>;
  quit(): void;
  failed(error: Error): void;
  /** The status line is to be drawn again. */
  onChange(): void;
}

/** `isPaused` while asking: whether it is paused again when the question is answered. */
type State =
  | { readonly kind: 'running' | 'paused' }
  | { readonly kind: 'asking'; readonly isPaused: boolean; readonly question: AbortController };

/** The keys of `wsn subscribe` on a terminal, with what they hold back and ask. */
export class SubscribeControls {
  readonly #options: ControlsOptions;
  readonly #keys = new Keys((action) => this.#act(action));
  readonly #held = new HeldLines<{ readonly text: string }>();
  #state: State = { kind: 'running' };

  constructor(options: ControlsOptions) {
    this.#options = options;
  }

  /** How many notifications are held back; `undefined` when it is not paused. */
  get held(): number | undefined {
    return this.#isPaused ? this.#held.count : undefined;
  }

  start(): void {
    this.#keys.listen();
  }

  /** Takes an open question back, gives the terminal back and prints what is held. */
  stop(): void {
    if (this.#state.kind === 'asking') this.#state.question.abort();
    this.#keys.stop();
    this.#state = { kind: 'running' };
    this.#release();
  }

  /** Prints a line of data, now or after the pause. */
  data(line: string): void {
    if (this.#isPaused) this.#held.add({ text: line });
    else this.#options.screen.data(line);
  }

  get #isPaused(): boolean {
    return this.#state.kind === 'asking' ? this.#state.isPaused : this.#state.kind === 'paused';
  }

  #act(action: KeyAction): void {
    const { screen, pen } = this.#options;
    switch (action) {
      case 'quit':
      case 'interrupt':
        this.#options.quit();
        break;
      case 'change':
        this.#change().catch((error: Error) => this.#options.failed(error));
        break;
      case 'help':
        screen.notice(pen.dim(KEY_HELP));
        break;
      case 'statistics':
        screen.notice(this.#options.statistics());
        break;
      case 'pause':
        this.#togglePause();
    }
    this.#options.onChange();
  }

  #togglePause(): void {
    if (this.#state.kind === 'asking') return;
    this.#state = { kind: this.#state.kind === 'paused' ? 'running' : 'paused' };
    if (this.#state.kind === 'running') this.#release();
  }

  async #change(): Promise<void> {
    if (this.#state.kind === 'asking') return;
    const { screen } = this.#options;
    const asking: State = { kind: 'asking', isPaused: this.#isPaused, question: new AbortController() };
    this.#state = asking;
    this.#keys.stop();
    screen.suspend();
    const answer = await askSubscription(this.#options.current(), asking.question.signal);
    if (this.#state !== asking) return; // it has ended meanwhile
    this.#state = { kind: asking.isPaused ? 'paused' : 'running' };
    screen.resume();
    this.#keys.listen();
    if (answer) await this.#options.change(answer);
    else screen.notice('the subscription stays as it is');
  }

  #release(): void {
    const { screen } = this.#options;
    const { lines, dropped } = this.#held.takeAll();
    if (dropped > 0) screen.notice(`${dropped} older notifications were dropped during the pause`);
    for (const { text } of lines) screen.data(text);
  }
}
