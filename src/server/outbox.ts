import { CHUNK_BYTES, type Chunks, countTogether } from './chunks.js';
import type { Flushable, Flusher } from './flusher.js';
import type { Frame } from './frame.js';
import type { TcpEnds } from './kernel-queue.js';

/** The raw socket below a WebSocket: a `net.Socket` or `tls.TLSSocket`. */
export interface RawSocket {
  /** Bytes that the socket holds because the kernel has not taken them yet. */
  readonly writableLength: number;
  /** Whether it is neither ended nor destroyed. */
  readonly writable: boolean;
  write(bytes: Uint8Array): unknown;
}

/** What an outbox writes to. */
export interface OutboxSocket {
  readonly raw: RawSocket;
  /** Whether a data frame may still be written: no close frame has been. */
  readonly isOpen: boolean;
  /** Where it is in the kernel's list of connections, if it is a TCP socket. */
  readonly ends: TcpEnds | undefined;
}

/** Who is told that the peer of an outbox takes nothing. */
export interface OutboxOwner {
  drop(code: number, reason: string): void;
}

/**
 * The frames that wait for one peer, in order. Every text frame goes through here, so that order is kept. What gathers
 * for many peers alike waits in their `Audience` and passes through here at the end of the turn.
 *
 * Frames are shared between the outboxes of all receivers, and what was joined for one write between those that wait
 * for the same, so what one of many outboxes "holds" is mostly the 8 bytes of a reference a buffer. A peer that alone is
 * behind holds all of it. The bound is on what the peer is behind.
 *
 * Only whole frames are written, and in one synchronous run each, so the control frames that `ws` writes to the same
 * socket always fall between two of them.
 */
export class Outbox implements Flushable {
  readonly owner: OutboxOwner;
  readonly #socket: OutboxSocket;
  /** The socket's, for it is written to for each delivery. */
  readonly #raw: RawSocket;
  readonly #flusher: Flusher;
  /** What waits from `#sent` on; nothing is kept for a peer for which nothing waits. */
  #frames: Frame[] | undefined;
  #sent = 0;
  #bytes = 0;
  #handedOver = 0;
  #isScheduled = false;
  #isFinished = false;
  #whenEmpty: (() => void) | undefined;

  constructor(owner: OutboxOwner, socket: OutboxSocket, flusher: Flusher) {
    this.owner = owner;
    this.#socket = socket;
    this.#raw = socket.raw;
    this.#flusher = flusher;
  }

  /** Bytes that wait for the peer, here and in its socket. */
  get pendingBytes(): number {
    return this.#bytes + this.#raw.writableLength;
  }

  get ends(): TcpEnds | undefined {
    return this.#socket.ends;
  }

  get socketBytes(): number {
    return this.#raw.writableLength;
  }

  /**
   * Bytes that the kernel has taken so far, less those of control frames that wait in the socket: it grows when the
   * peer takes something, and only then.
   */
  get takenBytes(): number {
    return this.#handedOver - this.#raw.writableLength;
  }

  /**
   * Puts a frame behind the others; it leaves at the end of this turn of the event loop.
   * @returns false when the peer is now further behind than `maxBytes` allows: the caller drops it. A peer that was not
   * behind at all is not, however large the frame.
   */
  push(frame: Frame): boolean {
    if (this.#isFinished) return true;
    const wasBehind = this.pendingBytes > 0;
    this.#add(frame);
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      this.#flusher.schedule(this);
    }
    // A burst within one turn is no sign of a slow reader: what its socket would take does not count against it.
    if (this.#bytes > CHUNK_BYTES && this.#raw.writableLength < CHUNK_BYTES) this.#handOver();
    return !wasBehind || this.pendingBytes <= this.#flusher.maxBytes;
  }

  /**
   * Puts what an audience has gathered behind the others and hands over what the socket will take.
   * @returns as `push`.
   */
  take({ buffers, bytes }: Chunks): boolean {
    if (this.#isFinished) return true;
    const raw = this.#raw;
    const before = this.#bytes + raw.writableLength;
    // No close frame has been sent, for that finishes the outbox; but the peer may have ended its side.
    if (before === 0 && buffers.length === 1 && raw.writable) {
      this.#handedOver += bytes;
      raw.write(buffers[0] as Frame);
      if (raw.writableLength > 0) this.#watch();
      return true;
    }
    for (const buffer of buffers) this.#add(buffer);
    this.#handOver();
    this.#watch();
    return before === 0 || this.pendingBytes <= this.#flusher.maxBytes;
  }

  /** Hands over what the socket will take; the rest waits for its `drain`. Called once a turn, and at each `drain`. */
  flush(): boolean {
    this.#isScheduled = false;
    this.#handOver();
    if (this.#frames === undefined) {
      const emptied = this.#whenEmpty;
      this.#whenEmpty = undefined;
      emptied?.();
    }
    this.#watch();
    return true;
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
    this.#forget();
    this.#whenEmpty = undefined;
    this.#flusher.unwatch(this);
  }

  #add(frame: Frame): void {
    if (this.#frames === undefined) this.#frames = [frame];
    else this.#frames.push(frame);
    this.#bytes += frame.length;
  }

  #handOver(): void {
    if (!this.#socket.isOpen) this.#forget();
    while (this.#frames !== undefined && this.#raw.writableLength < CHUNK_BYTES) {
      const bytes = this.#flusher.join(this.#nextOf(this.#frames));
      this.#bytes -= bytes.length;
      this.#handedOver += bytes.length;
      this.#raw.write(bytes);
    }
  }

  /** Takes the frames of the next write out. */
  #nextOf(frames: Frame[]): readonly Frame[] {
    const start = this.#sent;
    const end = start + countTogether(frames, start);
    this.#sent = end;
    if (end === frames.length) {
      this.#frames = undefined;
      this.#sent = 0;
      return start === 0 ? frames : frames.slice(start);
    }
    const next = frames.slice(start, end);
    // What has left must not be held by what has not, and moving the rest must stay cheap.
    if (end * 2 > frames.length) {
      this.#frames = frames.slice(end);
      this.#sent = 0;
    }
    return next;
  }

  #forget(): void {
    this.#frames = undefined;
    this.#sent = 0;
    this.#bytes = 0;
  }

  #watch(): void {
    // Once it is closed, or destroyed, there are other bounds for it.
    if (this.#socket.isOpen && this.#raw.writableLength > 0) this.#flusher.watch(this);
  }
}
