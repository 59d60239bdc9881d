import type { JsonObject, Topic } from '../../../src/protocol/index.js';
import { Arrivals } from '../../../src/server/arrivals.js';
import { Fanout } from '../../../src/server/fanout.js';
import { DiskFeed } from '../../../src/server/feed/disk.js';
import type { Downstream, Feed, Outcome } from '../../../src/server/feed/feed.js';
import { MemoryFeed } from '../../../src/server/feed/memory.js';
import { Flusher } from '../../../src/server/flusher.js';
import { History } from '../../../src/server/history.js';
import { Keys, keyUse } from '../../../src/server/keys.js';
import { SILENT } from '../../../src/server/observe.js';
import { Registry } from '../../../src/server/registry/registry.js';
import { Subscriber } from '../../../src/server/subscribe.js';
import type { Entry } from './kept-log.js';
import type { ModelLimits } from './model.js';
import type { Told } from './model-keys.js';
import { topicOf } from './topics.js';

/** What the log may take on its disk before it is trimmed: a few segments. */
const DATA_BYTES = 3000;

/** One life of a broker: the real parts behind a publication that is authorised, wired as the broker does. */
export class Life {
  readonly history: History;
  readonly registry: Registry;
  readonly flusher = new Flusher({ maxOutboxBytes: 1_000_000_000, slowReaderTimeoutMs: 10_000 });
  readonly feed: Feed;
  readonly subscriber: Subscriber;
  readonly #arrivals = new Arrivals();
  readonly #keys = new Keys();
  /** What publishers have been told since somebody looked. */
  #told: Told[] = [];

  /** @param isDoomed whether the fan-out of a notification has to fail. */
  constructor(limits: ModelLimits, hasDisk: boolean, isDoomed: (data: number) => boolean) {
    this.history = new History(limits);
    this.registry = new Registry((topic) => this.history.release(topic, this.#isWatched));
    const fanout = new Fanout(this.registry, this.flusher);
    const downstream: Downstream = {
      deliver: (entry) => {
        if (isDoomed((JSON.parse(entry.payload.toString()) as { data: number }).data)) throw new Error('a fan-out that was made to fail');
        const matched = fanout.deliver(entry);
        this.#arrivals.reached(entry.topic, entry.position.offset);
        return matched;
      },
      reset: (topic, position) => fanout.reset(topic, position),
    };
    const { history, registry } = this;
    const disk = { data: 'a folder', durability: 'fsync', dataBytes: DATA_BYTES, log: SILENT, ...limits } as const;
    this.feed = hasDisk ? new DiskFeed(disk, { history, keys: this.#keys, downstream }) : new MemoryFeed(history, downstream);
    const maxOutboxBytes = limits.maxReplayBytes * 2;
    this.subscriber = new Subscriber({ feed: this.feed, history, registry, arrivals: this.#arrivals, log: SILENT, maxOutboxBytes });
  }

  publish(page: number, notification: Entry['notification'], key: number | undefined): void {
    const { filters } = notification as unknown as { filters: JsonObject };
    const topic = topicOf(page);
    const payload = Buffer.from(JSON.stringify(notification));
    const settled = (outcome: Outcome): void => void this.#told.push(toldBy(outcome));
    if (key === undefined) {
      this.feed.append({ topic, filters, payload }, settled);
      return;
    }
    const use = keyUse({ identity: '', topic, key: String(key) }, payload, '/key');
    this.#keys.check(use);
    this.#keys.once(use, (first) => this.feed.append({ topic, filters, payload, key: use.id }, first), settled);
  }

  takeTold(): readonly Told[] {
    return this.#told.splice(0);
  }

  sweep(): void {
    this.history.sweep(this.#isWatched);
    this.feed.sweep();
  }

  readonly #isWatched = (topic: Topic): boolean => this.registry.isWatched(topic);
}

function toldBy(outcome: Outcome): Told {
  if (outcome.kind === 'failed') return outcome.error.code as Told;
  return outcome;
}
