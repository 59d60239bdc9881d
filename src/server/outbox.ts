import type { Flusher } from './flusher.js';
import type { Frame } from './frame.js';

/** What an outbox writes to: the raw socket below a WebSocket. */
export interface OutboxSocket {
  /** Bytes that the socket holds because the kernel has not taken them yet. */
  readonly writableLength: number;
  /** Whether a data frame may still be written: no close frame has been. */
  readonly isOpen: boolean;
  write(bytes: Uint8Array): unknown;
}

/** Who is told that the peer of an outbox takes nothing. */
export interface OutboxOwner {
  drop(code: number, reason: string): void;
}

/** No more is handed to a socket that holds so much: what waits here can still be counted and dropped. */
const HANDOVER_BYTES = 64 * 1024;

/**
 * The frames that wait for one peer, in order. Every text frame goes through here, so that order is kept; frames are
 * shared between the outboxes of all receivers, so what one outbox "holds" is mostly the 8 bytes of a reference a
 * frame, and the bound is on what the peer is behind, not on memory of its own.
 *
 * Only whole frames are written, and in one synchronous run each, so the control frames that `ws` writes to the same
 * socket always fall between two of them.
 */
export class Outbox {
  readonly owner: OutboxOwner;
  readonly #socket: OutboxSocket;
  readonly #flusher: Flusher;
  #frames: Frame[] = [];
  #bytes = 0;
  #handedOver = 0;
  #isScheduled = false;
  #isFinished = false;
  #whenEmpty: (() => void) | undefined;
  /** For the flusher: how much the kernel had taken at its last look that found progress, and the looks since then. */
  mostTaken = 0;
  looksWithoutProgress = 0;

  constructor(owner: OutboxOwner, socket: OutboxSocket, flusher: Flusher) {
    this.owner = owner;
    this.#socket = socket;
    this.#flusher = flusher;
  }

  /** Bytes that wait for the peer, here and in its socket. */
  get pendingBytes(): number {
    return this.#bytes + this.#socket.writableLength;
  }

  get socketBytes(): number {
    return this.#socket.writableLength;
  }

  /**
   * Bytes that the kernel has taken so far, less those of control frames that wait in the socket: it grows when the
   * peer takes something, and only then.
   */
  get takenBytes(): number {
    return this.#handedOver - this.#socket.writableLength;
  }

  /**
   * Puts a frame behind the others; it leaves at the end of this turn of the event loop.
   * @returns false when the peer is now further behind than `maxBytes` allows: the caller drops it. A peer that was not
   * behind at all is not, however large the frame.
   */
  push(frame: Frame): boolean {
    if (this.#isFinished) return true;
    const wasBehind = this.pendingBytes > 0;
    this.#frames.push(frame);
    this.#bytes += frame.length;
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      this.#flusher.schedule(this);
    }
    // A burst within one turn is no sign of a slow reader: what its socket would take does not count against it.
    if (this.#bytes > HANDOVER_BYTES && this.#socket.writableLength < HANDOVER_BYTES) this.#handOver();
    return !wasBehind || this.pendingBytes <= this.#flusher.maxBytes;
  }

  /** Hands over what the socket will take; the rest waits for its `drain`. Called once a turn, and at each `drain`. */
  flush(): void {
    this.#isScheduled = false;
    this.#handOver();
    if (this.#frames.length === 0) {
      const emptied = this.#whenEmpty;
      this.#whenEmpty = undefined;
      emptied?.();
    }
    // Once it is closed, or destroyed, there are other bounds for it.
    if (this.#socket.isOpen && this.#socket.writableLength > 0) this.#flusher.watch(this);
  }

  /**
   * Takes no more frames and flushes; calls `emptied` as soon as none waits here any more, at once if that is so
   * already.
   */
  finish(emptied: () => void): void {
    this.#isFinished = true;
    this.#whenEmpty = emptied;
    this.flush();
  }

  /** Forgets what waits: the peer is gone. */
  discard(): void {
    this.#isFinished = true;
    this.#frames = [];
    this.#bytes = 0;
    this.#whenEmpty = undefined;
    this.#flusher.unwatch(this);
  }

  #handOver(): void {
    if (!this.#socket.isOpen) {
      this.#frames = [];
      this.#bytes = 0;
    }
    while (this.#frames.length > 0 && this.#socket.writableLength < HANDOVER_BYTES) {
      const count = this.#countUpTo(HANDOVER_BYTES);
      const taken = count === this.#frames.length ? this.#frames : this.#frames.slice(0, count);
      this.#frames = count === this.#frames.length ? [] : this.#frames.slice(count);
      const bytes = this.#flusher.join(taken);
      this.#bytes -= bytes.length;
      this.#handedOver += bytes.length;
      this.#socket.write(bytes);
    }
  }

  /** How many frames from the first on stay within `bytes` together; at least one. */
  #countUpTo(bytes: number): number {
    let sum = 0;
    let count = 0;
    for (const frame of this.#frames) {
      sum += frame.length;
      if (count > 0 && sum > bytes) break;
      count++;
    }
    return count;
  }
}
