/** Pause between two looks whether readers have caught up. */
const PATIENCE_MS = 2;
/** How long one turn of the event loop serves the line: those who send something else have their turns, too. */
const SLICE_MS = 5;

/** What a gate goes by. */
export interface Pressure {
  /** Whether the broker has taken more than it keeps up with. */
  readonly isBehind: boolean;
  /** Whether nothing but time helps: readers, or a disk, have to take what they have been given. */
  readonly isWaitingForOthers: boolean;
}

/** Whoever sends messages: one connection, or a socket on which requests come. */
export interface Sender {
  /** Stops reading from it; what has been read already still comes. */
  pause(): unknown;
  resume(): unknown;
}

/**
 * Lets messages in while the broker keeps up with what it has taken. Behind it, one turn of the event loop could take
 * in all that a hundred publishers have ready, and hand it to readers that had no chance to take any of it; so when
 * too much waits for a flush, or for a reader that is catching up, those who bring more wait in line, message by message
 * and in turns, and nothing is read from them meanwhile. So the broker's own backlog slows publishers down, and what it
 * keeps for them is one read of each.
 *
 * Each sender's messages keep their order, also when the gate is open again.
 */
export class Gate {
  readonly #pressure: Pressure;
  /** What waits, by who has sent it; the first is next. */
  readonly #line = new Map<Sender, (() => void)[]>();
  #isServing = false;

  constructor(pressure: Pressure) {
    this.#pressure = pressure;
  }

  /** Whether a message may be acted on at once. Otherwise it has to `wait`. */
  get isOpen(): boolean {
    return this.#line.size === 0 && !this.#pressure.isBehind;
  }

  /** Whether something of `sender` waits: whatever it sends next has to wait behind it. */
  holds(sender: Sender): boolean {
    return this.#line.has(sender);
  }

  /** Has `act` called as soon as the broker has caught up, behind what waits already; nothing more is read from `sender`. */
  wait(sender: Sender, act: () => void): void {
    const waiting = this.#line.get(sender);
    if (waiting) waiting.push(act);
    else this.#line.set(sender, [act]);
    // Each time: Node's HTTP reads on by itself where a request has a body.
    sender.pause();
    if (this.#isServing) return;
    this.#isServing = true;
    setImmediate(() => this.#serve());
  }

  /** Acts at once on what waits of one sender: what it sent next ends its connection. */
  settle(sender: Sender): void {
    const waiting = this.#line.get(sender);
    if (!waiting) return;
    while (waiting.length > 0) waiting.shift()?.();
    this.#leave(sender);
  }

  /** One round: each turn of the event loop has its poll, so that sockets can tell that they have room again. */
  #serve(): void {
    const end = performance.now() + SLICE_MS;
    while (this.#line.size > 0 && !this.#pressure.isBehind && performance.now() < end) this.#serveNext();
    this.#isServing = this.#line.size > 0;
    if (!this.#isServing) return;
    // A turn that only waits for readers, or for a disk, must not be followed by another at once: they may need this very core.
    if (this.#pressure.isWaitingForOthers) setTimeout(() => this.#serve(), PATIENCE_MS);
    else setImmediate(() => this.#serve());
  }

  #serveNext(): void {
    const [[sender, waiting]] = this.#line as Iterable<[Sender, (() => void)[]]> as [[Sender, (() => void)[]]];
    waiting.shift()?.();
    if (waiting.length === 0) this.#leave(sender);
    else {
      // Behind the others: none of them has to wait until one of them is done.
      this.#line.delete(sender);
      this.#line.set(sender, waiting);
    }
  }

  /** Reads from a sender again of which nothing waits; what it was served may have settled it already. */
  #leave(sender: Sender): void {
    if (this.#line.delete(sender)) sender.resume();
  }
}
