import { ProtocolError, type Receipt } from '../protocol/index.js';
import { BACKOFF, type BackoffOptions, backoffDelay } from './backoff.js';
import type { Client } from './client.js';
import { ABNORMAL, ClosedError } from './closed-error.js';
import { newKey } from './key.js';
import { type Moment, msSince, now } from './moment.js';
import { abortReason, onAbort } from './on-abort.js';
import type { Publishable } from './publication.js';

export interface UntilReceiptOptions {
  /** Default: one that nobody else has made. */
  readonly key?: string;
  /** Stops trying. What was sent already stays sent. */
  readonly signal?: AbortSignal;
  /** Between tries that were refused. */
  readonly backoff?: Partial<BackoffOptions>;
  /** From 0 to below 1. Default: `Math.random`. */
  readonly random?: () => number;
  /** It is refused for now, and tried again; told once for each wait. */
  onWait?(error: ProtocolError): void;
}

/** Shorter than keys are kept (R-5.8: two minutes), by what a message may be on its way. */
export const KEY_IS_SURE_MS = 110_000;

/**
 * Publishes over reconnections and refusals that may get better (`unavailable`, `internal`), with one key, until there is a receipt: so that
 * it is in the log once.
 *
 * Order: of all that is published so with a client, what is sent again is sent before what came later, and while it waits, nothing that
 * came later is sent. Only what was on its way already when the broker refused may have gone before it; wait for each receipt where that matters.
 * @throws ProtocolError when the broker refuses it for good.
 * @throws ClosedError when the client has closed, or when keys are kept no longer and it might be published twice.
 * @throws Error when the connection speaks the base protocol, which has no receipts: it is not sent there.
 */
export function publishUntilReceipt(client: Sender, publishable: Publishable, options: UntilReceiptOptions = {}): Promise<Receipt> {
  const queue = queues.get(client) ?? new RetryQueue(client);
  queues.set(client, queue);
  return queue.add(publishable, options);
}

/** The part of a client that is used here. */
type Sender = Pick<Client, 'publish' | 'state' | 'store'>;

/** By client: a queue has nothing of its own once all that is in it is settled. */
const queues = new WeakMap<object, RetryQueue>();

interface Trial {
  /** In the order of the calls. */
  readonly place: number;
  readonly publishable: Publishable;
  readonly key: string;
  readonly options: UntilReceiptOptions;
  resolve(receipt: Receipt): void;
  reject(error: unknown): void;
  sentAt?: Moment;
  /** When it was sent for the first time of those to which there will be no answer any more. */
  doubtfulSince?: Moment | undefined;
}

class RetryQueue {
  readonly #client: Sender;
  /** To be tried now, or when the wait is over. */
  #due: Trial[] = [];
  #count = 0;
  /** Refusals in a row. */
  #refusals = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Ends being told of a line; there while one is waited for. */
  #forget: (() => void) | undefined;

  constructor(client: Sender) {
    this.#client = client;
  }

  add(publishable: Publishable, options: UntilReceiptOptions): Promise<Receipt> {
    const { key = newKey(), signal } = options;
    let abort = () => {};
    const answer = new Promise<Receipt>((resolve, reject) => {
      const trial: Trial = { place: ++this.#count, publishable, key, options, resolve, reject };
      abort = () => {
        this.#due = this.#due.filter((due) => due !== trial);
        reject(abortReason(signal));
        if (!this.#due.some(({ sentAt }) => sentAt)) this.#goOn(); // the rest need not wait any more
      };
      this.#due.push(trial);
    });
    const forget = onAbort(signal, abort);
    if (signal?.aborted) abort();
    else this.#send();
    return answer.finally(forget);
  }

  /** Only over an open line: else what was sent before it broke, and comes back, might be overtaken by what came meanwhile. */
  #send(): void {
    const { state, store } = this.#client;
    const isIdle = this.#due.length === 0;
    if (isIdle || state.kind === 'open' || state.kind === 'closed') {
      this.#forget?.();
      this.#forget = undefined;
    } else this.#forget ??= store.subscribe(() => this.#send());
    if (state.kind === 'closed') for (const { reject } of this.#due.splice(0)) reject(new ClosedError(state.code, state.reason));
    if (state.kind !== 'open' || this.#timer !== undefined) return;
    const due = this.#due.sort((one, other) => one.place - other.place);
    this.#due = [];
    for (const trial of due) void this.#try(trial);
  }

  async #try(trial: Trial): Promise<void> {
    const { publishable, key, doubtfulSince, options, resolve, reject } = trial;
    if (doubtfulSince && msSince(doubtfulSince) > KEY_IS_SURE_MS) {
      reject(new ClosedError(ABNORMAL, 'no receipt came for nearly as long as keys are kept: sent again, it might be there twice'));
      return;
    }
    const onSent = () => {
      trial.sentAt = now();
    };
    try {
      const signal = options.signal ? { signal: options.signal } : {};
      const receipt = await this.#client.publish(publishable, { key, needsReceipt: true, onSent, ...signal });
      this.#refusals = 0;
      resolve(receipt as Receipt); // `needsReceipt`
    } catch (error) {
      if (options.signal?.aborted) return;
      if (error instanceof ProtocolError && error.retry) this.#refused(trial, error);
      else if (error instanceof ClosedError && this.#client.state.kind !== 'closed') this.#again(trial);
      else reject(error);
    }
  }

  #refused(trial: Trial, error: ProtocolError): void {
    this.#due.push(trial);
    if (this.#timer !== undefined) return;
    const { backoff, random = Math.random, onWait } = trial.options;
    this.#timer = setTimeout(() => this.#goOn(), backoffDelay(++this.#refusals, { ...BACKOFF, ...backoff }, random()));
    onWait?.(error);
  }

  /** Its line is gone: it is put in order again with all that was sent with it, and sent on the next one. */
  #again(trial: Trial): void {
    trial.doubtfulSince ??= trial.sentAt;
    this.#due.push(trial);
    this.#goOn();
  }

  #goOn(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#send();
  }
}
