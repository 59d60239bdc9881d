import {
  type SubscribedTopic,
  type SubscribeMessage,
  type Subscription,
  type Topic,
  type TopicPosition,
  topicKey,
} from '../protocol/index.js';
import type { Frame } from './frame.js';
import type { History } from './history.js';
import type { Peer } from './peer.js';
import { topicSets } from './registry/topic-sets.js';
import { replay } from './replay.js';
import type { ReplayFrames } from './replay-frames.js';
import { isRewound, rewind } from './rewind.js';

/** What a set of subscriptions says about the time before it. */
interface PastRequest {
  readonly peer: Peer;
  readonly message: SubscribeMessage;
  /** What all topics may bring together. */
  readonly maxBytes: number;
  readonly frames: ReplayFrames;
}

type TopicPast = Pick<SubscribedTopic, 'recovered' | 'replayed' | 'rewound' | 'complete'>;

/** What a peer gets of the time before its set: what it has missed, or the last that it asks for, topic by topic. */
export class Past {
  /** Of the topics that were asked for until now. */
  readonly frames: Frame[] = [];
  readonly #history: History;
  readonly #request: PastRequest;
  readonly #resumed: ReadonlyMap<string, TopicPosition>;
  readonly #sets: ReadonlyMap<string, readonly Subscription[]>;
  #room: number;

  constructor(history: History, request: PastRequest) {
    const { subscriptions, resume = [] } = request.message;
    this.#history = history;
    this.#request = request;
    this.#resumed = new Map(resume.map((position) => [topicKey(position), position]));
    // Most sets ask for nothing.
    this.#sets = topicSets(resume.length > 0 || isRewound(subscriptions) ? subscriptions : []);
    this.#room = request.maxBytes;
  }

  /** What a topic of the set gets; its frames are put behind those of the topics before. */
  of(topic: Topic): TopicPast {
    const key = topicKey(topic);
    const subscriptions = this.#sets.get(key);
    if (!subscriptions) return {};
    const { peer, frames } = this.#request;
    const grants = peer.access.subscribe;
    const from = this.#resumed.get(key);
    const missed = from && replay(this.#history, { subscriptions, grants, from, maxBytes: this.#room, frames });
    if (missed) this.#take(missed);
    const resumed = missed ? { recovered: missed.recovered, replayed: missed.frames.length } : {};
    if (missed?.recovered || !isRewound(subscriptions)) return resumed;
    const last = rewind(this.#history, { topic, subscriptions, grants, maxBytes: this.#room, frames });
    this.#take(last);
    return { ...resumed, rewound: last.frames.length, complete: last.isComplete };
  }

  #take({ frames, bytes }: { readonly frames: readonly Frame[]; readonly bytes: number }): void {
    this.#room -= bytes;
    for (const frame of frames) this.frames.push(frame);
  }
}
