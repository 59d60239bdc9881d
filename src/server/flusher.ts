import { CLOSE_CODES } from '../protocol/index.js';
import type { Frame } from './frame.js';
import type { Outbox } from './outbox.js';

/** How long outboxes are flushed before pings, reads and timers get their turn. */
const SLICE_MS = 5;
/** Outboxes between two looks at the clock. */
const CLOCK_STRIDE = 32;
/** Looks at a reader within the time that it may take nothing. */
const LOOKS = 10;
/**
 * One write is seen to be taken when all of it is: a reader of a large frame gets the time once more for each of these
 * bytes that its socket holds.
 */
const STEP_BYTES = 256 * 1024;
/** Timers below this would only burn CPU. */
const LEAST_LOOK_MS = 5;

/**
 * Flushes each outbox that got a frame once a turn of the event loop, in slices, and keeps an eye on those whose
 * sockets hold bytes that the kernel does not take. One for all peers: no timer and no closure a peer.
 */
export class Flusher {
  /** Bound of one outbox in bytes, its socket's own included. */
  readonly maxBytes: number;
  readonly #lookMs: number;
  /**
   * So many looks without progress, one after the other, mean that the reader took nothing for too long. Looks are
   * counted and not milliseconds: a broker that stood still itself would find everybody late.
   */
  readonly #mostLooks: number;
  #dirty: Outbox[] = [];
  #immediate: NodeJS.Immediate | undefined;
  readonly #watched = new Set<Outbox>();
  #watch: NodeJS.Timeout | undefined;
  #joinedFrames: readonly Frame[] = [];
  #joined: Frame = Buffer.alloc(0);

  constructor(limits: { readonly maxOutboxBytes: number; readonly slowReaderTimeoutMs: number }) {
    this.maxBytes = limits.maxOutboxBytes;
    this.#lookMs = Math.max(LEAST_LOOK_MS, Math.floor(limits.slowReaderTimeoutMs / LOOKS));
    // One more, for the first look may come at once.
    this.#mostLooks = Math.ceil(limits.slowReaderTimeoutMs / this.#lookMs) + 1;
  }

  /** Has `outbox` flushed at the end of this turn. An outbox asks once until it has been flushed. */
  schedule(outbox: Outbox): void {
    this.#dirty.push(outbox);
    this.#immediate ??= setImmediate(() => this.#run());
  }

  /**
   * One buffer with the bytes of all `frames`. Peers of one group wait for the same frames, one after the other, so
   * the last answer is kept and serves them all.
   */
  join(frames: readonly Frame[]): Frame {
    if (frames.length === 1) return frames[0] as Frame;
    if (!areSame(frames, this.#joinedFrames)) {
      this.#joined = Buffer.concat(frames);
      this.#joinedFrames = frames;
    }
    return this.#joined;
  }

  /** Judges `outbox` by its progress until its socket is empty. */
  watch(outbox: Outbox): void {
    if (this.#watched.has(outbox)) return;
    outbox.mostTaken = outbox.takenBytes;
    outbox.looksWithoutProgress = 0;
    this.#watched.add(outbox);
    this.#watch ??= setInterval(() => this.#judge(), this.#lookMs).unref();
  }

  unwatch(outbox: Outbox): void {
    this.#watched.delete(outbox);
  }

  /** Gives up the timers; nothing is flushed after it. */
  stop(): void {
    clearInterval(this.#watch);
    clearImmediate(this.#immediate);
  }

  #run(): void {
    const dirty = this.#dirty;
    this.#dirty = [];
    this.#immediate = undefined;
    const end = performance.now() + SLICE_MS;
    for (let index = 0; index < dirty.length; index++) {
      (dirty[index] as Outbox).flush();
      if (index % CLOCK_STRIDE === CLOCK_STRIDE - 1 && performance.now() > end) {
        // What is left goes first in the next turn: it has waited longest.
        this.#dirty = dirty.slice(index + 1).concat(this.#dirty);
        break;
      }
    }
    this.#joinedFrames = [];
    if (this.#dirty.length > 0) this.#immediate ??= setImmediate(() => this.#run());
  }

  #judge(): void {
    for (const outbox of this.#watched) {
      const taken = outbox.takenBytes;
      if (outbox.socketBytes === 0) this.#watched.delete(outbox);
      else if (taken > outbox.mostTaken) {
        outbox.mostTaken = taken;
        outbox.looksWithoutProgress = 0;
      } else if (++outbox.looksWithoutProgress >= this.#mostLooks * Math.max(1, Math.ceil(outbox.socketBytes / STEP_BYTES))) {
        this.#watched.delete(outbox);
        outbox.owner.drop(CLOSE_CODES.overloaded.code, 'took nothing for too long');
      }
    }
    if (this.#watched.size > 0) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
  }
}

function areSame(one: readonly Frame[], other: readonly Frame[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false;
  return true;
}
