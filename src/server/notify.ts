import { type Access, membersOf, ProtocolError, type Publication, permits, type Receipt, type Topic } from '../protocol/index.js';
import { obstacleOf, publishingForbidden } from './authorise.js';
import type { Appended, Feed, Outcome } from './feed/feed.js';
import { type Identity, identityField } from './identity/identity.js';
import { type Keys, type KeyUse, keyUse } from './keys.js';
import type { Limiter } from './limits/limiter.js';
import { RateExceeded } from './limits/rate-exceeded.js';
import type { Counters, Log } from './observe.js';
import type { Schemas } from './schemas/schemas.js';

/** Payloads below this share slabs of 8 KiB: what a slab keeps beside them is within what the history counts. */
const POOLED_BYTES = 512;

/** Who publishes: for the decision and for the log. */
export interface Publisher {
  /** A connection's id, or `http` and the address of a request. */
  readonly id: string;
  readonly address: string;
  readonly identity: Identity | undefined;
  readonly access: Access;
  /** Whether anybody may publish on the port by which it came. */
  readonly isForPublishers: boolean;
}

/** What somebody wants to publish at once. */
export interface Request {
  /** Its key, with the JSON pointer of that, which is empty for a header; only where it is one publication. */
  readonly key: { readonly value: string; readonly path: string } | undefined;
  /** The message in which they stand. */
  readonly bytes: Uint8Array;
  readonly publications: readonly Publication[];
  /** JSON pointers of the notifications, in their order. */
  readonly paths: readonly string[];
}

/** What a notifier needs of the broker. */
export interface NotifyParts {
  readonly keys: Keys;
  readonly limiter: Limiter;
  /** Whether anybody is authenticated now. */
  readonly isAuthenticating: () => boolean;
  readonly schemas: () => Schemas;
  readonly log: Log;
  readonly counters: Counters;
}

/** Takes publications, from sockets and from HTTP, into the feed. */
export class Notifier {
  readonly #feed: Feed;
  readonly #keys: Keys;
  readonly #parts: NotifyParts;
  readonly #log: Log;
  readonly #counters: Counters;

  constructor(feed: Feed, parts: NotifyParts) {
    this.#feed = feed;
    this.#keys = parts.keys;
    this.#parts = parts;
    this.#log = parts.log;
    this.#counters = parts.counters;
  }

