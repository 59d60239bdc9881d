import { type SubscribedTopic, type SubscribeMessage, type Subscription, topicKey } from '../protocol/index.js';
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

/** Brings sets of subscriptions into force. */
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
   */
  subscribe(peer: Peer, message: SubscribeMessage): void {
    const { subscriptions } = message;
    this.#registry.replace(peer, subscriptions);
    this.#log.info({ connection: peer.id, subscriptions: subscriptions.length, topics: peer.memberships.length }, 'subscribed');
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
      if (!from) topics.push({ ...topic, ...head });
      else {
        const answer = replay(this.#history, { subscriptions: sets.get(key) as Subscription[], from, maxBytes: room });
        topics.push({ ...topic, ...head, recovered: answer.recovered, replayed: answer.frames.length });
        room -= answer.bytes;
        frames.push(...answer.frames);
      }
    }
    const id = message.id === undefined ? {} : { id: message.id };
    send(peer, encodeMessage({ kind: 'subscribed', ...id, topics }));
    for (const frame of frames) send(peer, frame);
  }
}
