import type { Topic } from '../protocol/index.js';
import { Arrivals } from './arrivals.js';
import { Fanout } from './fanout.js';
import type { Feed } from './feed/feed.js';
import { newFeed } from './feed/new-feed.js';
import { Flusher } from './flusher.js';
import { Gate, type Pressure } from './gate.js';
import { History } from './history.js';
import { Keys } from './keys.js';
import type { BrokerOptions } from './options.js';
import { Registry } from './registry/registry.js';
import { Subscriber } from './subscribe.js';

/** How often what is too old is looked for. */
const SWEEP_MS = 5000;

/** From the feed to the outboxes: what is behind a publication that is authorised, and before the sockets. */
export class DeliveryPath {
  readonly registry: Registry;
  readonly history: History;
  readonly keys = new Keys();
  readonly flusher: Flusher;
  readonly feed: Feed;
  /** For whatever peers send. */
  readonly gate: Gate;
  /** For what they publish: a disk that is slow keeps nobody from subscribing. */
  readonly publishGate: Gate;
  readonly subscriber: Subscriber;
  readonly #sweep: NodeJS.Timeout;

  constructor(options: BrokerOptions) {
    const { log, maxOutboxBytes } = options;
    const isWatched = (topic: Topic): boolean => this.registry.isWatched(topic);
    const history = new History(options);
    this.history = history;
    this.registry = new Registry((topic) => history.release(topic, isWatched));
    this.flusher = new Flusher(options);
    const arrivals = new Arrivals();
    this.feed = this.#newFeed(options, arrivals);
    this.gate = new Gate(this.flusher);
    this.publishGate = new Gate(pressureOn(this.flusher, this.feed));
    this.subscriber = new Subscriber({ feed: this.feed, history, registry: this.registry, arrivals, log, maxOutboxBytes });
    this.#sweep = setInterval(() => {
      history.sweep(isWatched);
      this.feed.sweep();
    }, SWEEP_MS).unref();
  }

  /** Gives up the timers; nothing is flushed after it. */
  stop(): void {
    this.flusher.stop();
    clearInterval(this.#sweep);
  }

  /** From here on a notification is on its way to those who hear it. */
  #newFeed(options: BrokerOptions, arrivals: Arrivals): Feed {
    const { history, keys } = this;
    const fanout = new Fanout(this.registry, this.flusher);
    return newFeed(options, {
      history,
      keys,
      downstream: {
        deliver(entry) {
          const matched = fanout.deliver(entry);
          arrivals.reached(entry.topic, entry.position.offset);
          return matched;
        },
        reset(topic, position, because) {
          options.log.error({ err: because, ...topic }, 'a fan-out failed: the topic starts a new epoch');
          fanout.reset(topic, position);
        },
      },
    });
  }
}

/** A feed that is behind slows publishers as readers do. */
function pressureOn(flusher: Flusher, feed: Feed): Pressure {
  return {
    get isBehind() {
      return flusher.isBehind || feed.isBehind;
    },
    get isWaitingForOthers() {
      return flusher.isWaitingForOthers || feed.isBehind;
    },
  };
}
