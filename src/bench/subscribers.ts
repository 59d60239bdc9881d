import type { Peer } from '../peer/index.js';
import type { Subscription } from '../protocol/index.js';
import { BenchError } from './bench-error.js';
import type { Mishap } from './result.js';
import { connectTo, type Target } from './target.js';

/** Handshakes under way at the same time; more only wait in the broker's accept queue. */
const CONCURRENCY = 64;
const BARRIER_TIMEOUT_MS = 30_000;
const GOODBYE_MS = 1000;

/** The subscribers of a run, each with its subscription in force. */
export interface Subscribers extends AsyncDisposable {
  readonly connected: number;
  /** Connections that ended though nobody here had ended them. */
  readonly disconnected: Mishap;
  /** Resolves when each connected subscriber has got an answer to a ping, and with it what the broker had written before. */
  barrier(timeoutMs: number): Promise<void>;
}

/** What subscribers need; `onMessage` is called for each text message, its payload is valid during the call only. */
export interface SubscribersOptions {
  readonly target: Target;
  readonly count: number;
  readonly subscriptionOf: (subscriber: number) => Subscription;
  readonly onMessage: (subscriber: number, payload: Buffer) => void;
  /** Told how many are there, after each. */
  readonly onConnected?: (count: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Connects all subscribers. The base protocol acknowledges no subscription, so each sends a ping behind it: its pong
 * says that the subscription is in force.
 * @throws BenchError when one of them cannot connect or is not served; then none is left connected.
 */
export async function openSubscribers(options: SubscribersOptions): Promise<Subscribers> {
  const crowd = new Crowd();
  let next = 0;
  const work = async () => {
    while (next < options.count && !crowd.isLeaving) {
      const subscriber = next++;
      crowd.add(await openSubscriber(subscriber, options));
      options.onConnected?.(crowd.connected);
    }
  };
  const outcomes = await Promise.allSettled(
    Array.from({ length: Math.min(CONCURRENCY, options.count) }, () =>
      work().catch((error: unknown) => {
        crowd.isLeaving = true;
        throw error;
      }),
    ),
  );
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (!failure) return crowd;
  await crowd[Symbol.asyncDispose]();
  throw failure.reason;
}

async function openSubscriber(subscriber: number, options: SubscribersOptions): Promise<Peer> {
  const { target, signal, subscriptionOf, onMessage } = options;
  const peer = await connectTo(target, { onMessage: (payload) => onMessage(subscriber, payload), ...(signal ? { signal } : {}) });
  peer.send(JSON.stringify({ sender: 'client', subscriptions: [subscriptionOf(subscriber)] }));
  try {
    await peer.barrier({ timeoutMs: BARRIER_TIMEOUT_MS, what: `the pong that says that subscriber ${subscriber + 1} is subscribed` });
  } catch (error) {
    await peer[Symbol.asyncDispose]();
    signal?.throwIfAborted();
    throw new BenchError('refused', (error as Error).message);
  }
  return peer;
}

class Crowd implements Subscribers {
  readonly #peers = new Set<Peer>();
  #lost = 0;
  #firstReason: string | undefined;
  isLeaving = false;

  get connected(): number {
    return this.#peers.size;
  }

  get disconnected(): Mishap {
    return { count: this.#lost, ...(this.#firstReason === undefined ? {} : { first: this.#firstReason }) };
  }

  add(peer: Peer): void {
    this.#peers.add(peer);
    void peer.closed.then(({ code, reason }) => {
      this.#peers.delete(peer);
      if (this.isLeaving) return;
      this.#lost++;
      this.#firstReason ??= `closed with ${code} ${reason}`.trimEnd();
    });
  }

  async barrier(timeoutMs: number): Promise<void> {
    await Promise.allSettled([...this.#peers].map((peer) => peer.barrier({ timeoutMs })));
  }

  /** Says goodbye with 1000, and ends at once whatever has not answered after a second. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.isLeaving = true;
    const peers = [...this.#peers];
    const timer = setTimeout(() => {
      for (const peer of peers) peer.destroy();
    }, GOODBYE_MS);
    await Promise.all(peers.map((peer) => peer.close(1000)));
    clearTimeout(timer);
  }
}
