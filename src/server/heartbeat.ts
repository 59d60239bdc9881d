/** Spread of one interval, about: peers of one slot are pinged together. */
const SLOTS = 25;
/** Timers below this would only burn CPU. */
const LEAST_TICK_MS = 5;
/** How long members beat before reads, writes and timers get their turn. */
const SLICE_MS = 5;
/** Beats between two looks at the clock. */
const CLOCK_STRIDE = 32;
/** The slot of a member that the heartbeat does not hold. */
export const NO_SLOT = -1;

/** Anything that beats. Its seat in the wheel is kept in itself: a peer costs eight bytes there, and leaving searches nothing. */
export interface Beating {
  beat(): void;
  /** The heartbeat's own; `NO_SLOT` at first. */
  slot: number;
  place: number;
}

/**
 * One wheel for all peers: each is beaten once an interval, and different ones at different times. Those that joined
 * together are due together, and still beat in slices, so that 100,000 pings do not leave in one go. A peer costs no
 * timer.
 *
 * Joining and leaving take constant time, whoever leaves, and however many at once.
 */
export class Heartbeat<Member extends Beating> {
  readonly #slots: readonly Member[][];
  readonly #timer: NodeJS.Timeout;
  #next = 0;
  #size = 0;
  /** Who is to beat now, from `#beaten` on. */
  #due: Member[] = [];
  #beaten = 0;
  #immediate: NodeJS.Immediate | undefined;
  #isStopped = false;

  constructor(intervalMs: number) {
    // Timers count whole milliseconds: it is the number of slots that gives way, so that the interval stays true.
    const tickMs = Math.max(LEAST_TICK_MS, Math.floor(intervalMs / SLOTS));
    this.#slots = Array.from({ length: Math.max(1, Math.round(intervalMs / tickMs)) }, () => []);
    this.#timer = setInterval(() => this.#tick(), tickMs).unref();
  }

  /** How many it holds. */
  get size(): number {
    return this.#size;
  }

  /** All that it holds now, in a list of its own: they may leave while it is gone through. */
  members(): Member[] {
    return this.#slots.flat();
  }

  /** The first beat comes an interval from now, or up to one slot sooner. */
  add(member: Member): void {
    const slot = (this.#next === 0 ? this.#slots.length : this.#next) - 1;
    const members = this.#slots[slot] as Member[];
    member.slot = slot;
    member.place = members.length;
    members.push(member);
    this.#size++;
  }

  /** Takes a member out: the last one of its slot moves into its place. */
  delete(member: Member): void {
    if (member.slot === NO_SLOT) return;
    const members = this.#slots[member.slot] as Member[];
    const last = members.pop() as Member;
    if (last !== member) {
      members[member.place] = last;
      last.place = member.place;
    }
    member.slot = NO_SLOT;
    this.#size--;
  }

  stop(): void {
    clearInterval(this.#timer);
    clearImmediate(this.#immediate);
    this.#isStopped = true;
  }

  #tick(): void {
    // Behind with the slot before: the whole wheel waits, for nobody's time for a pong may get shorter.
    if (this.#due.length > 0) return;
    const slot = this.#slots[this.#next] as Member[];
    this.#next = (this.#next + 1) % this.#slots.length;
    if (slot.length === 0) return;
    // A copy, for a beat may take its member out, or others.
    this.#due = slot.slice();
    this.#goOn();
  }

  /**
   * In a turn of the event loop timers come before what has arrived, immediates after it: a broker that was held up
   * must not judge a peer before it has read its pong.
   */
  #goOn(): void {
    this.#immediate = setImmediate(() => this.#beatSome());
  }

  #beatSome(): void {
    const end = performance.now() + SLICE_MS;
    for (let count = 1; this.#beaten < this.#due.length; count++) {
      const member = this.#due[this.#beaten++] as Member;
      if (member.slot !== NO_SLOT && !this.#isStopped) member.beat();
      if (count % CLOCK_STRIDE === 0 && performance.now() > end) {
        this.#goOn();
        return;
      }
    }
    this.#due = [];
    this.#beaten = 0;
  }
}
