import type { Dialect, Receipt } from '../protocol/index.js';
import { type ClosedError, NORMAL } from './closed-error.js';
import { guarded } from './guarded.js';
import { abortReason, onAbort } from './on-abort.js';
import type { Publishable, PublishOptions } from './publication.js';

/** One publication on its way to its receipt. */
interface Publication extends PublishOptions {
  readonly json: string;
  resolve(receipt?: Receipt): void;
  reject(error: unknown): void;
}

/** What a client publishes: first waiting for an open line, then for its receipt. */
export class Publications {
  /** How many have been acknowledged. */
  served = 0;
  readonly #onServed: () => void;
  readonly #queue = new Set<Publication>();
  /** By id. */
  readonly #sent = new Map<string, Publication>();
  #count = 0;

  /** @param onServed called when `served` has grown. */
  constructor(onServed: () => void) {
    this.#onServed = onServed;
  }

  /** Queues one; nothing is sent yet. */
  add(publishable: Publishable, options: PublishOptions): Promise<Receipt | undefined> {
    const { signal } = options;
    const json = 'json' in publishable && !('package' in publishable) ? publishable.json : JSON.stringify(publishable);
    let abort = () => {};
    const answer = new Promise<Receipt | undefined>((resolve, reject) => {
      const publication = { ...options, json, resolve, reject };
      abort = () => {
        this.#queue.delete(publication);
        reject(abortReason(signal));
      };
      this.#queue.add(publication);
    });
    const forget = onAbort(signal, abort);
    if (signal?.aborted) abort();
    return answer.finally(forget);
  }

  /**
   * Sends what is queued on a line that is open. With the base protocol one publication ends the connection (R-2.10).
   * @param alone sends it on a connection of its own instead, where there is one that must not end; resolves when it is served.
   */
  send(dialect: Dialect, send: (text: string) => void, alone?: (text: string) => Promise<void>): void {
    for (const publication of this.#queue) {
      this.#queue.delete(publication);
      const { json, key, onSent, needsReceipt, reject } = publication;
      const isBase = dialect === 'base';
      if (isBase && (needsReceipt || (!alone && this.#sent.size > 0))) {
        reject(new Error(needsReceipt ? 'the base protocol has no receipts' : 'the connection ends with its first publication'));
        continue;
      }
      if (isBase && alone) {
        alone(`{"sender":"server","notification":${json}}`).then(() => this.#serve(publication), reject);
        if (onSent) guarded(onSent);
        continue;
      }
      const id = `p${++this.#count}`;
      const head = isBase ? '' : `"id":"${id}",${key === undefined ? '' : `"key":${JSON.stringify(key)},`}`;
      this.#sent.set(id, publication);
      send(`{"sender":"server",${head}"notification":${json}}`);
      if (onSent) guarded(onSent);
    }
  }

  /** The broker's answer for `id` (R-5.7, R-5.9). @returns whether it is one of these. */
  answered(id: string | undefined, answer: Receipt | Error): boolean {
    const publication = this.#sent.get(id ?? '');
    if (!publication || id === undefined) return false;
    this.#sent.delete(id);
    if (answer instanceof Error) publication.reject(answer);
    else this.#serve(publication, answer);
    return true;
  }

  /** The line is gone, and with it the answers to what was sent; what is queued waits for the next line. */
  lineEnded(dialect: Dialect, closed: ClosedError): void {
    for (const publication of this.#sent.values()) {
      // 1000 is the receipt of the base protocol (R-2.10); in wsn.v1 it says nothing about a publication.
      if (dialect === 'base' && closed.code === NORMAL) this.#serve(publication);
      else publication.reject(closed);
    }
    this.#sent.clear();
  }

  /** The client is closed. */
  end(closed: ClosedError): void {
    this.lineEnded('v1', closed);
    for (const { reject } of this.#queue) reject(closed);
    this.#queue.clear();
  }

  #serve({ resolve }: Publication, receipt?: Receipt): void {
    this.served++;
    resolve(receipt);
    this.#onServed();
  }
}
