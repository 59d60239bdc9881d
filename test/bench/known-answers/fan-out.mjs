import { corrupted, faultOf, reencoded } from './faults.mjs';
import { settings } from './settings.mjs';

/** Deliveries, with the faults that the settings ask for; the ledger has each of them. */
export class FanOut {
  #subscribers = new Set();
  #ledger;
  #deliveries = 0;
  #offset = 0;
  #queue = [];

  constructor(ledger) {
    this.#ledger = ledger;
  }

  /** Replaces the channels of a subscriber: keys as `channelKey` makes them. */
  subscribe(subscriber, keys) {
    subscriber.keys = new Set(keys);
    this.#subscribers.add(subscriber);
  }

  /** One that went by itself; one that the server closed stays, because what it wanted is then lost. */
  forget(subscriber) {
    if (!subscriber.isClosedByServer) this.#subscribers.delete(subscriber);
  }

  /** Delivers a notification that is no part of the load, as it is, in its turn. */
  relay(notification) {
    this.#number(notification);
    for (const subscriber of this.#wanting(notification.key)) this.#later(() => send(subscriber, frameOf(subscriber, notification)));
  }

  /** Delivers a notification of the load. */
  deliver(notification, entry) {
    this.#number(notification);
    for (const subscriber of this.#wanting(notification.key)) {
      entry.expected++;
      if (subscriber.isClosedByServer) entry.lost++;
      else this.#deliverOne({ subscriber, notification, entry, n: ++this.#deliveries });
    }
  }

  #number(notification) {
    notification.offset = ++this.#offset;
  }

  #wanting(key) {
    return [...this.#subscribers].filter(({ keys }) => keys.has(key));
  }

  #deliverOne(delivery) {
    const { subscriber, notification, entry, n } = delivery;
    if (n === 1 && settings.stall !== undefined) setTimeout(() => this.#standStill(settings.stall.forMs), settings.stall.afterMs);
    const fault = faultOf(n);
    if (fault === 'drop') entry.lost++;
    else if (fault === 'misdeliver') this.#misdeliver(delivery);
    else if (fault === 'swap') this.#holdBack(delivery);
    else {
      const text = fault === 'corrupt' ? corrupted(notification.text, n) : notification.text;
      this.#later(() => this.#write(subscriber, { entry, n, frame: frameOf(subscriber, { ...notification, text }) }));
      if (fault === 'corrupt') entry.corrupt++;
      if (fault === 'duplicate') {
        entry.duplicated++;
        this.#later(() => this.#write(subscriber, { entry, n, frame: frameOf(subscriber, notification), isCopy: true }));
      }
    }
    if (n === settings.closeSubscriberAfter) this.#later(() => this.#close(subscriber));
  }

  /** Gives it to the next subscriber who does not want it, instead of to the one who does. */
  #misdeliver({ notification, entry }) {
    const other = [...this.#subscribers].find(({ keys, isClosedByServer }) => !isClosedByServer && !keys.has(notification.key));
    entry.lost++;
    if (other === undefined) return;
    // The next time it is another one's turn.
    this.#subscribers.delete(other);
    this.#subscribers.add(other);
    entry.misdelivered++;
    this.#later(() => send(other, frameOf(other, notification)));
  }

  /** Lets the subscriber's next delivery of the channel go before it; when none comes for 100 ms, it is only late. */
  #holdBack({ subscriber, notification, entry, n }) {
    const held = { entry, n, frame: frameOf(subscriber, notification) };
    subscriber.held.push(held);
    setTimeout(() => {
      const at = subscriber.held.indexOf(held);
      if (at === -1) return;
      subscriber.held.splice(at, 1);
      this.#write(subscriber, held);
    }, 100);
  }

  #write(subscriber, { entry, n, frame, isCopy = false }) {
    if (subscriber.isClosedByServer) {
      entry.lost++;
      return;
    }
    send(subscriber, frame);
    this.#ledger.written(entry);
    if (isCopy) return;
    entry.delivered++;
    const overtaken = subscriber.held.filter((held) => held.n < n && held.entry.channel === entry.channel);
    subscriber.held = subscriber.held.filter((held) => !overtaken.includes(held));
    for (const held of overtaken) {
      send(subscriber, held.frame);
      this.#ledger.written(held.entry);
      held.entry.delivered++;
      held.entry.reordered++;
    }
  }

  #close(subscriber) {
    subscriber.isClosedByServer = true;
    this.#ledger.subscriberClosed = [...subscriber.keys];
    subscriber.socket.close(1011, 'told to');
  }

  /** Not before the delay has gone by, to the microsecond: a timer may be up to a millisecond early. */
  #later(act) {
    if (settings.delayMs === 0) {
      act();
      return;
    }
    this.#queue.push({ act, dueMs: performance.now() + settings.delayMs });
    if (this.#queue.length === 1) setTimeout(() => this.#actOnDue(), settings.delayMs);
  }

  #actOnDue() {
    while (this.#queue.length > 0 && this.#queue[0].dueMs <= performance.now()) this.#queue.shift().act();
    if (this.#queue.length === 0) return;
    const waitMs = this.#queue[0].dueMs - performance.now();
    if (waitMs < 2) setImmediate(() => this.#actOnDue());
    else setTimeout(() => this.#actOnDue(), waitMs - 1);
  }

  #standStill(forMs) {
    const beganMs = performance.now();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs);
    this.#ledger.stall = { beganMs, lastedMs: performance.now() - beganMs };
  }
}

function frameOf({ isV1 }, { text, offset }) {
  const value = settings.reencodes ? reencoded(text) : text;
  const position = isV1 ? `,"position":{"epoch":"known","offset":${offset}}` : '';
  return `{"sender":"server","notification":${value}${position}}`;
}

function send({ socket }, frame) {
  if (socket.readyState === socket.OPEN) socket.send(frame);
}
