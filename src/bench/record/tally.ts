import type { Envelope } from '../plan/envelope.js';
import type { Workload } from '../plan/workload.js';
import { type Board, COUNTER, countersOf, isExpected, isMeasured, STATE } from './board.js';
import { Completion } from './completion.js';
import { type Fault, FaultLedger } from './fault-ledger.js';
import { Histogram } from './histogram.js';
import { Slowest } from './slowest.js';

/** What a receiver accounts for. */
export interface TallyOptions {
  readonly board: Board;
  readonly envelope: Envelope;
  readonly workload: Pick<Workload, 'subscriberChannels' | 'subscriptions'>;
  /** Number of this receiver; its subscribers are `receiver`, `receiver + receivers`, … */
  readonly receiver: number;
  readonly receivers: number;
  readonly subscribers: number;
  /** A canary came: what this subscriber subscribes to is in force. */
  readonly onCanary: (subscriber: number, round: number) => void;
  /** A message that is none of the run's notifications. */
  readonly onOther: (subscriber: number, text: string) => void;
}

/**
 * Keeps account of the deliveries of one receiver. A subscriber and one of its channels are a stream, whose
 * notifications have ranks without a gap; so as long as each delivery is the next of its stream, one number a stream
 * says all that there is to say.
 */
export class Tally {
  /** Latencies in µs of measured deliveries, since it was last taken. */
  readonly latency = new Histogram();
  /** The same of those that came in a replay, of the whole run: each waited for its subscriber, which is no latency of the broker. */
  readonly recovered = new Histogram();
  /** Notifications of the hold that came once more, as their positions told. */
  repeatedInHold = 0;
  readonly slowest = new Slowest();
  readonly faults = new FaultLedger();
  readonly #board: Board;
  readonly #options: TallyOptions;
  readonly #completion: Completion;
  readonly #counters: number;
  /** Of each stream, the rank that comes next. */
  readonly #next: Uint32Array;
  /** Of each stream, the highest index that came. */
  readonly #latest: Uint32Array;
  /** Of the streams that have gaps, the ranks that were passed over. */
  readonly #missing = new Map<number, Set<number>>();
  /** Of each channel, which of the receivers of a notification is the median one, and which completes 99 %. */
  #medianOf = new Uint32Array(0);
  #nearlyAllOf = new Uint32Array(0);
  /** Until the load begins everything is before it. */
  #startedAt = Number.POSITIVE_INFINITY;
  #now = Number.NEGATIVE_INFINITY;
  #isReplay = false;

  constructor(options: TallyOptions) {
    const { board, receiver, receivers, subscribers, workload } = options;
    this.#options = options;
    this.#board = board;
    this.#completion = new Completion(board.completed);
    this.#counters = countersOf(receiver);
    const streams = Math.ceil(Math.max(0, subscribers - receiver) / receivers) * workload.subscriptions;
    this.#next = new Uint32Array(streams);
    this.#latest = new Uint32Array(streams);
  }

  /** The load begins: who is to receive what is settled. */
  begin(): void {
    const { receiversOf, startedAt } = this.#board;
    this.#startedAt = startedAt[0] as number;
    this.#medianOf = Uint32Array.from(receiversOf, (receivers) => Math.ceil(receivers / 2));
    this.#nearlyAllOf = Uint32Array.from(receiversOf, (receivers) => Math.ceil(receivers * 0.99));
  }

  /** Bytes have come. @param now of `monotonicMs`: the moment of receipt of all messages until the next call. */
  readAt(now: number): void {
    this.#now = now - this.#startedAt;
  }

  count(counter: keyof typeof COUNTER, by = 1): void {
    const at = this.#counters + COUNTER[counter];
    this.#board.counters[at] = (this.#board.counters[at] as number) + by;
  }

  /** A subscriber received a whole text message. */
  received(subscriber: number, bytes: Buffer, { start, end }: { readonly start: number; readonly end: number }): void {
    const { envelope } = this.#options;
    const index = envelope.indexIn(bytes, start, end);
    if (index < 0 || index >= this.#board.count || envelope.channelIn(bytes, start) !== this.#board.channelOf[index]) {
      this.#inspect(subscriber, bytes.toString('utf8', start, end));
    } else {
      this.#delivered(subscriber, index);
    }
  }

  /** The same for a message of a replay. */
  replayed(subscriber: number, bytes: Buffer, place: { readonly start: number; readonly end: number }): void {
    this.#isReplay = true;
    this.received(subscriber, bytes, place);
    this.#isReplay = false;
  }

