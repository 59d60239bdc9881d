import { type Client, type ClientState, createClient, publishUntilReceipt } from '../../client/index.js';
import type { ProtocolError, Receipt } from '../../protocol/index.js';
import { brokerSocket } from '../broker/broker-socket.js';
import { displayUrl } from '../broker/broker-url.js';
import { withCloseName } from '../broker/close-name.js';
import { type Addressee, connectionFailure } from '../broker/connection-failure.js';
import { tryingAgain } from '../broker/trying-again.js';
import { EXIT } from '../exit/exit-codes.js';
import { CommandFailure } from '../exit/usage-error.js';
import type { Outgoing } from './outgoing.js';
import { publishFailure } from './publish-failure.js';
import { type Endeavour, type Publisher, RETRY_BACKOFF } from './publisher.js';

/** Enough that the way to the broker and back does not count, few enough that memory does not either. */
const PERSISTENT_WINDOW = 64;

/** A connection for each notification, which the broker closes when it has it. */
export function ephemeralPublisher(addressee: Addressee, endeavour: Endeavour): Publisher {
  let current: Attempt | undefined;
  let hasSent = false;
  return {
    window: 1, // the next connection might overtake this one
    hasSent: () => hasSent || current?.hasSent === true,
    async publish(outgoing) {
      hasSent ||= current?.hasSent === true;
      await using attempt = new Attempt(addressee, 'base', endeavour);
      current = attempt;
      return await attempt.publish(outgoing);
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** One connection for all, which speaks `wsn.v1`: so many are under way at once as its window says. */
export function persistentPublisher(addressee: Addressee, endeavour: Endeavour): Publisher {
  const attempt = new Attempt(addressee, 'v1', endeavour);
  return {
    window: PERSISTENT_WINDOW,
    hasSent: () => attempt.hasSent,
    publish: (outgoing) => attempt.publish(outgoing),
    [Symbol.asyncDispose]: () => attempt[Symbol.asyncDispose](),
  };
}

/** A client that connects once: a publisher that cannot reach its broker says so, and waits for it to come only with `retry`. */
class Attempt implements AsyncDisposable {
  readonly #addressee: Addressee;
  readonly #dialect: 'base' | 'v1';
  readonly #signal: AbortSignal;
  /** Set where it tries again. */
  readonly #onWait: Endeavour['onWait'];
  readonly #client: Client;
  /** Nothing is given to the client before: it would publish also where there is no receipt to be had. */
  readonly #opened: Promise<void>;
  #open: () => void = () => {};
  #refuse: (cause: unknown) => void = () => {};
  /** Why this end gave up, if it did: the first cause wins. */
  #cause: unknown;
  #hasSent = false;
  /** The connection: never there yet, there, or gone after it was there. */
  #line: 'new' | 'open' | 'lost' = 'new';

  constructor(addressee: Addressee, dialect: 'base' | 'v1', { signal, onWait }: Endeavour) {
    this.#addressee = addressee;
    this.#dialect = dialect;
    this.#signal = signal;
    this.#onWait = onWait;
    this.#opened = new Promise((resolve, reject) => {
      this.#open = resolve;
      this.#refuse = reject;
    });
    this.#opened.catch(() => {}); // who publishes is told
    const protocols = dialect === 'base' ? { protocols: [] } : {};
    this.#client = createClient({
      url: addressee.url,
      WebSocket: brokerSocket(addressee.way),
      ...protocols,
      backoff: RETRY_BACKOFF,
      onState: (state) => this.#follow(state),
    });
    if (signal.aborted) this.#abort();
    else signal.addEventListener('abort', this.#abort);
  }

  get hasSent(): boolean {
    return this.#hasSent;
  }

  async publish({ json, key }: Outgoing): Promise<Receipt | undefined> {
    try {
      await this.#opened;
      this.#hasSent = true;
      const options = key === undefined ? {} : { key };
      if (!this.#onWait) return await this.#client.publish({ json }, options);
      const onWait = (refused: ProtocolError) => this.#refusedForNow(refused);
      return await publishUntilReceipt(this.#client, { json }, { ...options, backoff: RETRY_BACKOFF, onWait });
    } catch (error) {
      throw this.#cause ?? publishFailure(this.#addressee, error, this.#dialect);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal.removeEventListener('abort', this.#abort);
    const closed = this.#client.close();
    if (!this.#signal.aborted) await closed; // who gave up is told so before the broker has answered
  }

  readonly #abort = (): void => this.#giveUp(this.#signal.reason);

  #giveUp(cause: unknown): void {
    this.#cause ??= cause;
    this.#refuse(this.#cause);
    void this.#client.close();
  }

  #follow(state: ClientState): void {
    if (state.kind === 'waiting') this.#waits(state);
    if (state.kind !== 'open') return;
    this.#line = 'open';
    if (state.dialect === this.#dialect) this.#open();
    else {
      const remedy = this.#onWait ? 'nothing is tried again there' : 'use --transport ephemeral';
      const message = `${displayUrl(this.#addressee.url)} does not speak wsn.v1, which has the receipts: ${remedy}`;
      this.#giveUp(new CommandFailure(message, EXIT.failed));
    }
  }

  #waits(state: Extract<ClientState, { kind: 'waiting' }>): void {
    const line = this.#line;
    const failure = connectionFailure(this.#addressee, state);
    if (!this.#onWait) {
      // After a connection this is a second one, which nobody wants: what was under way has been told already.
      if (line === 'new') this.#giveUp(failure);
      else void this.#client.close();
      return;
    }
    // A broker that was there is worth waiting for, whatever answers in its place while it starts again.
    const isRefused = state.status === 401 || state.status === 403;
    if (failure.isFinal && (line === 'new' || isRefused)) {
      this.#giveUp(failure);
      return;
    }
    const gone = `the connection to ${displayUrl(this.#addressee.url)} is gone: ${withCloseName(state.because)}`;
    this.#onWait(tryingAgain(line === 'open' ? gone : failure.message, state.retryAt - Date.now()));
    if (line === 'open') this.#line = 'lost';
  }

  /** The client tries again by itself, and does not say when. */
  #refusedForNow({ code, described }: ProtocolError): void {
    this.#onWait?.(
      `${displayUrl(this.#addressee.url)} could not do it (${code}): ${described}; trying again within ${RETRY_BACKOFF.maxMs / 1000} s`,
    );
  }
}
