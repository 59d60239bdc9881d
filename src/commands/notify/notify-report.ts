import type { Receipt } from '../../protocol/index.js';
import { EXIT } from '../exit/exit-codes.js';
import { CommandFailure } from '../exit/usage-error.js';
import { onClosedStdout } from '../terminal/closed-pipe.js';
import { escapeText } from '../terminal/escape-text.js';
import type { Outgoing } from './outgoing.js';
import { nameOf } from './publish-all.js';

/** Between two updates of the progress line, in ms. */
const PROGRESS_MS = 100;
const CLEAR_LINE = '\r\u001b[K';

export interface ReportOptions {
  readonly outgoing: readonly Outgoing[];
  /** Receipts as JSON, one a line. */
  readonly isJson: boolean;
  /** Fewer subscribers than this are too few. */
  readonly expectMatched: number | undefined;
}

/** Tells what has been published: receipts on stdout for as long as somebody reads them, progress on stderr where that is a terminal. */
export class NotifyReport {
  readonly #options: ReportOptions;
  readonly #showsProgress: boolean;
  #tooFew: { readonly count: number; readonly first: string; readonly what: string } | undefined;
  #shownAt = 0;
  #isRead = true;

  constructor(options: ReportOptions) {
    this.#options = options;
    this.#showsProgress = process.stderr.isTTY && options.outgoing.length > 1;
    onClosedStdout(() => {
      this.#isRead = false;
    });
  }

  /** One more has been published; they come in order. */
  add(receipt: Receipt | undefined, index: number): void {
    if (receipt) this.#take(receipt, index);
    if (!this.#showsProgress || Date.now() - this.#shownAt < PROGRESS_MS) return;
    this.#shownAt = Date.now();
    process.stderr.write(`${CLEAR_LINE}${index + 1} of ${this.#options.outgoing.length} published`);
  }

  /** One line of status, in a peer's words. */
  notice(sentence: string): void {
    if (this.#showsProgress) process.stderr.write(CLEAR_LINE);
    process.stderr.write(`${escapeText(sentence)}\n`);
  }

  /** No more will come: the progress line goes. */
  end(): void {
    if (this.#showsProgress) process.stderr.write(CLEAR_LINE);
  }

  /**
   * All have been published.
   * @throws CommandFailure when some went to too few subscribers.
   */
  finish(): void {
    const { outgoing, expectMatched } = this.#options;
    const one = outgoing.length === 1;
    if (this.#tooFew) {
      const { count, first, what } = this.#tooFew;
      const others = count === 1 ? '' : ` (and ${count - 1} more of them to too few)`;
      throw new CommandFailure(`${first} ${what}, expected at least ${expectMatched}${others}`, EXIT.failed);
    }
    if (process.stderr.isTTY) process.stderr.write(`published ${one ? 'the notification' : `${outgoing.length} notifications`}\n`);
  }

  #take(receipt: Receipt, index: number): void {
    const { outgoing, isJson, expectMatched } = this.#options;
    if (this.#showsProgress) process.stderr.write(CLEAR_LINE);
    if (this.#isRead) process.stdout.write(`${isJson ? escapeText(JSON.stringify(receipt)) : readable(receipt, outgoing, index)}\n`);
    if (expectMatched === undefined || receipt.matched >= expectMatched) return;
    const first = outgoing.length === 1 ? 'the notification' : nameOf(outgoing, index);
    this.#tooFew = this.#tooFew ? { ...this.#tooFew, count: this.#tooFew.count + 1 } : { count: 1, first, what: fateOf(receipt) };
  }
}

function readable(receipt: Receipt, outgoing: readonly Outgoing[], index: number): string {
  const { position, duplicate, matched } = receipt;
  const number = outgoing.length === 1 ? '' : `${index + 1}. `;
  return `${number}${fateOf(receipt)}, number ${position.offset} of its topic${duplicate && matched > 0 ? ', published before' : ''}`;
}

/** A broker that has been started again remembers a key, but not to how many its notification went (R-5.8). */
function fateOf({ matched, duplicate }: Receipt): string {
  if (duplicate && matched === 0) return 'was published before, to how many subscribers is not known';
  return `went to ${subscribers(matched)}`;
}

function subscribers(count: number): string {
  return count === 1 ? '1 subscriber' : `${count} subscribers`;
}