  /** A message came once more, and its position told so: whoever reads positions drops it. */
  repeated(bytes: Buffer, start: number, end: number): void {
    const { envelope } = this.#options;
    const plain = envelope.indexIn(bytes, start, end);
    const found = plain < 0 ? envelope.inspect(bytes.toString('utf8', start, end)) : undefined;
    const index = found?.kind === 'notification' ? found.index : plain;
    if (index < 0 || index >= this.#board.count) return; // a canary
    this.count('repeated');
    if (isMeasured(this.#board, index)) this.repeatedInHold++;
  }

  /**
   * What a subscriber of this receiver has not got of what it should have: notifications that the broker took.
   * @param indices of each channel, ascending.
   */
  *missing(subscriber: number, indices: ReadonlyMap<number, readonly number[]>): Generator<number> {
    const { subscriberChannels, subscriptions } = this.#options.workload;
    const channels = subscriberChannels.subarray(subscriber * subscriptions, (subscriber + 1) * subscriptions);
    for (const channel of channels) {
      const stream = this.#streamOf(subscriber, channel);
      const passed = this.#missing.get(stream);
      for (const [rank, index] of (indices.get(channel) ?? []).entries()) {
        if ((rank >= (this.#next[stream] as number) || passed?.has(rank)) && isExpected(this.#board, index)) yield index;
      }
    }
  }

  #inspect(subscriber: number, text: string): void {
    const found = this.#options.envelope.inspect(text);
    if (found.kind === 'other') {
      this.#options.onOther(subscriber, text);
    } else if (found.kind === 'canary') {
      if (this.#streamOf(subscriber, found.channel) >= 0) this.#options.onCanary(subscriber, found.round);
    } else if (found.kind === 'corrupt' || found.index >= this.#board.count || found.channel !== this.#board.channelOf[found.index]) {
      // Whether it was one of the hold nobody knows; when it came tells what is likely.
      this.#fault('corrupt', -1, this.#now >= this.#board.holdStartMs);
    } else {
      if (!found.isIntact) this.#fault('corrupt', found.channel, isMeasured(this.#board, found.index));
      this.#delivered(subscriber, found.index);
    }
  }

  #delivered(subscriber: number, index: number): void {
    const board = this.#board;
    const channel = board.channelOf[index] as number;
    const stream = this.#streamOf(subscriber, channel);
    if (board.stateOf[index] === STATE.unsent) this.#fault('corrupt', channel, this.#now >= board.holdStartMs);
    else if (stream < 0) this.#fault('misdelivered', channel, isMeasured(board, index));
    else if (!this.#isFirst(stream, index, board.rankOf[index] as number)) this.#fault('duplicated', channel, isMeasured(board, index));
    else this.#arrived(subscriber, index, channel);
  }

  /** Whether a notification comes to a stream for the first time; most are the next one. */
  #isFirst(stream: number, index: number, rank: number): boolean {
    if (rank !== this.#next[stream]) return this.#isFirstOutOfTurn(stream, index, rank);
    this.#next[stream] = rank + 1;
    this.#latest[stream] = index;
    return true;
  }

  /** A delivery that is not the next of its stream. @returns whether it came for the first time. */
  #isFirstOutOfTurn(stream: number, index: number, rank: number): boolean {
    const next = this.#next[stream] as number;
    const missing = this.#missing.get(stream) ?? new Set();
    if (rank > next) {
      for (let passed = next; passed < rank; passed++) missing.add(passed);
      this.#missing.set(stream, missing);
      this.#next[stream] = rank + 1;
      this.#latest[stream] = index;
      return true;
    }
    if (!missing.delete(rank)) return false;
    const { orderedFrom, channelOf } = this.#board;
    const latest = this.#latest[stream] as number;
    if (index < (orderedFrom[latest] as number)) this.#fault('reordered', channelOf[index] as number, isMeasured(this.#board, index));
    return true;
  }

  #arrived(subscriber: number, index: number, channel: number): void {
    const board = this.#board;
    this.count('delivered');
    const us = Math.max(1, Math.round((this.#now - (board.plannedMs[index] as number)) * 1000));
    const reached = Atomics.add(board.reached, index, 1) + 1;
    if (this.#isReplay) {
      if (reached === board.receiversOf[channel]) this.#completion.add();
      this.count('recovered');
      if (isMeasured(board, index)) this.recovered.record(us);
      return;
    }
    if (reached === 1) board.firstUs[index] = us;
    if (reached === this.#medianOf[channel]) board.medianUs[index] = us;
    if (reached === this.#nearlyAllOf[channel]) board.nearlyAllUs[index] = us;
    if (reached === board.receiversOf[channel]) {
      board.lastUs[index] = us;
      this.#completion.add();
    }
    if (!isMeasured(board, index)) return;
    this.latency.record(us);
    if (us > this.slowest.bound) this.slowest.add({ us, index, subscriber });
  }

  #fault(fault: Fault, channel: number, isOfHold: boolean): void {
    this.count(fault);
    this.faults.add(fault, channel, isOfHold);
  }

  /** The stream of a subscriber of this receiver and one of its channels; -1 when the channel is none of its own. */
  #streamOf(subscriber: number, channel: number): number {
    const { workload, receivers } = this.#options;
    const { subscriberChannels, subscriptions } = workload;
    const from = subscriber * subscriptions;
    for (let i = 0; i < subscriptions; i++) {
      if (subscriberChannels[from + i] === channel) return Math.floor(subscriber / receivers) * subscriptions + i;
    }
    return -1;
  }
}
