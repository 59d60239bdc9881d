import { joined } from './chunks.js';
import type { Frame } from './frame.js';
import type { Outbox } from './outbox.js';
import { Patience } from './patience.js';
import { SlowReaders } from './slow-readers.js';

/** How long a turn flushes before pings, reads and timers get their turn. */
const SLICE_MS = 5;
/** Writes between two looks at the clock. */
const CLOCK_STRIDE = 32;

/**
 * Bytes of notifications that may wait for a flush, and the share of an outbox that they may fill. Whoever brings more
 * waits with them (see `Gate`): a turn of the event loop brings a reader no more than this and one message.
 */
const MOST_UNFLUSHED_BYTES = 256 * 1024;
const MOST_UNFLUSHED_SHARE = 1 / 16;

/** The share of a turn of the event loop that flushing may take. */
export class Slice {
  #end = 0;
  #untilClock = CLOCK_STRIDE;

  begin(): void {
    this.#end = performance.now() + SLICE_MS;
    this.#untilClock = CLOCK_STRIDE;
  }

  /** To be asked after each write. */
  isOver(): boolean {
    if (--this.#untilClock > 0) return false;
    this.#untilClock = CLOCK_STRIDE;
    return performance.now() > this.#end;
  }
}

/** What frames wait in. */
export interface Flushable {
  /** Writes what waits, and stops when `slice` is over; returns whether all is done, or whether to come again. */
  flush(slice: Slice): boolean;
}

/** Flushes whatever got a frame once a turn of the event loop, in slices; no timer and no closure a peer. */
export class Flusher {
  /** Bound of one outbox in bytes, its socket's own included. */
  readonly maxBytes: number;
  readonly #slowReaders: SlowReaders;
  readonly #patience: Patience;
  readonly #mostUnflushed: number;
  readonly #slice = new Slice();
  #dirty: Flushable[] = [];
  #immediate: NodeJS.Immediate | undefined;
  #unflushedBytes = 0;
  #joinedFrames: readonly Frame[] = [];
  #joined: Frame = Buffer.alloc(0);

  constructor(limits: { readonly maxOutboxBytes: number; readonly slowReaderTimeoutMs: number }) {
    this.maxBytes = limits.maxOutboxBytes;
    this.#slowReaders = new SlowReaders(limits.slowReaderTimeoutMs);
    this.#patience = new Patience(limits.maxOutboxBytes);
    this.#mostUnflushed = Math.min(MOST_UNFLUSHED_BYTES, limits.maxOutboxBytes * MOST_UNFLUSHED_SHARE);
  }

  /** Whether more waits for a flush than may, or a reader has to catch up first: who publishes has to wait. */
  get isBehind(): boolean {
    return this.#unflushedBytes > this.#mostUnflushed || this.isWaitingForOthers;
  }

  /** Whether nothing but time helps: readers have to take what their sockets hold. */
  get isWaitingForOthers(): boolean {
    return this.#patience.isCalledFor();
  }

  /** Keeps an eye on a reader whose socket holds something, until it holds nothing. */
  watch(outbox: Outbox): void {
    this.#slowReaders.watch(outbox);
    this.#patience.watch(outbox);
  }

  unwatch(outbox: Outbox): void {
    this.#slowReaders.unwatch(outbox);
    this.#patience.unwatch(outbox);
  }

  /** Has `waiting` flushed at the end of this turn. It asks once until it has been flushed. */
  schedule(waiting: Flushable): void {
    this.#dirty.push(waiting);
    this.#immediate ??= setImmediate(() => this.#run());
  }

  /** Notes that a frame of `bytes` waits for a flush, however many peers it is for. */
  owe(bytes: number): void {
    this.#unflushedBytes += bytes;
  }

  /**
   * One buffer with the bytes of all `frames`. Peers that follow the same topics wait for the same frames, one after
   * the other, so the last answer is kept and serves them all.
   */
  join(frames: readonly Frame[]): Frame {
    if (frames.length === 1) return frames[0] as Frame;
    if (!areSame(frames, this.#joinedFrames)) {
      this.#joined = joined(frames);
      this.#joinedFrames = frames;
    }
    return this.#joined;
  }

  /** Gives up the timers; nothing is flushed after it. */
  stop(): void {
    this.#slowReaders.stop();
    clearImmediate(this.#immediate);
    this.#unflushedBytes = 0;
  }

  #run(): void {
    const dirty = this.#dirty;
    this.#dirty = [];
    this.#immediate = undefined;
    this.#slice.begin();
    const again: Flushable[] = [];
    let left: Flushable[] = [];
    for (let index = 0; index < dirty.length; index++) {
      const waiting = dirty[index] as Flushable;
      if (!waiting.flush(this.#slice)) again.push(waiting);
      if (!this.#slice.isOver()) continue;
      left = dirty.slice(index + 1);
      break;
    }
    // What had no turn goes first in the next one, for it has waited longest; what is not done goes behind it, so that
    // a large audience with a frame in each turn cannot keep the others from theirs.
    this.#dirty = left.concat(again, this.#dirty);
    this.#joinedFrames = [];
    if (this.#dirty.length > 0) this.#immediate ??= setImmediate(() => this.#run());
    else this.#unflushedBytes = 0;
  }
}

function areSame(one: readonly Frame[], other: readonly Frame[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false;
  return true;
}
