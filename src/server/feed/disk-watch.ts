import type { Log } from '../observe.js';

const LOOK_MS = 1000;
/** The disk hangs when the same notification has been the next one in so many looks: a busy event loop looks less often. */
const PATIENT_LOOKS = 5;

interface WatchParts {
  /** The sequence of the first notification that is not committed; undefined: there is none. */
  readonly firstPending: () => number | undefined;
  readonly folder: string;
  readonly log: Log;
}

/** Finds out that the disk neither takes what is written nor fails: then nothing else would tell. */
export class DiskWatch {
  readonly #parts: WatchParts;
  #timer: NodeJS.Timeout | undefined;
  #first: number | undefined;
  #looks = 0;
  #isHanging = false;

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  /** What is wrong with the disk, in a sentence for operators. */
  get trouble(): string | undefined {
    if (!this.#isHanging) return undefined;
    return `the disk does not answer: what was written to ${this.#parts.folder} more than 5 s ago has not been taken`;
  }

  /** Something is pending. */
  begin(): void {
    if (this.#timer !== undefined) return;
    this.#looks = 0;
    this.#timer = setTimeout(() => this.#look(), LOOK_MS).unref();
  }

  /** Something has been committed, or is not pending any more. */
  moved(): void {
    if (!this.#isHanging) return;
    this.#isHanging = false;
    this.#looks = 0;
    this.#parts.log.warn({ folder: this.#parts.folder }, 'the disk answers again');
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    const { firstPending, folder, log } = this.#parts;
    this.#timer = undefined;
    const first = firstPending();
    if (first === undefined) return;
    this.#looks = first === this.#first ? this.#looks + 1 : 0;
    this.#first = first;
    if (this.#looks === PATIENT_LOOKS) {
      this.#isHanging = true;
      log.error({ folder, because: this.trouble }, 'the disk does not answer: publishers wait');
    }
    this.#timer = setTimeout(() => this.#look(), LOOK_MS).unref();
  }
}
