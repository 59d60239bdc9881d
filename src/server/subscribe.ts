import { namesTopic, ProtocolError, type SubscribedTopic, type SubscribeMessage, type Subscription, topicKey } from '../protocol/index.js';
import type { Feed } from './feed/feed.js';
import { encodeMessage, type Frame } from './frame.js';
import type { History } from './history.js';
import type { Log } from './observe.js';
import type { Peer } from './peer.js';
import { tell } from './registry/membership.js';
import type { Registry } from './registry/registry.js';
import { topicSets } from './registry/topic-sets.js';
import { replay } from './replay.js';
import { send } from './send.js';

/** Brings sets of subscriptions into force, within what peers may hear. */
export class Subscriber {
  readonly #feed: Feed;
  readonly #history: History;
  readonly #registry: Registry;
  readonly #log: Log;
  readonly #maxReplayBytes: number;

  constructor(parts: { feed: Feed; history: History; registry: Registry; log: Log; maxOutboxBytes: number }) {
    this.#feed = parts.feed;
    this.#history = parts.history;
    this.#registry = parts.registry;
    this.#log = parts.log;
    this.#maxReplayBytes = parts.maxOutboxBytes / 2;
  }

  /**
   * Replaces the peer's whole set. With `wsn.v1` the answer, the replay and then what is live are in its outbox in
   * that order, with no hole and no repeat: all of it is one synchronous step, and nothing in it may ever wait.
   * @throws ProtocolError `forbidden`, before anything has changed, when no grant names the topic of a subscription.
   */
  subscribe(peer: Peer, message: SubscribeMessage): void {
    const { subscriptions } = message;
    authorise(peer, subscriptions);
    this.#registry.replace(peer, subscriptions);
    this.#log.info({ connection: peer.id, subscriptions: subscriptions.length, ...facts(peer) }, 'subscribed');
    if (peer.dialect === 'base') return;
    const resumed = new Map(message.resume?.map((position) => [topicKey(position), position]));
    const sets = topicSets(resumed.size > 0 ? subscriptions : []);
    const topics: SubscribedTopic[] = [];
    const frames: Frame[] = [];
    let room = this.#maxReplayBytes;
    for (const membership of peer.memberships) {
      const { topic } = membership.group;
      const head = this.#feed.head(topic);
      tell(membership, head);
      const key = topicKey(topic);
      const from = resumed.get(key);
      const narrowed = membership.group.narrowing ? ({ narrowed: true } as const) : {};
      if (!from) topics.push({ ...topic, ...head, ...narrowed });
      else {
        const subscribed = sets.get(key) as Subscription[];
        const answer = replay(this.#history, { subscriptions: subscribed, grants: peer.access.subscribe, from, maxBytes: room });
        topics.push({ ...topic, ...head, recovered: answer.recovered, replayed: answer.frames.length, ...narrowed });
        room -= answer.bytes;
        frames.push(...answer.frames);
      }
    }
    const id = message.id === undefined ? {} : { id: message.id };
    send(peer, encodeMessage({ kind: 'subscribed', ...id, topics }));
    for (const frame of frames) send(peer, frame);
  }

  /** Puts the peer's set under the grants that have just come into `peer.access`, at once. */
  regrant(peer: Peer): void {
    this.#registry.regrant(peer);
    this.#log.info({ connection: peer.id, ...facts(peer) }, 'subscriptions under new grants');
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
