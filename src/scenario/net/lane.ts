import type { Socket } from 'node:net';
import { reset } from '../../peer/index.js';

/** Who sends what goes along a lane. */
export type Side = 'client' | 'server';

/** What the line is like; a proxy changes it and then calls `pump` of its lanes. */
export interface Conditions {
  /** How long everything is under way, ms; 0 is no delay. */
  delayMs: number;
  /** 0 is without a limit. */
  bytesPerSecond: number;
  /** What may still pass from one side, and what is done then. */
  cut: { readonly from: Side; left: number; readonly then: () => void } | undefined;
}

/** What waits in a lane: bytes, a FIN, or a RST. */
type Item = { readonly at: number } & ({ readonly kind: 'bytes'; bytes: Buffer } | { readonly kind: 'fin' } | { readonly kind: 'reset' });

/** A throttled lane hardly reads ahead, so that the sender feels it; a delayed one must, or the delay would be a throttle. */
const MAX_WAITING_BYTES = { throttled: 64 * 1024, other: 16 * 1024 * 1024 };

/** A throttled lane passes on so often; longer pauses than this are not made up for. */
const SLICE_MS = 20;

const CUT_DELAY_MS = 10;

/** One direction of a proxied connection: passes on what comes, in its order, as the conditions let it. */
export class Lane {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #side: Side;
  readonly #conditions: Conditions;
  #waiting: Item[] = [];
  #waitingBytes = 0;
  /** When a throttled lane may pass on again, on the clock of `performance`. */
  #freeAt = 0;
  #isBlocked = false;
  #isSilent = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(side: Side, [from, to]: readonly [Socket, Socket], conditions: Conditions) {
    this.#side = side;
    this.#from = from;
    this.#to = to;
    this.#conditions = conditions;
    from.on('data', (bytes: Buffer) => this.#add({ at: performance.now(), kind: 'bytes', bytes }));
    from.once('end', () => this.#add({ at: performance.now(), kind: 'fin' }));
    from.once('close', (hasFailed) => {
      if (hasFailed || !from.readableEnded) this.#add({ at: performance.now(), kind: 'reset' });
    });
    to.on('drain', () => {
      this.#isBlocked = false;
      this.pump();
    });
    to.once('close', () => clearTimeout(this.#timer));
  }

  /** Passes on what may be passed on by now; to be called when the conditions have changed. */
  pump(): void {
    clearTimeout(this.#timer);
    for (let next = this.#waiting[0]; next && !this.#isBlocked && !this.#to.destroyed; next = this.#waiting[0]) {
      const waitMs = this.#dueAt(next) - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.pump(), Math.ceil(waitMs));
        break;
      }
      this.#pass(next);
    }
    this.#regulate();
  }

  /** From now on nothing passes, and what comes is read and forgotten. */
  silence(): void {
    this.#isSilent = true;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.pump();
  }

  #add(item: Item): void {
    if (this.#isSilent) return;
    this.#waiting.push(item);
    if (item.kind === 'bytes') this.#waitingBytes += item.bytes.length;
    this.pump();
  }

  #dueAt({ at }: Item): number {
    const { delayMs, bytesPerSecond } = this.#conditions;
    return Math.max(at + delayMs, bytesPerSecond > 0 ? this.#freeAt : 0);
  }

  #pass(item: Item): void {
    if (item.kind === 'bytes') {
      this.#passBytes(item, this.#slice(item.bytes.length));
      return;
    }
    this.#waiting.shift();
    if (item.kind === 'fin') this.#to.end();
    else reset(this.#to);
  }

  /** How many bytes of a chunk may pass now; the next may when the time that they take is over. */
  #slice(available: number): number {
    const { bytesPerSecond } = this.#conditions;
    if (bytesPerSecond <= 0) return available;
    const length = Math.min(available, Math.max(1, Math.floor((bytesPerSecond * SLICE_MS) / 1000)));
    this.#freeAt = Math.max(this.#freeAt, performance.now() - SLICE_MS) + (length / bytesPerSecond) * 1000;
    return length;
  }

  #passBytes(item: Item & { kind: 'bytes' }, length: number): void {
    const passed = item.bytes.subarray(0, length);
    this.#waitingBytes -= length;
    if (length === item.bytes.length) this.#waiting.shift();
    else item.bytes = item.bytes.subarray(length);
    this.#isBlocked = !this.#write(passed);
  }

  #write(bytes: Buffer): boolean {
    const { cut } = this.#conditions;
    if (cut?.from !== this.#side) return this.#to.write(bytes);
    const last = bytes.subarray(0, cut.left);
    cut.left -= last.length;
    if (cut.left > 0) return this.#to.write(last);
    // A reset throws away what the system has not taken yet, and a reader that finds bytes and a reset together may take
    // it for a FIN (libuv does): they are given a moment. The lane stays blocked, so nothing else passes.
    this.#to.write(last, () => setTimeout(() => setImmediate(cut.then), CUT_DELAY_MS));
    return false;
  }

  #regulate(): void {
    const { bytesPerSecond } = this.#conditions;
    const most = bytesPerSecond > 0 ? MAX_WAITING_BYTES.throttled : MAX_WAITING_BYTES.other;
    if (this.#waitingBytes >= most) this.#from.pause();
    else if (this.#from.isPaused()) this.#from.resume();
  }
}
