import { type Client, type ClientState, createClient } from '../../client/index.js';
import type { Receipt } from '../../protocol/index.js';
import { brokerSocket } from '../broker/broker-socket.js';
import { displayUrl } from '../broker/broker-url.js';
import { type Addressee, connectionFailure } from '../broker/connection-failure.js';
import { EXIT } from '../exit/exit-codes.js';
import { CommandFailure } from '../exit/usage-error.js';
import type { Outgoing } from './outgoing.js';
import { publishFailure } from './publish-failure.js';
import type { Publisher } from './publisher.js';

/** Enough that the way to the broker and back does not count, few enough that memory does not either. */
const PERSISTENT_WINDOW = 64;

/** A connection for each notification, which the broker closes when it has it. */
export function ephemeralPublisher(addressee: Addressee, signal: AbortSignal): Publisher {
  return {
    window: 1, // the next connection might overtake this one
    async publish(outgoing) {
      await using attempt = new Attempt(addressee, 'base', signal);
      return await attempt.publish(outgoing);
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** One connection that speaks `wsn.v1`. */
export function persistentPublisher(addressee: Addressee, signal: AbortSignal): Publisher {
  const attempt = new Attempt(addressee, 'v1', signal);
  return {
    window: PERSISTENT_WINDOW,
    publish: (outgoing) => attempt.publish(outgoing),
    [Symbol.asyncDispose]: () => attempt[Symbol.asyncDispose](),
  };
}

/** A client that connects once: a publisher that cannot reach its broker says so, and does not wait for it to come. */
class Attempt implements AsyncDisposable {
  readonly #addressee: Addressee;
  readonly #dialect: 'base' | 'v1';
  readonly #signal: AbortSignal;
  readonly #client: Client;
  /** Nothing is given to the client before: it would publish also where there is no receipt to be had. */
  readonly #opened: Promise<void>;
  #open: () => void = () => {};
  #refuse: (cause: unknown) => void = () => {};
  /** Why this end gave up, if it did: the first cause wins. */
  #cause: unknown;
  #wasOpen = false;

  constructor(addressee: Addressee, dialect: 'base' | 'v1', signal: AbortSignal) {
    this.#addressee = addressee;
    this.#dialect = dialect;
    this.#signal = signal;
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
      onState: (state) => this.#follow(state),
    });
    if (signal.aborted) this.#abort();
    else signal.addEventListener('abort', this.#abort);
  }

  async publish({ json, key }: Outgoing): Promise<Receipt | undefined> {
    try {
      await this.#opened;
      return await this.#client.publish({ json }, key === undefined ? {} : { key });
    } catch (error) {
      throw this.#cause ?? publishFailure(this.#addressee, error);
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
    // After a connection this is a second one, which nobody wants: what was under way has been told already.
    if (state.kind === 'waiting' && this.#wasOpen) void this.#client.close();
    else if (state.kind === 'waiting') this.#giveUp(connectionFailure(this.#addressee, state));
    if (state.kind !== 'open') return;
    this.#wasOpen = true;
    if (state.dialect === this.#dialect) this.#open();
    else {
      const message = `${displayUrl(this.#addressee.url)} does not speak wsn.v1, which has the receipts: use --transport ephemeral`;
      this.#giveUp(new CommandFailure(message, EXIT.failed));
    }
  }
}
