import { isLoopback } from '../address.js';
import type { BrokerOptions } from '../options.js';
import { addressKey } from './address-key.js';
import { type AutoLimited, limitOf } from './auto-limits.js';
import { Bucket, LONGEST_FILL_MS } from './bucket.js';
import { Recent } from './recent.js';

/** The options that the limiter obeys. */
export type LimitOptions = Pick<BrokerOptions, AutoLimited | 'maxConnections'>;

/** Why a handshake or a request is refused. */
export interface Excess {
  readonly status: 429 | 503;
  /** A sentence for the one who reads the answer. */
  readonly because: string;
  /** For `Retry-After`. */
  readonly retryAfterS: number;
}

/** What is counted of one peer: the limiter's own, kept with the peer so that nothing has to be looked up. */
export interface Meter {
  readonly bucket: Bucket;
  readonly place: Place;
}

/** A peer whose messages are counted. */
export interface Metered {
  readonly address: string;
  /** Undefined at first; the limiter sets it when there is something to count. */
  meter: Meter | undefined;
}

/** What the limiter holds now. */
interface LimiterStats {
  /** Places that have been entered and not left. */
  readonly connections: number;
  /** Addresses with such places. */
  readonly addresses: number;
  /** Addresses and publishers whose last seconds are remembered. */
  readonly remembered: number;
}

/** What is known of one address. */
interface Place {
  readonly isLoopback: boolean;
  connections: number;
  readonly handshakes: Bucket;
  readonly messages: Bucket;
}

/** When a place will be free nobody knows. */
const FULL_RETRY_S = 5;

/**
 * Counts who is here and who says how much. An address with a connection is known as long as it has one; any
 * other is forgotten when its buckets are full again, and before that when a flood brings too many of them.
 */
export class Limiter {
  #options: LimitOptions;
  #connections = 0;
  readonly #present = new Map<string, Place>();
  readonly #recent = new Recent<Place>(LONGEST_FILL_MS);
  readonly #publishers = new Recent<Bucket>(LONGEST_FILL_MS);

  constructor(options: LimitOptions) {
    this.#options = options;
  }

  /** New limits for what comes from now on; who is here stays, and what has been said counts. */
  reconfigure(options: LimitOptions): void {
    this.#options = options;
  }

