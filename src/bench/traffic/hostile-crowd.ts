import type { Peer, PeerOptions } from '../../peer/index.js';
import { SUBPROTOCOL } from '../../protocol/index.js';
import { HOSTILE_KINDS, type HostileKind } from '../load/load.js';
import { connectTo, localAddressOf, type Target } from '../target.js';
import type { HostileOutcome, ThreadData } from './messages.js';

/** A slow reader takes so many bytes at a time … */
const SLOW_BYTES = 1024;
/** … so often: some 10 KB a second. */
const SLOW_EVERY_MS = 100;
/** With TLS it takes at least a record, of up to 16 KiB: at the same pace so much more seldom. */
const SLOW_EVERY_MS_BY_TLS = SLOW_EVERY_MS * 16;
/** How long one that comes and goes stays. */
const STAY_MS = 1000;

/** What a hostile crowd needs to know. */
interface HostileCrowdOptions extends Pick<ThreadData, 'load' | 'sourceAddresses'> {
  readonly target: Target;
}

/** The subscribers of one receiver that behave badly. Whatever they receive is thrown away. */
export class HostileCrowd {
  readonly #options: HostileCrowdOptions;
  readonly #peers = new Set<Peer>();
  readonly #outcomes = new Map<HostileKind, { count: number; droppedByBroker: number }>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #isLeaving = false;

  constructor(options: HostileCrowdOptions) {
    this.#options = options;
  }

  get outcome(): readonly HostileOutcome[] {
    return HOSTILE_KINDS.flatMap((kind) => {
      const outcome = this.#outcomes.get(kind);
      return outcome ? [{ kind, ...outcome }] : [];
    });
  }

  /** Local ports of those that leave data unread. */
  get ports(): readonly number[] {
    return [...this.#peers].map((peer) => peer.localPort);
  }

  /** Connects one and lets it behave. @throws BenchError when the broker is not reached or refuses. */
  async connect(subscriber: number, kind: HostileKind, subscriptions: string): Promise<void> {
    await this.#join(subscriber, kind, subscriptions);
    const outcome = this.#outcomes.get(kind) ?? { count: 0, droppedByBroker: 0 };
    outcome.count++;
    this.#outcomes.set(kind, outcome);
  }

  leave(): void {
    this.#isLeaving = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const peer of this.#peers) peer.destroy();
  }

  async #join(subscriber: number, kind: HostileKind, subscriptions: string): Promise<void> {
    const { target, load, sourceAddresses } = this.#options;
    let reading: Peer | undefined;
    const peer = await connectTo(target, {
      ...localAddressOf(sourceAddresses, subscriber),
      ...(load.protocol === 'base' ? {} : { subprotocols: [SUBPROTOCOL] }),
      onText: () => {},
      onMessage: () => {},
      ...this.#reading(kind, () => reading),
    });
    if (this.#isLeaving) return peer.destroy(); // it came back while all were leaving
    reading = peer;
    this.#peers.add(peer);
    peer.send(subscriptions);
    void peer.closed.then(() => this.#ended(peer, kind));
    if (kind === 'never') peer.pause();
    if (kind === 'reconnecting') this.#later(STAY_MS, () => this.#comeBack(peer, subscriber, subscriptions));
  }

  #reading(kind: HostileKind, peer: () => Peer | undefined): Pick<PeerOptions, 'readBuffer' | 'onRead' | 'answerPings' | 'answerClose'> {
    if (kind === 'half-open') return { answerPings: false, answerClose: false };
    if (kind !== 'slow') return {};
    const everyMs = this.#options.target.tls ? SLOW_EVERY_MS_BY_TLS : SLOW_EVERY_MS;
    return {
      readBuffer: Buffer.allocUnsafeSlow(SLOW_BYTES),
      onRead: () => {
        peer()?.pause();
        this.#later(everyMs, () => peer()?.resume());
      },
    };
  }

  #comeBack(peer: Peer, subscriber: number, subscriptions: string): void {
    this.#peers.delete(peer);
    peer.destroy();
    // Where it cannot come back it tries again: nobody expects anything of it.
    this.#join(subscriber, 'reconnecting', subscriptions).catch(() =>
      this.#later(STAY_MS, () => this.#comeBack(peer, subscriber, subscriptions)),
    );
  }

  #ended(peer: Peer, kind: HostileKind): void {
    if (this.#isLeaving || !this.#peers.delete(peer)) return;
    const outcome = this.#outcomes.get(kind);
    if (outcome) outcome.droppedByBroker++;
  }

  #later(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (!this.#isLeaving) act();
    }, ms);
    this.#timers.add(timer);
  }
}
