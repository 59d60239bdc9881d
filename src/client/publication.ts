import type { Dialect, Notification, Receipt } from '../protocol/index.js';
import { newKey } from './key.js';
import { type Moment, msSince, now } from './moment.js';

/** What to publish: a notification, or its JSON text, which the broker relays byte for byte. */
export type Publishable = Notification | { readonly json: string };

export interface PublishOptions {
  /** With `wsn.v1`: the same key within two minutes is not sent again. */
  readonly key?: string;
  /**
   * With `wsn.v1`: goes on until there is a receipt or a refusal that cannot get better. What has no receipt when the
   * line ends is sent again on the next one, with the same `key` (one is made where none is given), so that it is in the log once.
   * A refusal that may get better (`unavailable`, `internal`) is followed by another try after a growing wait.
   *
   * Order: what is sent again is sent before all that came later, and while it waits, nothing that came later is sent. Only what
   * was on its way already when the broker refused may have gone before it; wait for each receipt where that matters.
   */
  readonly retry?: boolean;
  /** Stops waiting, and trying. What was sent already stays sent. */
  readonly signal?: AbortSignal;
}

/** Shorter than keys are kept (R-5.8: two minutes), by what a message may be on its way. */
export const KEY_IS_SURE_MS = 110_000;

/** One publication on its way to its receipt. */
export class Publication {
  /** In the order of all publications of a client. */
  readonly place: number;
  /** Whether it is tried again. */
  readonly retries: boolean;
  readonly answer: Promise<Receipt | undefined>;
  readonly #json: string;
  readonly #key: string | undefined;
  #resolve: (receipt: Receipt | undefined) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #forget: () => void = () => {};
  #isSettled = false;
  /** When it was sent last. */
  #sentAt: Moment | undefined;
  /** When it was sent for the first time of those to which there will be no answer any more. */
  #doubtfulSince: Moment | undefined;

  /** @param onAbort called when its signal has ended it, after the rejection. */
  constructor(
    publishable: Publishable,
    { key, retry = false, signal, place }: PublishOptions & { readonly place: number },
    onAbort: () => void,
  ) {
    this.place = place;
    this.#json = jsonOf(publishable);
    this.retries = retry;
    this.#key = key ?? (retry ? newKey() : undefined);
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const abort = () => {
      this.reject(signal?.reason);
      onAbort();
    };
    this.#forget = () => signal?.removeEventListener('abort', abort);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  resolve(receipt: Receipt | undefined): void {
    this.#settled();
    this.#resolve(receipt);
  }

  reject(error: unknown): void {
    this.#settled();
    this.#reject(error);
  }

  /** A publisher's message with the notification's own text in it; it is sent now. @param id of this try, for `wsn.v1`. */
  messageFor(dialect: Dialect, id: string): string {
    this.#sentAt = now();
    if (dialect === 'base') return `{"sender":"server","notification":${this.#json}}`;
    const withKey = this.#key === undefined ? '' : `"key":${JSON.stringify(this.#key)},`;
    return `{"sender":"server","id":"${id}",${withKey}"notification":${this.#json}}`;
  }

  /** The line over which it was sent is gone: it may or may not have arrived. */
  lineEnded(): void {
    this.#doubtfulSince ??= this.#sentAt;
  }

  /** Whether it may have arrived so long ago that the broker has forgotten its key: sent again, it might be there twice. */
  get isStale(): boolean {
    return this.#doubtfulSince !== undefined && msSince(this.#doubtfulSince) > KEY_IS_SURE_MS;
  }

  #settled(): void {
    this.#isSettled = true;
    this.#forget();
  }
}

function jsonOf(publishable: Publishable): string {
  if ('json' in publishable && !('package' in publishable)) return publishable.json;
  return JSON.stringify(publishable);
}
