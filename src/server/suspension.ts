/** How long a suspension holds its peer, as its connection sees it. */
interface SuspensionEvents {
  /** Nothing more is to be read from the peer for now. */
  began(): void;
  /** All that waited has taken effect. */
  over(): void;
  /** What was to be done has thrown, which is a bug. */
  failed(error: unknown): void;
}

/** Takes its time, then has `act` called; at most once, and at once when it says so. */
export type Work = (done: (act: () => void) => void) => void;

/**
 * What a peer has sent while something is waited for that it sent before (a token that is verified, publications that are
 * on their way, an offset that this broker has not reached): it takes effect behind that, in its order. What
 * waits is little, for nothing is read meanwhile but what has come already.
 */
export class Suspension {
  readonly #events: SuspensionEvents;
  /** Until the last of it has taken effect, so that what comes up meanwhile goes behind it. */
  #waiting: (() => void)[] | undefined;

  constructor(events: SuspensionEvents) {
    this.#events = events;
  }

  /** Whether something is waited for now. */
  get isOn(): boolean {
    return this.#waiting !== undefined;
  }

  /** Whether anything waits behind it. */
  get hasWaiting(): boolean {
    return this.#waiting !== undefined && this.#waiting.length > 0;
  }

  /** Waits for `work`, acts as it says, and then on what waited. Only whose turn it is may begin another one. */
  begin(work: Work): void {
    const waiting: (() => void)[] = [];
    this.#waiting = waiting;
    this.#events.began();
    work((act) => {
      try {
        this.#end(act, waiting);
      } catch (error) {
        if (this.#waiting === waiting) this.#waiting = undefined;
        this.#events.failed(error);
      }
    });
  }

  /** Acts now, or behind what is waited for. */
  inTurn(act: () => void): void {
    if (!this.#waiting) {
      act();
      return;
    }
    this.#waiting.push(act);
    // Each time: the gate reads on by itself when nothing waits there any more.
    this.#events.began();
  }

  /** What waits shall have no effect any more. */
  forget(): void {
    this.#waiting?.splice(0);
  }

  #end(act: () => void, waiting: (() => void)[]): void {
    act();
    // One of them may have to be waited for again: then the others wait for it, too.
    while (this.#waiting === waiting && waiting.length > 0) waiting.shift()?.();
    if (this.#waiting === waiting) {
      this.#waiting = undefined;
      this.#events.over();
    } else this.#waiting?.unshift(...waiting);
  }
}
