import type { Envelope } from './envelope.js';
import type { Workload } from './workload.js';

/** What became of all deliveries that were to be. */
export interface Counts {
  /** Deliveries that were to come: for each notification that was sent and not refused, its receivers. */
  readonly expected: number;
  /** Of these, how many came; a second copy is not counted here. */
  readonly delivered: number;
  readonly lost: number;
  readonly duplicated: number;
  /** Came to a subscriber that did not ask for it. */
  readonly misdelivered: number;
  /** Came behind a later notification of the same topic. */
  readonly reordered: number;
  /** Came with other bytes than were sent, or in a message that is none of the run's. */
  readonly corrupt: number;
}

/** Which order a subscriber must see: that of the indices, or, where each has its own connection, whichever came first. */
export type ExpectedOrder = 'as-sent' | 'same-for-all';

const UNSENT = 0;
const SENT = 1;
const REFUSED = 2;

/** Keeps account of each delivery: one bit a delivery that is to come. */
export class Tally {
  readonly #workload: Workload;
  readonly #envelope: Envelope;
  readonly #states: Uint8Array;
  /** Of each notification, how many subscribers it has reached. */
  readonly #reached: Uint32Array;
  /** Of each subscriber, one bit for each notification of its channel, by rank. */
  readonly #seen: Uint8Array[];
  readonly #lastOrder: Int32Array;
  /** Of each notification its place in the order in which they were first seen; absent when the index is the place. */
  readonly #firstSeen: Int32Array | undefined;
  #places = 0;
  #expected = 0;
  #delivered = 0;
  #duplicated = 0;
  #misdelivered = 0;
  #reordered = 0;
  #corrupt = 0;

  constructor(workload: Workload, envelope: Envelope, order: ExpectedOrder) {
    const { subscribers, channels, count } = workload.options;
    this.#workload = workload;
    this.#envelope = envelope;
    this.#states = new Uint8Array(count);
    this.#reached = new Uint32Array(count);
    this.#seen = Array.from({ length: subscribers }, (_, i) => new Uint8Array(Math.ceil(workload.sizeOf(i % channels) / 8)));
    this.#lastOrder = new Int32Array(subscribers).fill(-1);
    this.#firstSeen = order === 'as-sent' ? undefined : new Int32Array(count).fill(-1);
  }

  get counts(): Counts {
    return {
      expected: this.#expected,
      delivered: this.#delivered,
      lost: this.#expected - this.#delivered,
      duplicated: this.#duplicated,
      misdelivered: this.#misdelivered,
      reordered: this.#reordered,
      corrupt: this.#corrupt,
    };
  }

  /** A notification is about to be sent: from now on its receivers are to get it. */
  sent(index: number): void {
    this.#states[index] = SENT;
    this.#expected += this.#receiversOf(index);
  }

  /** The broker refused a notification, or nobody knows whether it took it: its deliveries are no longer counted. */
  refused(index: number): void {
    if (this.#states[index] !== SENT) return;
    this.#states[index] = REFUSED;
    const reached = this.#reached[index] as number;
    this.#expected -= this.#receiversOf(index);
    this.#delivered -= reached;
  }

  /**
   * A subscriber received a message.
   * @returns the index of the notification when this is its first and due delivery to the subscriber.
   */
  received(subscriber: number, frame: Buffer): number | undefined {
    const opened = this.#envelope.open(frame);
    if (opened.kind === 'other') return undefined;
    if (opened.kind === 'corrupt' || this.#states[opened.index] === UNSENT) {
      this.#corrupt++;
      return undefined;
    }
    const { index, isIntact } = opened;
    if (!isIntact) this.#corrupt++;
    if (!this.#workload.isFor(subscriber, this.#workload.channelOf(index))) {
      this.#misdelivered++;
      return undefined;
    }
    if (this.#wasSeen(subscriber, index)) {
      this.#duplicated++;
      return undefined;
    }
    this.#checkOrder(subscriber, index);
    if (this.#states[index] === REFUSED) return undefined;
    this.#reached[index] = (this.#reached[index] as number) + 1;
    this.#delivered++;
    return index;
  }

  #receiversOf(index: number): number {
    return this.#workload.receiversOf(this.#workload.channelOf(index));
  }

  /** Whether the subscriber has it already; it has it from now on. */
  #wasSeen(subscriber: number, index: number): boolean {
    const bits = this.#seen[subscriber] as Uint8Array;
    const rank = this.#workload.rankOf(index);
    const byte = bits[rank >> 3] as number;
    const bit = 1 << (rank & 7);
    bits[rank >> 3] = byte | bit;
    return (byte & bit) !== 0;
  }

  #checkOrder(subscriber: number, index: number): void {
    const place = this.#placeOf(index);
    if (place < (this.#lastOrder[subscriber] as number)) this.#reordered++;
    else this.#lastOrder[subscriber] = place;
  }

  #placeOf(index: number): number {
    if (!this.#firstSeen) return index;
    const known = this.#firstSeen[index] as number;
    if (known !== -1) return known;
    this.#firstSeen[index] = this.#places;
    return this.#places++;
  }
}
