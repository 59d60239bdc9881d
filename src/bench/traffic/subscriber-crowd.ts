import { setTimeout as sleep } from 'node:timers/promises';
import type { Peer, PeerOptions } from '../../peer/index.js';
import { SUBPROTOCOL } from '../../protocol/index.js';
import { BenchError } from '../bench-error.js';
import { HOSTILE_KINDS } from '../load/load.js';
import { subscriptionsOf } from '../plan/address.js';
import type { Tally } from '../record/tally.js';
import { NO_MISHAP, oneMore, together } from '../result/mishap.js';
import type { Mishap } from '../result/result.js';
import { connectTo, localAddressOf, type Target } from '../target.js';
import { monotonicMs } from './clock.js';
import { HostileCrowd } from './hostile-crowd.js';
import type { FromReceiver, ReceiverData } from './messages.js';
import { ResumingCrowd } from './resuming-crowd.js';

/** What a crowd needs to know. */
export interface CrowdOptions extends ReceiverData {
  readonly target: Target;
  readonly tally: Tally;
  /** Told of the local ports of those that a fault lets leave data unread. */
  readonly onHalfOpen: (ports: readonly number[]) => void;
}

type Connected = Omit<Extract<FromReceiver, { kind: 'connected' }>, 'kind'>;
type Silent = Omit<Extract<FromReceiver, { kind: 'silent' }>, 'kind'>;
type Outcome = Pick<Extract<FromReceiver, { kind: 'finished' }>, 'disconnected' | 'hostile' | 'resumes'>;

/** So many connections that fail one after the other say that the others would fail as well. */
const HOPELESS_AFTER = 100;

/** How long connections have to answer a goodbye. */
const GOODBYE_MS = 1000;

/** The subscribers of one receiver: honest ones, of which deliveries are expected, and hostile ones. */
export class SubscriberCrowd {
  readonly #options: CrowdOptions;
  readonly #peers = new Map<number, Peer>();
  readonly #hostile: HostileCrowd;
  /** Under a load with faults: who comes back. */
  readonly #resuming: ResumingCrowd | undefined;
  /** Of each subscriber of this receiver, the latest round of canaries that it has heard. */
  readonly #heard: Uint32Array;
  #failed: Mishap = NO_MISHAP;
  #isUnreachable = false;
  #failuresInARow = 0;
  #disconnected: Mishap = NO_MISHAP;
  /** What the broker said to the first subscriber whose subscriptions it did not want. */
  #refusal: string | null = null;
  #subprotocol: string | null = null;
  #isLeaving = false;

  constructor(options: CrowdOptions) {
    this.#options = options;
    this.#hostile = new HostileCrowd(options);
    if (options.load.faults !== undefined)
      this.#resuming = new ResumingCrowd({ ...options, peers: this.#peers, connect: (subscriber) => this.#connectHonest(subscriber) });
    this.#heard = new Uint32Array(Math.ceil(options.load.subscribers / options.receivers));
  }

