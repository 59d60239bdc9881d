import { countValues, type Position, ProtocolError, type Topic } from '../../protocol/index.js';
import type { Entry } from '../entry.js';
import type { History, Standing } from '../history.js';
import { newEpoch } from './epochs.js';
import type { Downstream, Draft, Feed, Outcome } from './feed.js';

/**
 * A feed that keeps nothing beyond the history: what is acknowledged is as durable as the process. An entry is in the
 * log and on its way as soon as it is appended.
 */
export class MemoryFeed implements Feed {
  readonly isBehind = false;
  readonly trouble = undefined;
  readonly stats = undefined;
  readonly #history: History;
  readonly #downstream: Downstream;

  constructor(history: History, downstream: Downstream) {
    this.#history = history;
    this.#downstream = downstream;
  }

  head(topic: Topic): Position {
    const { epoch, offset } = this.#history.standing(topic) ?? this.#open(topic);
    return { epoch, offset };
  }

  append(draft: Draft, settled: (outcome: Outcome) => void): void {
    const { topic, epoch, offset } = this.#history.standing(draft.topic) ?? this.#open(draft.topic);
    const { filters, payload } = draft;
    const position: Position = { epoch, offset: offset + 1 };
    const entry: Entry = { topic, filters, values: countValues(filters), payload, position, at: performance.now(), sequence: 0 };
    this.#history.add(entry);
    settled(this.#deliver(entry));
  }

  async open(): Promise<void> {}

  sweep(): void {}

  async close(): Promise<void> {}

  #open(topic: Topic): Standing {
    const position: Position = { epoch: newEpoch(), offset: 0 };
    this.#history.open(topic, position);
    return { topic, ...position };
  }

  /** A fan-out that fails half-way leaves nobody knowing who got the entry: then the topic's continuity is lost, and said so. */
  #deliver(entry: Entry): Outcome {
    try {
      return { kind: 'appended', position: entry.position, matched: this.#downstream.deliver(entry) };
    } catch (error) {
      const position: Position = { epoch: newEpoch(), offset: 0 };
      this.#history.open(entry.topic, position);
      this.#downstream.reset(entry.topic, position, error);
      return { kind: 'failed', error: new ProtocolError('internal', 'the broker failed on this notification') };
    }
  }
}
