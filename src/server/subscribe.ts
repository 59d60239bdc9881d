import {
  namesTopic,
  ProtocolError,
  type SubscribedTopic,
  type SubscribeMessage,
  type Subscription,
  type TopicPosition,
} from '../protocol/index.js';
import type { Arrivals } from './arrivals.js';
import type { Feed } from './feed/feed.js';
import { encodeMessage } from './frame.js';
import type { History } from './history.js';
import type { Log } from './observe.js';
import { Past, type PastRequest } from './past.js';
import type { Peer } from './peer.js';
import { tell } from './registry/membership.js';
import type { Registry } from './registry/registry.js';
import { ReplayFrames } from './replay-frames.js';
import { send } from './send.js';
import { SharedReplays } from './shared-replays.js';

/** What a subscriber needs of the broker. */
export interface SubscriberParts {
  readonly feed: Feed;
  readonly history: History;
  readonly registry: Registry;
  readonly arrivals: Arrivals;
  readonly log: Log;
  readonly maxOutboxBytes: number;
}

/** Brings sets of subscriptions into force, within what peers may hear. */
export class Subscriber {
  readonly #feed: Feed;
  readonly #history: History;
  readonly #registry: Registry;
  readonly #log: Log;
  readonly #arrivals: Arrivals;
  /** What there is for everybody who asks for the past. */
  readonly #past: Pick<PastRequest, 'maxBytes' | 'frames' | 'replays'>;

  constructor(parts: SubscriberParts) {
    this.#feed = parts.feed;
    this.#history = parts.history;
    this.#registry = parts.registry;
    this.#log = parts.log;
    this.#arrivals = parts.arrivals;
    this.#past = { maxBytes: parts.maxOutboxBytes / 2, frames: new ReplayFrames(), replays: new SharedReplays() };
  }

  /**
   * Replaces the peer's whole set: at once, or, where the peer has seen more of a topic than there is here, when that has
   * come, or after 2 s. What the peer sends meanwhile waits.
   * @param refused told why, where that is found later.
   * @throws ProtocolError `forbidden`, before anything has changed, when no grant names the topic of a subscription.
   */
  subscribe(peer: Peer, message: SubscribeMessage, refused: (error: unknown) => void): void {
    authorise(peer, message.subscriptions);
    const ahead = this.#ahead(message);
    if (ahead.length === 0) {
      this.#replace(peer, message);
      return;
    }
    const replace = (): void => {
      if (!peer.isOpen) return;
      try {
        authorise(peer, message.subscriptions); // the time may have taken grants away
        this.#replace(peer, message);
      } catch (error) {
        refused(error);
      }
    };
    peer.suspend((done) => this.#arrivals.wait(ahead, () => done(replace)));
  }

  /** Puts the peer's set under the grants that have just come into `peer.access`, at once. */
  regrant(peer: Peer): void {
    this.#registry.regrant(peer);
    this.#log.info({ connection: peer.id, ...facts(peer) }, 'subscriptions under new grants');
  }

  /** Positions that this broker has not reached, of epochs that are going on. */
  #ahead({ resume = [] }: SubscribeMessage): readonly TopicPosition[] {
    return resume.filter((position) => {
      const head = this.#feed.head(position);
      return head.epoch === position.epoch && head.offset < position.offset;
    });
  }

  /**
   * With `wsn.v1` the answer, what was missed and then what is live are in the peer's outbox in that order, with no hole
   * and no repeat: all of it is one synchronous step, and nothing in it may ever wait.
   */
  #replace(peer: Peer, message: SubscribeMessage): void {
    const { subscriptions } = message;
    this.#registry.replace(peer, subscriptions);
    this.#log.info({ connection: peer.id, subscriptions: subscriptions.length, ...facts(peer) }, 'subscribed');
    if (peer.dialect === 'base') return;
    const past = new Past(this.#history, { ...this.#past, peer, message });
    const topics = peer.memberships.map((membership): SubscribedTopic => {
      const { topic } = membership.group;
      const head = this.#feed.head(topic);
      tell(membership, head);
      return { ...topic, ...head, ...past.of(membership.group), ...(membership.group.narrowing ? { narrowed: true } : {}) };
    });
    const id = message.id === undefined ? {} : { id: message.id };
    send(peer, encodeMessage({ kind: 'subscribed', ...id, topics }));
    // Joined, for a hundred frames cost a hundred times as much to queue as one.
    for (const frames of this.#past.frames.joined(past.frames)) send(peer, frames);
  }
}

/** @throws ProtocolError for the first subscription whose topic no grant of the peer names. */
function authorise({ access }: Peer, subscriptions: readonly Subscription[]): void {
  for (const [index, subscription] of subscriptions.entries()) {
    if (namesTopic(access.subscribe, subscription)) continue;
    throw new ProtocolError('forbidden', 'no grant of this peer names this topic', { path: `/subscriptions/${index}` });
  }
}

/** For the log: how many topics a peer follows, and of how many its grants may keep something back. */
function facts({ memberships }: Peer): object {
  const narrowed = memberships.filter(({ group }) => group.narrowing).length;
  return { topics: memberships.length, ...(narrowed > 0 ? { narrowed } : {}) };
}
