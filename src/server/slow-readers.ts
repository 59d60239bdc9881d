import { CLOSE_CODES } from '../protocol/index.js';
import { kernelQueues, type TcpEnds } from './kernel-queue.js';
import type { Outbox } from './outbox.js';

/** Looks at a reader within the time that it may take nothing. */
const LOOKS = 10;
/** From this share of the time on, the kernel is asked at each look whether the reader takes something after all. */
const SUSPECT_SHARE = 1 / 2;
/** The pause until the kernel is asked again is so many times what the answer took: its list may have 100,000 lines. */
const ASK_SHARE = 20;
/**
 * One write is seen to be taken when all of it is: a reader of a large frame gets the time once more for each of these
 * bytes that its socket holds.
 */
const STEP_BYTES = 256 * 1024;
/** Timers below this would only burn CPU. */
const LEAST_LOOK_MS = 5;

/** How one reader gets on. */
interface Progress {
  /** How much the kernel had taken at the last look that found progress, and the looks since then. */
  mostTaken: number;
  looks: number;
  /** What the kernel held for it when it was last asked; `unlisted` where it does not tell. */
  queued: number | undefined | 'unlisted';
  /** Whether the kernel, asked again since, held no less. */
  isStuck: boolean;
}

/**
 * Keeps an eye on the outboxes whose sockets hold bytes that the kernel does not take, and drops the peer that takes
 * nothing for too long. One timer for all, and nothing at all for those who keep up.
 */
export class SlowReaders {
  readonly #lookMs: number;
  /**
   * So many looks without progress, one after the other, mean that the reader took nothing for too long. Looks are
   * counted and not milliseconds: a broker that stood still itself would find everybody late.
   */
  readonly #mostLooks: number;
  readonly #watched = new Map<Outbox, Progress>();
  #timer: NodeJS.Timeout | undefined;
  #isAsking = false;
  #answeredAt = 0;
  #nextAskAt = 0;

  constructor(slowReaderTimeoutMs: number) {
    this.#lookMs = Math.max(LEAST_LOOK_MS, Math.floor(slowReaderTimeoutMs / LOOKS));
    // One more, for the first look may come at once.
    this.#mostLooks = Math.ceil(slowReaderTimeoutMs / this.#lookMs) + 1;
  }

  /** Judges `outbox` by its progress until its socket is empty. */
  watch(outbox: Outbox): void {
    if (this.#watched.has(outbox)) return;
    this.#watched.set(outbox, { mostTaken: outbox.takenBytes, looks: 0, queued: undefined, isStuck: false });
    this.#timer ??= setInterval(() => this.#judge(), this.#lookMs).unref();
  }

  unwatch(outbox: Outbox): void {
    this.#watched.delete(outbox);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #judge(): void {
    const suspects: Outbox[] = [];
    let isAnyDue = false;
    for (const [outbox, progress] of this.#watched) {
      const taken = outbox.takenBytes;
      if (outbox.socketBytes === 0) this.#watched.delete(outbox);
      else if (taken > progress.mostTaken) {
        progress.mostTaken = taken;
        progress.looks = 0;
        progress.queued = undefined;
        progress.isStuck = false;
      } else if (++progress.looks < this.#looksFor(outbox)) {
        if (progress.looks >= this.#mostLooks * SUSPECT_SHARE && outbox.ends) suspects.push(outbox);
      } else if (isConvicted(outbox, progress)) {
        this.#watched.delete(outbox);
        outbox.owner.drop(CLOSE_CODES.overloaded.code, 'took nothing for too long');
      } else {
        isAnyDue = true;
        suspects.push(outbox);
      }
    }
    if (this.#watched.size === 0) this.stop();
    else if (suspects.length > 0 && this.#mayAsk(isAnyDue)) void this.#ask(suspects);
  }

  #looksFor(outbox: Outbox): number {
    return this.#mostLooks * Math.max(1, Math.ceil(outbox.socketBytes / STEP_BYTES));
  }

  /** Whoever is about to be dropped is asked about at the next look, however long the list is. */
  #mayAsk(isAnyDue: boolean): boolean {
    return !this.#isAsking && performance.now() >= (isAnyDue ? this.#answeredAt + this.#lookMs : this.#nextAskAt);
  }

  /** A socket tells of progress in large steps; of those who seem to take nothing the kernel knows it to the byte. */
  async #ask(suspects: readonly Outbox[]): Promise<void> {
    this.#isAsking = true;
    const start = performance.now();
    const queues = await kernelQueues(suspects.map((outbox) => outbox.ends as TcpEnds));
    const end = performance.now();
    this.#answeredAt = end;
    this.#nextAskAt = end + (end - start) * ASK_SHARE;
    this.#isAsking = false;
    for (const [index, outbox] of suspects.entries()) {
      const [progress, queued] = [this.#watched.get(outbox), queues[index]];
      if (!progress) continue;
      const before = progress.queued;
      progress.queued = queued ?? 'unlisted';
      if (typeof before !== 'number' || queued === undefined) continue;
      progress.isStuck = queued >= before;
      if (!progress.isStuck) progress.looks = 0;
    }
  }
}

/**
 * Whether all has been asked that can be: where the kernel's list is long it is asked rarely, and nobody is dropped before
 * two of its answers have shown that nothing was taken between them.
 */
function isConvicted(outbox: Outbox, { isStuck, queued }: Progress): boolean {
  return isStuck || !outbox.ends || queued === 'unlisted';
}
