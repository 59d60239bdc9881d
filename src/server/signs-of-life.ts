/** Beats that a message or control frame may take to be whole, unless much of it comes between two of them. */
const FRAME_BEATS = 8;

/** Read from the peer before the first ping: more than nothing has come since. */
const NEVER = -1;

/** What of a socket tells that its peer lives. */
interface Living {
  /** Bytes that have come. */
  readonly bytesRead: number;
  /** Grows with all that has come whole, and with much of what has not. */
  readonly progress: number;
}

/** Judges at each beat of the heartbeat whether a peer is still there. */
export class SignsOfLife {
  #bytesReadAtPing = NEVER;
  /** What had come whole at the last beat, and for how many beats nothing more has. */
  #progress = 0;
  #beatsWithout = 0;

  /**
   * One beat.
   * @param isHeldUp whether messages of the peer wait: nothing is read from it then, so its silence proves nothing.
   * @returns why it is to be dropped, or undefined.
   */
  beat({ bytesRead, progress }: Living, isHeldUp: boolean): string | undefined {
    if (bytesRead === this.#bytesReadAtPing) return 'no sign of life since the last ping';
    this.#beatsWithout = progress === this.#progress && !isHeldUp ? this.#beatsWithout + 1 : 0;
    this.#progress = progress;
    if (this.#beatsWithout >= FRAME_BEATS) return 'a message does not end';
    this.#bytesReadAtPing = isHeldUp ? NEVER : bytesRead;
    return undefined;
  }
}
