/** What the server did to each notification of a load, by the server's own hand and clock. */
export class Ledger {
  #entries = new Map();
  /** Notifications that are no part of the load: canaries, and what is published to see whether publishing works. */
  others = 0;
  /** When the server stood still, and for how long, in ms. */
  stall = null;
  subscriberClosed = null;

  /** The entry of the load's notification, whose counts the deliveries then change. */
  open(index, channel) {
    const entry = {
      index,
      channel,
      refused: false,
      expected: 0,
      delivered: 0,
      lost: 0,
      duplicated: 0,
      misdelivered: 0,
      reordered: 0,
      corrupt: 0,
      receivedAtMs: performance.now(),
      minDelayMs: null,
      maxDelayMs: null,
    };
    this.#entries.set(index, entry);
    return entry;
  }

  /** Notes that a copy of the notification was handed to a socket just now. */
  written(entry) {
    const delay = performance.now() - entry.receivedAtMs;
    entry.minDelayMs = Math.min(entry.minDelayMs ?? delay, delay);
    entry.maxDelayMs = Math.max(entry.maxDelayMs ?? delay, delay);
  }

  toJSON() {
    const { others, stall, subscriberClosed } = this;
    return { others, stall, subscriberClosed, notifications: [...this.#entries.values()] };
  }
}
