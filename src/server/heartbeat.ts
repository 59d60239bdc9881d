/** Spread of one interval, about: peers of one slot are pinged together. */
const SLOTS = 25;
/** Timers below this would only burn CPU. */
const LEAST_TICK_MS = 5;

/** Anything that beats. */
export interface Beating {
  beat(): void;
}

/**
 * One wheel for all peers: each is beaten once an interval, and different ones at different times, so that 100,000
 * pings do not leave in one go. A peer costs an entry in a set, not a timer.
 */
export class Heartbeat<Member extends Beating> {
  readonly #slots: readonly Set<Member>[];
  readonly #slotOf = new Map<Member, Set<Member>>();
  readonly #timer: NodeJS.Timeout;
  #next = 0;
  #isStopped = false;

  constructor(intervalMs: number) {
    // Timers count whole milliseconds: it is the number of slots that gives way, so that the interval stays true.
    const tickMs = Math.max(LEAST_TICK_MS, Math.floor(intervalMs / SLOTS));
    this.#slots = Array.from({ length: Math.max(1, Math.round(intervalMs / tickMs)) }, () => new Set<Member>());
    this.#timer = setInterval(() => this.#tick(), tickMs).unref();
  }

  /** The first beat comes an interval from now, or up to one slot sooner. */
  add(member: Member): void {
    const slot = this.#slots.at(this.#next - 1) as Set<Member>;
    slot.add(member);
    this.#slotOf.set(member, slot);
  }

  delete(member: Member): void {
    this.#slotOf.get(member)?.delete(member);
    this.#slotOf.delete(member);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#isStopped = true;
  }

  #tick(): void {
    const slot = this.#slots[this.#next] as Set<Member>;
    this.#next = (this.#next + 1) % this.#slots.length;
    // In a turn of the event loop timers come before what has arrived, immediates after it: a broker that was held up
    // must not judge a peer before it has read its pong.
    const due = [...slot];
    setImmediate(() => {
      for (const member of due) if (slot.has(member) && !this.#isStopped) member.beat();
    });
  }
}
