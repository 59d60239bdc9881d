import type { Duplex } from 'node:stream';

/** How long one piece should take, so that whoever else is ready waits for no more than that. */
const PIECE_MS = 1;
/** Of a peer about which nothing is known; its first message is mostly shorter. */
const FIRST_BYTES = 1024;
const LEAST_BYTES = 256;
/** Of a peer that brings nothing for others, so that what turns out to be dear is at least not much. */
const MOST_BYTES = 4 * 1024;
/** Of a publisher; above what a socket buffers by itself the stream would begin to keep more. */
const MOST_PUBLISHED_BYTES = 16 * 1024;
/** So little is always read at once from a peer that owes nothing, a subscription or a pong. */
const LITTLE_BYTES = 4 * 1024;
/** All of them together may use one part in so many of the time before any of them has to wait, … */
const SHARE_OF_ALL = 2;
/** … and one peer this part of it, before it is one of those who wait. */
const SHARE_OF_ONE = 10;
/** What they may use at once: in ms of the time that they owe for it. */
const BURST_MS = 6;
/** Whoever waits is read from for a piece, and then not for at least this and so many times what the piece took. */
const LEAST_REST_MS = 1;
const REST = 2;
/** What the system does for it before a byte is here, about: bytes that it copies in a millisecond. */
const COPIED_BYTES_PER_MS = 512 * 1024;
/** Debts are kept as small whole numbers, which take no memory of their own, of this part of a millisecond. */
const TICKS = 16;

/** A peer from whose socket the intake reads. The last two are the intake's own, 0 at first. */
export interface Source {
  readonly raw: Duplex;
  /** Whether nothing may be read from it now. */
  readonly isStopped: boolean;
  /** How much is read from it at once. */
  pieceBytes: number;
  /** When it has paid for the time that it has used, in sixteenths of a millisecond of the monotonic clock. */
  owesUntil: number;
}

/**
 * Reads from the sockets of peers, piece by piece, so that none of them takes the broker from the others: pings, empty
 * frames, fragments of one byte and junk cost a hundred times as much a byte as what is meant to be sent.
 *
 * Time that brings no publication is counted. As long as there is plenty of it nobody waits. When too much is used,
 * those who have used it, and newcomers with more than a little, wait in line, and get a third of the time together.
 * The time of publishers is not counted: their limit is a rate. A peer costs two small numbers, and nothing is refused.
 *
 * It has to be called each time a socket tells that it is `readable`; the pieces come as the socket's `data`.
 */
export class Intake {
  /** How many publications have been accepted. */
  readonly #published: () => number;
  /** When the time that all have used is paid for, in ms. */
  #usedUntil = 0;
  readonly #newcomers = new Set<Source>();
  readonly #debtors = new Set<Source>();
  #timer: NodeJS.Timeout | undefined;
  #reading: Source | undefined;

  constructor(published: () => number) {
    this.#published = published;
  }

  /** How many wait in line. */
  get waiting(): number {
    return this.#newcomers.size + this.#debtors.size;
  }

  /** Reads what is there now, or later; also to be called when a pause is over. */
  read(source: Source): void {
    if (source.isStopped || source === this.#reading || this.#holds(source)) return;
    if (source.raw.readableLength === 0) {
      // Its end, of which a stream tells only when it is read: that costs nothing, and is no reason to wait.
      source.raw.read();
      return;
    }
    const now = performance.now();
    if (this.#isUsedUp(now) && (owes(source, now) || isMuch(source))) {
      this.#lineUp(source, now);
      return;
    }
    this.#readOn(source);
  }

  #readOn(source: Source): void {
    do {
      this.#readPiece(source);
      if (!isReadable(source)) return;
    } while (!this.#isUsedUp(performance.now()));
    this.#lineUp(source, performance.now());
  }

  /** Returns how long it took, if that is to be paid for. */
  #readPiece(source: Source): number {
    const { raw } = source;
    const most = source.pieceBytes || FIRST_BYTES;
    const bytes = Math.min(most, raw.readableLength);
    const published = this.#published();
    const start = performance.now();
    this.#reading = source;
    // The whole rest without a number: only so does a stream tell of its end.
    if (raw.readableLength <= most) raw.read();
    else raw.read(most);
    this.#reading = undefined;
    if (this.#published() !== published) {
      source.pieceBytes = Math.min(most * 2, MOST_PUBLISHED_BYTES);
      return 0;
    }
    const now = performance.now();
    const tookMs = now - start + bytes / COPIED_BYTES_PER_MS;
    const fitting = Math.min(2, PIECE_MS / Math.max(tookMs, PIECE_MS / 8));
    source.pieceBytes = Math.round(Math.max(LEAST_BYTES, Math.min(most * fitting, MOST_BYTES)));
    source.owesUntil = Math.round((Math.max(now, source.owesUntil / TICKS) + tookMs * SHARE_OF_ONE) * TICKS);
    this.#usedUntil = Math.max(now, this.#usedUntil) + tookMs * SHARE_OF_ALL;
    return tookMs;
  }

  #isUsedUp(now: number): boolean {
    return this.#usedUntil - now > BURST_MS;
  }

  #holds(source: Source): boolean {
    return this.waiting > 0 && (this.#newcomers.has(source) || this.#debtors.has(source));
  }

  #lineUp(source: Source, now: number): void {
    if (owes(source, now)) this.#debtors.add(source);
    else this.#newcomers.add(source);
    this.#timer ??= setTimeout(() => this.#serve(), LEAST_REST_MS).unref();
  }

  /** Reads from those who wait, whoever owes nothing first, until a piece's time is over. */
  #serve(): void {
    let tookMs = 0;
    while (tookMs < PIECE_MS && this.waiting > 0) {
      const [source] = (this.#newcomers.size > 0 ? this.#newcomers : this.#debtors) as Iterable<Source> as [Source];
      if (!this.#newcomers.delete(source)) this.#debtors.delete(source);
      // Somebody else holds it back: `read` is called when that is over.
      if (source.isStopped) continue;
      tookMs += this.#readPiece(source);
      if (isReadable(source)) this.#debtors.add(source);
    }
    this.#timer = this.waiting === 0 ? undefined : setTimeout(() => this.#serve(), Math.max(LEAST_REST_MS, tookMs * REST)).unref();
  }
}

function isReadable({ raw, isStopped }: Source): boolean {
  return !isStopped && raw.readableLength > 0;
}

function owes(source: Source, now: number): boolean {
  return source.owesUntil > now * TICKS;
}

/** More than a little, from a peer that has not lately published. */
function isMuch({ raw, pieceBytes }: Source): boolean {
  return raw.readableLength > LITTLE_BYTES && pieceBytes <= MOST_BYTES;
}
