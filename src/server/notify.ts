import { membersOf, ProtocolError, type Publication, type Receipt } from '../protocol/index.js';
import { publishingForbidden } from './authorise.js';
import type { Feed, Outcome } from './feed/feed.js';
import type { Counters, Log } from './observe.js';

/** Who publishes: for the decision and for the log. */
export interface Publisher {
  /** A connection's id, or `http` and the address of a request. */
  readonly id: string;
  readonly mayPublish: boolean;
}

/** What becomes of a publication. */
export type Verdict = { readonly kind: 'receipt'; readonly receipt: Receipt } | { readonly kind: 'refused'; readonly error: ProtocolError };

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
    if (!publisher.mayPublish) throw publishingForbidden();
    if (keyPath === undefined) return;
    throw new ProtocolError('unsupported', 'this version does not keep keys yet; publish without one', { path: keyPath });
  }

  /**
   * Appends one publication that is authorised.
   * @param message the bytes in which the publication stands; the notification's are copied.
   * @param settled called once: when the notification is in the log and has been fanned out here, or cannot be logged.
   */
  publish(publisher: Publisher, message: PublishedMessage, settled: (verdict: Verdict) => void): void {
    const { notification, start, end } = message.publication;
    const topic = { package: notification.package, page: notification.page };
    // A copy, because the message is a view of what the socket read, which the history must not keep alive.
    const payload = Buffer.from(message.bytes.subarray(start, end));
    this.#feed.append({ topic, filters: membersOf(notification.filters), payload }, (outcome) => {
      this.#record(publisher, topic, outcome);
      settled(verdictOf(outcome));
    });
  }

  #record(publisher: Publisher, topic: PublishedMessage['publication']['notification'], outcome: Outcome): void {
    const fields = { publisher: publisher.id, package: topic.package, page: topic.page };
    if (outcome.kind === 'failed') {
      this.#log.error({ ...fields, because: outcome.error.message }, 'notification not logged');
      return;
    }
    this.#counters.published++;
    this.#counters.delivered += outcome.matched;
    this.#log.info({ ...fields, offset: outcome.position.offset, matched: outcome.matched }, 'notification');
  }
}

/** A publication and the message that brought it. */
export interface PublishedMessage {
  readonly bytes: Uint8Array;
  readonly publication: Publication;
}

function verdictOf(outcome: Outcome): Verdict {
  if (outcome.kind === 'failed') return { kind: 'refused', error: outcome.error };
  return { kind: 'receipt', receipt: { position: outcome.position, matched: outcome.matched, duplicate: false } };
}
