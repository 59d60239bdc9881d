import type { Position, SubscribedTopic, Topic, TopicPosition } from '../../../src/protocol/index.js';
import { pageOf } from './topics.js';

/** What a broker says, as far as a client looks at it. */
export interface Heard {
  readonly subscribed?: { readonly topics: readonly SubscribedTopic[] };
  readonly notification?: Topic;
  readonly position?: Position;
  readonly mark?: readonly TopicPosition[];
  readonly reset?: readonly TopicPosition[];
}

/** What a careful client of `wsn.v1` knows of its topics: from where it would resume. */
export class ClientView {
  readonly #seen = new Map<number, Position>();
  /** Notifications of a replay or a rewind that have not come yet, and where the topic stands behind them. */
  readonly #replays = new Map<number, { left: number; readonly head: Position }>();

  last(page: number): Position | undefined {
    return this.#seen.get(page);
  }

  receive({ subscribed, notification, position, mark, reset }: Heard): void {
    if (subscribed) this.#restart(subscribed.topics);
    if (notification && position) this.#advance(pageOf(notification), position);
    for (const topic of [...(mark ?? []), ...(reset ?? [])]) this.#seen.set(pageOf(topic), positionOf(topic));
  }

  lineEnded(): void {
    this.#replays.clear();
  }

  #restart(topics: readonly SubscribedTopic[]): void {
    this.#replays.clear();
    const pages = topics.map(pageOf);
    for (const page of [...this.#seen.keys()]) if (!pages.includes(page)) this.#seen.delete(page);
    for (const topic of topics) {
      const left = (topic.replayed ?? 0) + (topic.rewound ?? 0);
      // It begins before what was seen, and is all that the client will know if the line breaks in the middle of it.
      if (topic.rewound !== undefined) this.#seen.delete(pageOf(topic));
      // Where the topic stands counts only when all that comes before has come.
      if (left > 0) this.#replays.set(pageOf(topic), { left, head: positionOf(topic) });
      else this.#seen.set(pageOf(topic), positionOf(topic));
    }
  }

  #advance(page: number, position: Position): void {
    const replay = this.#replays.get(page);
    if (replay) replay.left--;
    this.#seen.set(page, replay?.left === 0 ? replay.head : position);
    if (replay?.left === 0) this.#replays.delete(page);
  }
}

function positionOf({ epoch, offset }: Position): Position {
  return { epoch, offset };
}
