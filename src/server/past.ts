import { type SubscribedTopic, type SubscribeMessage, type Subscription, type TopicPosition, topicKey } from '../protocol/index.js';
import { Effort } from './effort.js';
import type { Frame } from './frame.js';
import { Granted } from './granted.js';
import type { History } from './history.js';
import type { Peer } from './peer.js';
import type { Group } from './registry/group.js';
import { topicSets } from './registry/topic-sets.js';
import { NOT_RECOVERED, type Replay, replay } from './replay.js';
import type { ReplayFrames } from './replay-frames.js';
import { isRewound, rewind } from './rewind.js';
import type { SharedReplays } from './shared-replays.js';

/** What it takes to choose among what is kept. */
interface Means {
  readonly granted: Granted;
  readonly effort: Effort;
}

/** What a set of subscriptions says about the time before it. */
export interface PastRequest {
  readonly peer: Peer;
  readonly message: SubscribeMessage;
  /** What all topics may bring together. */
  readonly maxBytes: number;
  readonly frames: ReplayFrames;
  readonly replays: SharedReplays;
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
  /** Each of its own: what was too much to resume is rewound all the same. */
  readonly #replaying: Means;
  readonly #rewinding: Means;

  constructor(history: History, request: PastRequest) {
    const { subscriptions, resume = [] } = request.message;
    this.#history = history;
    this.#request = request;
    this.#resumed = new Map(resume.map((position) => [topicKey(position), position]));
    // Most sets ask for nothing.
    this.#sets = topicSets(resume.length > 0 || isRewound(subscriptions) ? subscriptions : []);
    this.#room = request.maxBytes;
    this.#replaying = meansOf(request.peer);
    this.#rewinding = meansOf(request.peer);
  }

  /** What the topic of a group gets in which the peer is; its frames are put behind those of the topics before. */
  of(group: Group): TopicPast {
    const { topic } = group;
    const key = topicKey(topic);
    const subscriptions = this.#sets.get(key);
    if (!subscriptions) return {};
    const from = this.#resumed.get(key);
    const missed = from && this.#missed(group, subscriptions, from);
    if (missed) this.#take(missed);
    const resumed = missed ? { recovered: missed.recovered, replayed: missed.frames.length } : {};
    if (missed?.recovered || !isRewound(subscriptions)) return resumed;
    const { frames } = this.#request;
    const last = rewind(this.#history, { ...this.#rewinding, topic, subscriptions, maxBytes: this.#room, frames });
    this.#take(last);
    return { ...resumed, rewound: last.frames.length, complete: last.isComplete };
  }

  #missed(group: Group, subscriptions: readonly Subscription[], from: TopicPosition): Replay {
    const { frames, replays } = this.#request;
    const maxBytes = this.#room;
    const head = this.#history.head(from);
    // What others have got a moment ago may have been trimmed since.
    if (!this.#history.hasSince(from, from)) return NOT_RECOVERED;
    const find = (): Replay => replay(this.#history, { ...this.#replaying, subscriptions, from, maxBytes, frames });
    return head ? replays.of({ group, from, head, maxBytes }, find) : find();
  }

  #take({ frames, bytes }: { readonly frames: readonly Frame[]; readonly bytes: number }): void {
    this.#room -= bytes;
    for (const frame of frames) this.frames.push(frame);
  }
}

function meansOf({ access }: Peer): Means {
  const effort = new Effort();
  return { granted: new Granted(access.subscribe, effort), effort };
}