  get outcome(): Outcome {
    return {
      disconnected: together([this.#disconnected, this.#resuming?.neverBack ?? NO_MISHAP]),
      hostile: this.#hostile.outcome,
      resumes: this.#resuming?.outcome() ?? null,
    };
  }

  /** The load begins. */
  begin(): void {
    this.#resuming?.begin();
  }

  /** The load is over: nothing is broken any more. */
  calm(): void {
    this.#resuming?.calm();
  }

  /** Connects everybody, as fast as the load's ramp allows; gives up when nothing but failures is left. */
  async connect(): Promise<Connected> {
    const { load, receiver, receivers } = this.#options;
    const { rate, inFlight } = load.connect;
    const startedAt = monotonicMs();
    let next = receiver;
    const work = async () => {
      while (next < load.subscribers && this.#failuresInARow < HOPELESS_AFTER) {
        const subscriber = next;
        next += receivers;
        // All receivers together keep the rate: this subscriber's turn is the same whoever connects it.
        if (rate !== null) await sleep(Math.max(0, startedAt + (subscriber * 1000) / rate - monotonicMs()));
        await this.#tryToConnect(subscriber);
      }
    };
    await Promise.all(Array.from({ length: Math.max(1, Math.floor(inFlight / receivers)) }, work));
    const { count, first } = this.#failed;
    const left = next < load.subscribers ? Math.ceil((load.subscribers - next) / receivers) : 0;
    this.#options.tally.count('failed', left);
    return {
      failed: { count: count + left, first },
      isUnreachable: this.#isUnreachable,
      subprotocol: this.#subprotocol,
      hostilePorts: this.#hostile.ports,
    };
  }

  /** A canary has come to a subscriber. */
  heard(subscriber: number, round: number): void {
    const place = this.#placeOf(subscriber);
    const before = this.#heard[place] as number;
    if (before === 0) this.#options.tally.count('ready');
    if (round > before) this.#heard[place] = round;
  }

  /** A message has come that is no notification: of interest when it refuses the subscriptions. */
  told(subscriber: number, text: string): void {
    if (this.#heard[this.#placeOf(subscriber)] === 0 && text.includes('"error"')) this.#refusal ??= text.slice(0, 300);
  }

  /** Who has not heard a canary of this round. */
  silent(round: number): Silent {
    const { workload } = this.#options;
    const channels = new Set<number>();
    let subscribers = 0;
    for (const subscriber of this.#peers.keys()) {
      if ((this.#heard[this.#placeOf(subscriber)] as number) >= round) continue;
      subscribers++;
      channels.add(workload.subscriberChannels[subscriber * workload.subscriptions] as number);
    }
    return { subscribers, channels: [...channels], why: this.#refusal ?? this.#disconnected.first };
  }

  /** Nothing is expected of those that never got a canary, nor of those that never connected; the former are let go. */
  letGoOfTheSilent(): void {
    const { load, receiver, receivers, workload, board } = this.#options;
    for (let subscriber = receiver; subscriber < load.subscribers; subscriber += receivers) {
      const isReady = this.#heard[this.#placeOf(subscriber)] !== 0 && this.#peers.has(subscriber);
      if (isReady || workload.behaviourOf[subscriber] !== 0) continue;
      this.#peers.get(subscriber)?.destroy();
      if (this.#peers.delete(subscriber)) this.#options.tally.count('connected', -1);
      const from = subscriber * workload.subscriptions;
      for (const channel of workload.subscriberChannels.subarray(from, from + workload.subscriptions))
        Atomics.sub(board.receiversOf, channel, 1);
    }
  }

  /** Says goodbye with 1000, and ends at once whatever has not answered after a second. */
  async leave(): Promise<void> {
    this.#isLeaving = true;
    this.#hostile.leave();
    this.#resuming?.leave();
    const peers = [...this.#peers.values()];
    const timer = setTimeout(() => {
      for (const peer of peers) peer.destroy();
    }, GOODBYE_MS);
    await Promise.all(peers.map((peer) => peer.close(1000)));
    clearTimeout(timer);
  }

  async #tryToConnect(subscriber: number): Promise<void> {
    const { tally, workload } = this.#options;
    try {
      const behaviour = workload.behaviourOf[subscriber] as number;
      if (behaviour !== 0)
        await this.#hostile.connect(subscriber, HOSTILE_KINDS[behaviour - 1] ?? 'never', this.#subscriptionText(subscriber));
      else await this.#connectHonest(subscriber);
      this.#failuresInARow = 0;
    } catch (error) {
      if (!(error instanceof BenchError)) throw error;
      this.#failuresInARow++;
      tally.count('failed');
      this.#isUnreachable ||= error.kind === 'unreachable';
      this.#failed = oneMore(this.#failed, error.message);
    }
  }

  async #connectHonest(subscriber: number): Promise<void> {
    const { target, load, tally, sourceAddresses } = this.#options;
    const restartsBefore = this.#resuming?.restarts ?? 0;
    const peer = await connectTo(target, {
      ...localAddressOf(sourceAddresses, subscriber),
      ...(load.protocol === 'base' ? {} : { subprotocols: [SUBPROTOCOL] }),
      onRead: () => tally.readAt(monotonicMs()),
      ...this.#receiving(subscriber),
    });
    if (this.#isLeaving) return peer.destroy(); // it came back while all were leaving
    this.#peers.set(subscriber, peer);
    tally.count('connected');
    this.#subprotocol ??= peer.subprotocol ?? null;
    void peer.closed.then(({ code, reason }) => {
      if (this.#isLeaving || this.#peers.get(subscriber) !== peer) return;
      this.#peers.delete(subscriber);
      tally.count('connected', -1);
      if (this.#resuming?.ended(subscriber, restartsBefore)) return;
      this.#disconnected = oneMore(this.#disconnected, `closed with ${code} ${reason}`.trimEnd());
    });
    if (load.protocol === 'v1' && peer.subprotocol !== SUBPROTOCOL) {
      this.#peers.delete(subscriber);
      tally.count('connected', -1);
      peer.destroy();
      throw new BenchError('refused', 'the broker did not select wsn.v1, on which --protocol v1 insists');
    }
    peer.send(this.#resuming?.subscriber(subscriber).ask() ?? this.#subscriptionText(subscriber));
  }

  #receiving(subscriber: number): Pick<PeerOptions, 'onText' | 'onMessage'> {
    const { tally } = this.#options;
    const resuming = this.#resuming?.subscriber(subscriber);
    if (resuming) {
      return {
        onText: (bytes, start, end) => resuming.received(bytes, start, end),
        onMessage: (payload) => resuming.received(payload, 0, payload.length),
      };
    }
    const place = { start: 0, end: 0 };
    return {
      onText(bytes, start, end) {
        place.start = start;
        place.end = end;
        tally.received(subscriber, bytes, place);
      },
      onMessage: (payload) => tally.received(subscriber, payload, { start: 0, end: payload.length }),
    };
  }

  #subscriptionText(subscriber: number): string {
    const { workload, run } = this.#options;
    const from = subscriber * workload.subscriptions;
    const subscriptions = subscriptionsOf(run, workload.subscriberChannels.subarray(from, from + workload.subscriptions));
    return JSON.stringify({ sender: 'client', subscriptions });
  }

  #placeOf(subscriber: number): number {
    return Math.floor(subscriber / this.#options.receivers);
  }
}
