import type { Peer } from '../../../src/peer/index.js';
import type { Broker } from '../../../src/server/index.js';
import { connect, connectV1, notice, publication, subscribe } from '../../support/peers.js';

/** Pause between two notifications of a stream. */
const EVERY_MS = 4;

/** What became of the notifications of one measure. */
export interface Measured {
  readonly sent: number;
  /** The numbers that came, in the order in which they came. */
  readonly received: readonly number[];
  /** The 99th percentile of the time from when each should have left to when it came, in ms. */
  readonly p99: number;
}

/** A healthy publisher and a healthy subscriber, both on lines that stay open. */
export class Stream implements AsyncDisposable {
  readonly #publisher: Peer;
  readonly #subscriber: Peer;
  readonly #times: Map<number, number>;

  private constructor(publisher: Peer, subscriber: Peer, times: Map<number, number>) {
    this.#publisher = publisher;
    this.#subscriber = subscriber;
    this.#times = times;
  }

  static async open(broker: Broker): Promise<Stream> {
    const times = new Map<number, number>();
    const subscriber = await connect(broker, {
      onMessage: (payload) => times.set(JSON.parse(payload.toString()).notification.data, performance.now()),
    });
    await subscribe(subscriber, [{ package: 'amaiia_msg_srv', page: 'messages' }]);
    const publisher = await connectV1(broker, { onMessage: () => {} });
    return new Stream(publisher, subscriber, times);
  }

  /** Publishes at fixed moments for `forMs`, however late the broker is, then waits for the last one. */
  async measure(forMs: number): Promise<Measured> {
    this.#times.clear();
    const start = performance.now();
    const planned = Array.from({ length: Math.floor(forMs / EVERY_MS) }, (_, index) => start + index * EVERY_MS);
    for (const [index, at] of planned.entries()) {
      const waitMs = at - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      this.#publisher.send(publication(notice(index)));
    }
    const lateAt = performance.now() + 5000;
    while (!this.#times.has(planned.length - 1) && performance.now() < lateAt) await new Promise((resolve) => setTimeout(resolve, 5));
    const took = [...this.#times].map(([index, at]) => at - (planned[index] as number)).sort((one, other) => one - other);
    return {
      sent: planned.length,
      received: [...this.#times.keys()],
      p99: took[Math.floor(took.length * 0.99)] ?? Number.POSITIVE_INFINITY,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#publisher[Symbol.asyncDispose]();
    await this.#subscriber[Symbol.asyncDispose]();
  }
}
