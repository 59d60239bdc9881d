import { randomBytes } from 'node:crypto';
import { type Position, ProtocolError, type Topic } from '../../protocol/index.js';
import type { Entry } from '../entry.js';
import type { History, Standing } from '../history.js';
import type { Downstream, Draft, Feed, Outcome } from './feed.js';

/**
 * A feed that keeps nothing beyond the history: what is acknowledged is as durable as the process. An entry is in the
 * log and on its way as soon as it is appended.
 */
export class MemoryFeed implements Feed {
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
    const entry: Entry = { topic, filters, payload, position: { epoch, offset: offset + 1 }, at: performance.now() };
    this.#history.add(entry);
    settled(this.#deliver(entry));
  }

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

/** Short, because it is in every delivery, and random enough that no two lives of a topic share one. */
function newEpoch(): string {
  return randomBytes(6).toString('base64url');
}
