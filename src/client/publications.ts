import { CLOSE_CODES, type Dialect, type ProtocolError, type Receipt } from '../protocol/index.js';
import { BACKOFF, type BackoffOptions, backoffDelay } from './backoff.js';
import { ClosedError } from './closed-error.js';
import { Publication, type Publishable, type PublishOptions } from './publication.js';

interface PublicationsOptions {
  /** How long to wait after a refusal that may get better. */
  readonly backoff: Partial<BackoffOptions>;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Such a wait is over: `send` is to be called where a line is open. */
  onDue(): void;
}

/** Who was told of a refusal: the publisher; nobody, as it is tried again (`first`: the wait begins with it); nobody, as it is unknown. */
type Told = 'publisher' | 'retried' | 'retried first' | 'nobody';

/** What a client publishes: first waiting for an open line, then for its receipt. */
export class Publications {
  readonly #options: PublicationsOptions;
  readonly #backoff: BackoffOptions;
  /** Not sent yet, in their order. */
  #queue: Publication[] = [];
  /** Sent, and to be sent again: all of it before `#queue`, in the order of `place`. */
  #again: Publication[] = [];
  /** By the id of the try. */
  readonly #sent = new Map<string, Publication>();
  #count = 0;
  #ids = 0;
  #served = 0;
  /** Refusals in a row that may get better. */
  #refusals = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: PublicationsOptions) {
    this.#options = options;
    this.#backoff = { ...BACKOFF, ...options.backoff };
  }

  /** How many have been acknowledged. */
  get served(): number {
    return this.#served;
  }

  /** Queues one; nothing is sent yet. */
  add(publishable: Publishable, options: PublishOptions): Promise<Receipt | undefined> {
    const publication: Publication = new Publication(publishable, { ...options, place: ++this.#count }, () => this.#clearAway());
    if (!publication.isSettled) this.#queue.push(publication);
    return publication.answer;
  }

  /**
   * Sends what is queued on a line that is open. With the base protocol one publication ends the connection.
   * @param alone sends it on a connection of its own instead, where there is one that must not end; resolves when it is served.
   */
  send(dialect: Dialect, send: (text: string) => void, alone?: (text: string) => Promise<void>): void {
    if (this.#timer !== undefined) return; // nothing overtakes what was refused for now
    const queue = [...this.#again.sort((one, other) => one.place - other.place), ...this.#queue];
    this.#again = [];
    this.#queue = [];
    for (const publication of queue) {
      const obstacle = this.#obstacle(publication, dialect);
      if (obstacle) publication.reject(obstacle);
      else if (dialect === 'base' && alone) {
        alone(publication.messageFor(dialect, '')).then(
          () => this.#serve(publication, undefined),
          (error) => publication.reject(error),
        );
      } else {
        const id = `p${++this.#ids}`;
        this.#sent.set(id, publication);
        send(publication.messageFor(dialect, id));
      }
    }
  }

  /** The broker's receipt for `id`. */
  acknowledged(id: string | undefined, receipt: Receipt): void {
    const publication = this.#take(id);
    if (publication) this.#serve(publication, receipt);
  }

  /** The broker refused `id`. @param mayGetBetter whether it says so. */
  refused(id: string | undefined, error: ProtocolError, mayGetBetter: boolean): Told {
    const publication = this.#take(id);
    if (!publication) return 'nobody';
    if (!mayGetBetter || !publication.retries || publication.isSettled) {
      publication.reject(error);
      return 'publisher';
    }
    this.#again.push(publication);
    if (this.#timer !== undefined) return 'retried';
    const delayMs = backoffDelay(++this.#refusals, this.#backoff, this.#options.random());
    this.#timer = setTimeout(() => this.#goOn(), delayMs);
    return 'retried first';
  }

  /** The line is gone, and with it the answers to what was sent; what is queued, or tried again, waits for the next line. */
  lineEnded(dialect: Dialect, closed: ClosedError): void {
    const sent = [...this.#sent.values()];
    this.#sent.clear();
    this.#stopWaiting();
    // 1000 is the receipt of the base protocol; in wsn.v1 it says nothing about a publication.
    const isServed = dialect === 'base' && closed.code === CLOSE_CODES.normal.code;
    for (const publication of sent) {
      publication.lineEnded();
      if (isServed) this.#serve(publication, undefined);
      else if (publication.retries && !publication.isSettled) this.#again.push(publication);
      else publication.reject(closed);
    }
  }

  /** The client is closed. */
  end(closed: ClosedError): void {
    const left = [...this.#sent.values(), ...this.#again, ...this.#queue];
    this.#sent.clear();
    this.#again = [];
    this.#queue = [];
    this.#stopWaiting();
    for (const publication of left) publication.reject(closed);
  }

  /** Why it cannot be sent, now or ever. */
  #obstacle(publication: Publication, dialect: Dialect): Error | undefined {
    if (dialect === 'base' && publication.retries)
      return new Error('this connection speaks the base protocol, which has no keys: publish without retry, as it might be sent twice');
    if (dialect === 'base' && this.#sent.size > 0)
      return new Error('with the base protocol a connection ends with its first publication: make another client for this one');
    if (!publication.isStale) return undefined;
    const reason = 'it was sent, and no receipt came for nearly as long as keys are kept: sent again, it might be there twice';
    return new ClosedError(CLOSE_CODES.abnormal.code, reason);
  }

  #serve(publication: Publication, receipt: Receipt | undefined): void {
    this.#served++;
    this.#refusals = 0;
    publication.resolve(receipt);
  }

  /** Takes out of the queue what its publisher has given up; perhaps the rest need not wait any more. */
  #clearAway(): void {
    this.#queue = this.#queue.filter(({ isSettled }) => !isSettled);
    this.#again = this.#again.filter(({ isSettled }) => !isSettled);
    if (this.#timer !== undefined && this.#again.length === 0) this.#goOn();
  }

  #goOn(): void {
    this.#stopWaiting();
    this.#options.onDue();
  }

  #stopWaiting(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #take(id: string | undefined): Publication | undefined {
    const publication = id === undefined ? undefined : this.#sent.get(id);
    if (id !== undefined) this.#sent.delete(id);
    return publication;
  }
}
