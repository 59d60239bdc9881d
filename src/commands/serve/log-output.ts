import { writeSync } from 'node:fs';

/** Text that may wait for the end of a turn, in UTF-16 units: one long turn must not fill the memory. */
const MOST_WAITING = 64 * 1024;
/** How long the process stands still before it tries again to write to a full pipe that it must not wait in. */
const RETRY_MS = 5;

const CLOCK = new Int32Array(new SharedArrayBuffer(4));

/**
 * Writes lines to a file descriptor, all of one turn of the event loop with one system call at its end. Nothing is lost
 * when the process ends by itself, by `process.exit` or by an exception; a signal that nobody handles may lose the lines
 * of the turn that it interrupts. A reader that pauses holds the process up and loses nothing; when it is gone, or the
 * disk is full, what cannot be written is lost and the process goes on.
 */
export class LogOutput {
  readonly #fd: number;
  #waiting = '';
  #isScheduled = false;
  #isClosed = false;

  constructor(fd: number) {
    this.#fd = fd;
    process.on('exit', () => this.flush());
  }

  /** Puts whole lines, with their line ends, behind what waits. */
  write(lines: string): void {
    if (this.#isClosed) return;
    this.#waiting += lines;
    if (this.#waiting.length >= MOST_WAITING) this.flush();
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#endTurn);
  }

  /** Writes what waits, now. */
  flush(): void {
    if (this.#waiting === '') return;
    let bytes = Buffer.from(this.#waiting);
    this.#waiting = '';
    while (bytes.length > 0 && !this.#isClosed) bytes = bytes.subarray(this.#writeSome(bytes));
  }

  readonly #endTurn = (): void => {
    this.#isScheduled = false;
    this.flush();
  };

  /** @returns how many bytes are done with. */
  #writeSome(bytes: Buffer): number {
    try {
      return writeSync(this.#fd, bytes);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') {
        Atomics.wait(CLOCK, 0, 0, RETRY_MS);
        return 0;
      }
      this.#isClosed = code === 'EPIPE';
      return bytes.length;
    }
  }
}
