import { type Topic, type TopicPosition, topicKey } from '../protocol/index.js';

/** How long a topic is given to reach an offset that a client has seen elsewhere. */
const PATIENCE_MS = 2000;

interface Wait {
  /** Offsets that have not been reached, by `topicKey`. */
  readonly missing: Map<string, number>;
  readonly timer: NodeJS.Timeout;
  readonly done: () => void;
}

/** Waits for topics to reach offsets that clients have seen on a broker that is ahead of this one. */
export class Arrivals {
  readonly #waits = new Map<string, Set<Wait>>();

  /** Has `done` called once: in a turn of its own when all positions have been reached, or when the time is over. */
  wait(positions: readonly TopicPosition[], done: () => void): void {
    const missing = new Map(positions.map((position) => [topicKey(position), position.offset]));
    const wait: Wait = { missing, done, timer: setTimeout(() => this.#end(wait), PATIENCE_MS).unref() };
    for (const key of missing.keys()) {
      const waits = this.#waits.get(key);
      if (waits) waits.add(wait);
      else this.#waits.set(key, new Set([wait]));
    }
  }

  /** A topic has reached `offset`: it has been fanned out here. */
  reached(topic: Topic, offset: number): void {
    if (this.#waits.size === 0) return;
    const key = topicKey(topic);
    for (const wait of this.#waits.get(key) ?? []) {
      if (offset < (wait.missing.get(key) as number)) continue;
      this.#leave(key, wait);
      wait.missing.delete(key);
      if (wait.missing.size > 0) continue;
      clearTimeout(wait.timer);
      // Not now: a set must not be replaced in the middle of a fan-out.
      setImmediate(wait.done);
    }
  }

  #end(wait: Wait): void {
    for (const key of wait.missing.keys()) this.#leave(key, wait);
    wait.done();
  }

  #leave(key: string, wait: Wait): void {
    const waits = this.#waits.get(key);
    waits?.delete(wait);
    if (waits?.size === 0) this.#waits.delete(key);
  }
}