  /**
   * Decides before anything is appended: whether the publisher may say all of it, whether it may have a key, whether the
   * data fit, and whether it says too much.
   * @returns the use of the key, for `publish`.
   * @throws ProtocolError `forbidden`, `key-reused`, `unavailable`, `invalid-notification`; RateExceeded.
   */
  authorise(publisher: Publisher, request: Request): KeyUse | undefined {
    const { access, identity, address } = publisher;
    if (!mayPublish(publisher)) throw publishingForbidden(obstacleOf(publisher, this.#parts.isAuthenticating()));
    const { publications, paths } = request;
    for (let index = 0; index < publications.length; index++) {
      const { notification } = publications[index] as Publication;
      if (permits(access.publish, notification)) continue;
      const { package: name, page } = notification;
      this.#log.warn({ publisher: publisher.id, ...identityField(identity), package: name, page }, 'notification not granted');
      throw publishingForbidden('grants', paths[index]);
    }
    const use = useOf(publisher, request);
    if (use) this.#keys.check(use);
    this.#checkData(publisher, request);
    const { limiter } = this.#parts;
    const waitMs = limiter.publications(identity?.id ?? '', address, publications.length);
    if (waitMs > 0) throw new RateExceeded(limiter.tooManyPublications(address, waitMs), waitMs);
    this.#counters.taken += publications.length;
    return use;
  }

  /**
   * Appends one publication that is authorised.
   * @param message the bytes in which the publication stands; the notification's are copied.
   * @param settled called once: when the notification is in the log and has been fanned out here, or cannot be logged.
   */
  publish(publisher: Publisher, message: PublishedMessage, settled: (outcome: Outcome) => void): void {
    const { use } = message;
    if (!use) this.#append(publisher, message, settled);
    else if (this.#isReused(use, settled)) return;
    else {
      const { publication } = message;
      this.#keys.once(
        use,
        (first) => this.#append(publisher, message, first),
        (outcome) => {
          if (outcome.kind === 'appended' && outcome.isDuplicate) this.#recordRepeat(publisher, publication.notification, outcome);
          settled(outcome);
        },
      );
    }
  }

  /** It may have had to wait since it was authorised, and another one may have come before it. */
  #isReused(use: KeyUse, settled: (outcome: Outcome) => void): boolean {
    try {
      this.#keys.check(use);
      return false;
    } catch (error) {
      settled({ kind: 'failed', error: error as ProtocolError });
      return true;
    }
  }

  #append(publisher: Publisher, message: PublishedMessage, settled: (outcome: Outcome) => void): void {
    const { notification, start, end } = message.publication;
    const topic: Topic = { package: notification.package, page: notification.page };
    // A copy, because the message is a view of what the socket read, which the history must not keep alive.
    // Of its own where it is not small: a piece of Node's shared slabs would keep what lies beside it alive.
    const payload = end - start < POOLED_BYTES ? Buffer.allocUnsafe(end - start) : Buffer.allocUnsafeSlow(end - start);
    message.bytes.copy(payload, 0, start, end);
    this.#feed.append({ topic, filters: membersOf(notification.filters), payload, key: message.use?.id }, (outcome) => {
      this.#record(publisher, topic, outcome);
      settled(outcome);
    });
  }

  /** @throws ProtocolError for the first notification whose data do not fit the schema of its topic. */
  #checkData({ id: publisher, identity }: Publisher, { bytes, publications, paths }: Request): void {
    const schemas = this.#parts.schemas();
    if (schemas.topics === 0) return;
    for (const [index, publication] of publications.entries()) {
      const violation = schemas.check(publication, bytes, paths[index] as string);
      if (!violation) continue;
      this.#counters.misfits++;
      const { package: name, page } = publication.notification;
      const { rule, isObserved } = violation;
      this.#log.warn(
        { publisher, ...identityField(identity), package: name, page, rule },
        isObserved ? 'data does not fit, and is sent' : 'data does not fit',
      );
      if (!isObserved) throw new ProtocolError('invalid-notification', violation.message, { path: violation.path });
    }
  }

  #recordRepeat({ id: publisher, identity }: Publisher, { package: name, page }: Topic, { position: { offset } }: Appended): void {
    this.#counters.repeated++;
    this.#log.info({ publisher, ...identityField(identity), package: name, page, offset }, 'notification published before');
  }

  #record({ id: publisher, identity }: Publisher, { package: name, page }: Topic, outcome: Outcome): void {
    if (outcome.kind === 'failed') {
      // A log that cannot be written is told of once, where that is found out.
      const level = outcome.error.code === 'unavailable' ? 'debug' : 'error';
      this.#log[level]({ publisher, package: name, page, because: outcome.error.message }, 'notification not logged');
      return;
    }
    const { position, matched } = outcome;
    this.#counters.published++;
    this.#counters.delivered += matched;
    const { offset } = position;
    // Each written out: for every publication a spread would cost more than all other decisions about it.
    if (identity === undefined || identity.kind === 'anonymous') {
      this.#log.info({ publisher, package: name, page, offset, matched }, 'notification');
    } else this.#log.info({ publisher, identity: identity.id, package: name, page, offset, matched }, 'notification');
  }
}

/** Whether somebody may publish anything at all, here. */
export function mayPublish({ access, isForPublishers }: Pick<Publisher, 'access' | 'isForPublishers'>): boolean {
  return isForPublishers && access.publish.length > 0;
}

/** A publication and the message that brought it. */
export interface PublishedMessage {
  readonly bytes: Buffer;
  readonly publication: Publication;
  /** As `authorise` returned it. */
  readonly use: KeyUse | undefined;
}

/** The use of a request's key, if it has one. */
function useOf({ identity }: Publisher, { key, publications, bytes }: Request): KeyUse | undefined {
  const [publication] = publications;
  if (key === undefined || publication === undefined) return undefined;
  const { notification, start, end } = publication;
  const known = identity === undefined || identity.kind === 'anonymous' ? '' : identity.id;
  return keyUse({ identity: known, topic: notification, key: key.value }, bytes.subarray(start, end), key.path);
}

/** What the publisher is told of a notification that is in the log. */
export function receiptFor({ position, matched, isDuplicate }: Appended): Receipt {
  return { position, matched, duplicate: isDuplicate === true };
}
