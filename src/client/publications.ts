import type { Dialect, Notification, ProtocolError, Receipt } from '../protocol/index.js';
import type { ClosedError } from './closed-error.js';

/** What to publish: a notification, or its JSON text, which the broker relays byte for byte. */
export type Publishable = Notification | { readonly json: string };

export interface PublishOptions {
  /** With `wsn.v1`: the same key within two minutes is not sent again. */
  readonly key?: string;
  /** Stops waiting. What was sent already stays sent. */
  readonly signal?: AbortSignal;
}

interface Publication {
  readonly json: string;
  readonly key: string | undefined;
  resolve(receipt: Receipt | undefined): void;
  reject(error: unknown): void;
}

/** What a client publishes: first waiting for an open line, then for its receipt. */
export class Publications {
  #queue: Publication[] = [];
  readonly #sent = new Map<string, Publication>();
  #ids = 0;
  #served = 0;

  /** How many have been acknowledged. */
  get served(): number {
    return this.#served;
  }

  /** Queues one; nothing is sent yet. */
  add(publishable: Publishable, options: PublishOptions): Promise<Receipt | undefined> {
    const { signal, key } = options;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = () => {
        this.#queue = this.#queue.filter((queued) => queued !== publication);
        reject(signal?.reason);
      };
      const settled = () => signal?.removeEventListener('abort', abort);
      const publication: Publication = {
        json: jsonOf(publishable),
        key,
        resolve: (receipt) => {
          settled();
          this.#served++;
          resolve(receipt);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#queue.push(publication);
    });
  }

  /** Sends what is queued on a line that is open. With the base protocol one publication ends the connection. */
  send(dialect: Dialect, send: (text: string) => void): void {
    const queue = this.#queue;
    this.#queue = [];
    for (const publication of queue) {
      if (dialect === 'base' && this.#sent.size > 0) {
        publication.reject(
          new Error('with the base protocol a connection ends with its first publication: make another client for this one'),
        );
        continue;
      }
      const id = `p${++this.#ids}`;
      this.#sent.set(id, publication);
      send(messageText(publication, dialect === 'base' ? undefined : id));
    }
  }

  /** The broker's receipt for `id`. */
  acknowledged(id: string | undefined, receipt: Receipt): void {
    this.#take(id)?.resolve(receipt);
  }

  /** @returns whether somebody was told that the broker refused `id`. */
  refused(id: string | undefined, error: ProtocolError): boolean {
    const publication = this.#take(id);
    publication?.reject(error);
    return publication !== undefined;
  }

  /** The line is gone, and with it the answers to what was sent; what is queued waits for the next line. */
  lineEnded(dialect: Dialect, closed: ClosedError): void {
    const sent = [...this.#sent.values()];
    this.#sent.clear();
    // 1000 is the receipt of the base protocol; in wsn.v1 it says nothing about a publication.
    const isServed = dialect === 'base' && closed.code === 1000;
    for (const publication of sent) {
      if (isServed) publication.resolve(undefined);
      else publication.reject(closed);
    }
  }

  /** The client is closed. */
  end(closed: ClosedError): void {
    const left = [...this.#sent.values(), ...this.#queue];
    this.#sent.clear();
    this.#queue = [];
    for (const publication of left) publication.reject(closed);
  }

  #take(id: string | undefined): Publication | undefined {
    const publication = id === undefined ? undefined : this.#sent.get(id);
    if (id !== undefined) this.#sent.delete(id);
    return publication;
  }
}

/** A publisher's message with the notification's own text in it. */
function messageText({ json, key }: Publication, id: string | undefined): string {
  const withId = id === undefined ? '' : `"id":"${id}",`;
  const withKey = id === undefined || key === undefined ? '' : `"key":${JSON.stringify(key)},`;
  return `{"sender":"server",${withId}${withKey}"notification":${json}}`;
}

function jsonOf(publishable: Publishable): string {
  if ('json' in publishable && !('package' in publishable)) return publishable.json;
  return JSON.stringify(publishable);
}