  get stats(): LimiterStats {
    return { connections: this.#connections, addresses: this.#present.size, remembered: this.#recent.size + this.#publishers.size };
  }

  /**
   * Reserves a place for a connection from `address`.
   * @returns undefined when it has one, which `leave` has to give back; else why not.
   */
  enter(address: string): Excess | undefined {
    const { maxConnections } = this.#options;
    if (maxConnections > 0 && this.#connections >= maxConnections) {
      return { status: 503, because: `too many connections: at most ${maxConnections}`, retryAfterS: FULL_RETRY_S };
    }
    const key = addressKey(address);
    const place = this.#placeOf(key);
    const excess = this.#excessAt(place);
    if (excess) return excess;
    if (place.connections++ === 0) {
      this.#recent.take(key);
      this.#present.set(key, place);
    }
    this.#connections++;
    return undefined;
  }

  /** Gives back a place that `enter` has reserved for the same address. */
  leave(address: string): void {
    const key = addressKey(address);
    const place = this.#present.get(key);
    if (!place) return;
    this.#connections--;
    if (--place.connections > 0) return;
    this.#present.delete(key);
    this.#recent.set(key, place);
  }

  /** Counts an HTTP request to publish as one message of its address. */
  request(address: string): Excess | undefined {
    if (this.#spares('messagesPerSecondPerAddress', address)) return undefined;
    const place = this.#placeOf(addressKey(address));
    const perSecond = limitOf(this.#options, 'messagesPerSecondPerAddress', place.isLoopback);
    if (perSecond === undefined) return undefined;
    const waitMs = place.messages.draw({ perSecond, count: 1, now: performance.now() });
    return waitMs === 0 ? undefined : tooFast({ what: 'requests', perSecond, waitMs, where: ' from one address' });
  }

  /**
   * Counts a message of a peer that has a place.
   * @returns 0 when it is taken; else the milliseconds until one more would be.
   */
  message(peer: Metered): number {
    const { peerRate, addressRate } = this.#messageRates(peer.address);
    if (peerRate === undefined && addressRate === undefined) return 0;
    peer.meter ??= { bucket: new Bucket(), place: this.#placeOf(addressKey(peer.address)) };
    const { bucket, place } = peer.meter;
    const now = performance.now();
    const one = { count: 1, now };
    const peerWait = peerRate === undefined ? 0 : bucket.wait({ ...one, perSecond: peerRate });
    const addressWait = addressRate === undefined ? 0 : place.messages.wait({ ...one, perSecond: addressRate });
    if (peerWait > 0 || addressWait > 0) return Math.max(peerWait, addressWait);
    if (peerRate !== undefined) bucket.take({ ...one, perSecond: peerRate });
    if (addressRate !== undefined) place.messages.take({ ...one, perSecond: addressRate });
    return 0;
  }

  /** Says what `message` has refused, with the wait that it returned. */
  tooManyMessages(peer: Metered, waitMs: number): string {
    const { peerRate, addressRate } = this.#messageRates(peer.address);
    const isPeers = peerRate !== undefined && (peer.meter?.bucket.wait({ perSecond: peerRate, count: 1, now: performance.now() }) ?? 0) > 0;
    const limit = isPeers ? { perSecond: peerRate, where: '' } : { perSecond: addressRate ?? 0, where: ' from one address' };
    return tooFast({ what: 'messages', waitMs, ...limit }).because;
  }

  /**
   * Counts notifications of a publisher.
   * @param publisher its identity's id; those who share one are told apart by their addresses.
   * @param count of those that come together: all of them are taken, or none.
   * @returns 0 when they are taken; else the milliseconds until they would be.
   */
  publications(publisher: string, address: string, count: number): number {
    if (this.#spares('publishesPerSecond', address)) return 0;
    const perSecond = limitOf(this.#options, 'publishesPerSecond', isLoopback(address));
    if (perSecond === undefined) return 0;
    const name = SHARED.has(publisher) ? `${publisher} ${addressKey(address)}` : publisher;
    let bucket = this.#publishers.get(name);
    if (!bucket) {
      bucket = new Bucket();
      this.#publishers.set(name, bucket);
    }
    return bucket.draw({ perSecond, count, now: performance.now() });
  }

  /** Says what `publications` has refused, with the wait that it returned. */
  tooManyPublications(address: string, waitMs: number): string {
    const perSecond = limitOf(this.#options, 'publishesPerSecond', isLoopback(address)) ?? 0;
    return tooFast({ what: 'publications', perSecond, waitMs, where: '' }).because;
  }

  #excessAt(place: Place): Excess | undefined {
    const most = limitOf(this.#options, 'maxConnectionsPerAddress', place.isLoopback);
    if (most !== undefined && place.connections >= most) {
      return { status: 429, because: `too many connections from one address: at most ${most}`, retryAfterS: FULL_RETRY_S };
    }
    const perSecond = limitOf(this.#options, 'handshakesPerSecond', place.isLoopback);
    if (perSecond === undefined) return undefined;
    const waitMs = place.handshakes.draw({ perSecond, count: 1, now: performance.now() });
    return waitMs === 0 ? undefined : tooFast({ what: 'handshakes', perSecond, waitMs, where: ' from one address' });
  }

  /** Most messages come from addresses that no limit concerns: for them nothing is kept. */
  #messageRates(address: string): { readonly peerRate: number | undefined; readonly addressRate: number | undefined } {
    const { messagesPerSecond, messagesPerSecondPerAddress } = this.#options;
    if (messagesPerSecond === undefined && messagesPerSecondPerAddress === undefined && address === '127.0.0.1') return UNLIMITED;
    const isLocal = isLoopback(address);
    return {
      peerRate: limitOf(this.#options, 'messagesPerSecond', isLocal),
      addressRate: limitOf(this.#options, 'messagesPerSecondPerAddress', isLocal),
    };
  }

  /** The usual case, found without a look at the address's form. */
  #spares(name: AutoLimited, address: string): boolean {
    const most = this.#options[name];
    return most === 0 || (most === undefined && address === '127.0.0.1');
  }

  #placeOf(key: string): Place {
    const known = this.#present.get(key) ?? this.#recent.get(key);
    if (known) return known;
    const place: Place = { isLoopback: isLoopback(key), connections: 0, handshakes: new Bucket(), messages: new Bucket() };
    this.#recent.set(key, place);
    return place;
  }
}

/** The identities of those who name themselves no further. */
const SHARED: ReadonlySet<string> = new Set(['anonymous', 'token']);

const UNLIMITED = { peerRate: undefined, addressRate: undefined };

interface Rate {
  readonly what: string;
  readonly perSecond: number;
  readonly waitMs: number;
  readonly where: string;
}

function tooFast({ what, perSecond, waitMs, where }: Rate): Excess {
  const retryAfterS = Math.max(1, Math.ceil(waitMs / 1000));
  return { status: 429, because: `too many ${what}${where}: at most ${perSecond} a second; try again in ${retryAfterS} s`, retryAfterS };
}
