import { type Access, membersOf, ProtocolError, type Publication, type Receipt, type Topic } from '../protocol/index.js';
import { publishingForbidden } from './authorise.js';
import type { Appended, Feed, Outcome } from './feed/feed.js';
import type { Counters, Log } from './observe.js';

/** Payloads below this share slabs of 8 KiB: what a slab keeps beside them is within what the history counts. */
const POOLED_BYTES = 512;

/** Who publishes: for the decision and for the log. */
export interface Publisher {
  /** A connection's id, or `http` and the address of a request. */
  readonly id: string;
  readonly access: Access;
}

/** Takes publications, from sockets and from HTTP, into the feed. */
export class Notifier {
  readonly #feed: Feed;
  readonly #log: Log;
  readonly #counters: Counters;

  constructor(feed: Feed, { log, counters }: { log: Log; counters: Counters }) {
    this.#feed = feed;
    this.#log = log;
    this.#counters = counters;
  }

  /**
   * Decides before anything is appended.
   * @param keyPath JSON pointer of the publication's key, empty for a header; undefined when it has none.
   * @throws ProtocolError `forbidden`, or `unsupported` for a key.
   */
  authorise(publisher: Publisher, keyPath: string | undefined): void {
    if (publisher.access.publish !== 'all') throw publishingForbidden();
    if (keyPath === undefined) return;
    throw new ProtocolError('unsupported', 'this version does not keep keys yet; publish without one', { path: keyPath });
  }

  /**
   * Appends one publication that is authorised.
   * @param message the bytes in which the publication stands; the notification's are copied.
   * @param settled called once: when the notification is in the log and has been fanned out here, or cannot be logged.
   */
  publish(publisher: Publisher, message: PublishedMessage, settled: (outcome: Outcome) => void): void {
    const { notification, start, end } = message.publication;
    const topic: Topic = { package: notification.package, page: notification.page };
    // A copy, because the message is a view of what the socket read, which the history must not keep alive.
    // Of its own where it is not small: a piece of Node's shared slabs would keep what lies beside it alive.
    const payload = end - start < POOLED_BYTES ? Buffer.allocUnsafe(end - start) : Buffer.allocUnsafeSlow(end - start);
    message.bytes.copy(payload, 0, start, end);
    this.#feed.append({ topic, filters: membersOf(notification.filters), payload }, (outcome) => {
      this.#record(publisher, topic, outcome);
      settled(outcome);
    });
  }

  #record({ id: publisher }: Publisher, { package: name, page }: Topic, outcome: Outcome): void {
    if (outcome.kind === 'failed') {
      this.#log.error({ publisher, package: name, page, because: outcome.error.message }, 'notification not logged');
      return;
    }
    const { position, matched } = outcome;
    this.#counters.published++;
    this.#counters.delivered += matched;
    this.#log.info({ publisher, package: name, page, offset: position.offset, matched }, 'notification');
  }
}

/** A publication and the message that brought it. */
export interface PublishedMessage {
  readonly bytes: Buffer;
  readonly publication: Publication;
}

/** What the publisher is told of a notification that is in the log. */
export function receiptFor({ position, matched }: Appended): Receipt {
  return { position, matched, duplicate: false };
}
