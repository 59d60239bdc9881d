import type { Position, TopicPosition } from '../protocol/index.js';
import type { Group } from './registry/group.js';
import { NOT_RECOVERED, type Replay } from './replay.js';

/** How long replays are kept for the next who comes back, and how many frames they may name together. */
const KEPT_MS = 1000;
const MOST_FRAMES = 1_000_000;

interface Asked {
  /** In which the peer is now: the same subscriptions under the same grants, whoever has them. */
  readonly group: Group;
  /** The last position that the peer has seen. */
  readonly from: TopicPosition;
  /** The last that there is. */
  readonly head: Position;
  /** What the frames may take together. */
  readonly maxBytes: number;
}

/** Replays that are looked for once for all of a group who come back within a second to the same place. */
export class SharedReplays {
  readonly #replays = new Map<Group, Map<string, Replay>>();
  #frames = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param find looks for it, where nobody has; what was too much for one message may not be for another, and is not kept. */
  of({ group, from, head, maxBytes }: Asked, find: () => Replay): Replay {
    const key = JSON.stringify([from.epoch, from.offset, head.epoch, head.offset]);
    const known = this.#replays.get(group)?.get(key);
    if (known) return known.bytes <= maxBytes ? known : NOT_RECOVERED;
    const found = find();
    if (found.recovered) this.#keep(group, key, found);
    return found;
  }

  #keep(group: Group, key: string, replay: Replay): void {
    // One for itself, and for each of its frames.
    this.#frames += 1 + replay.frames.length;
    if (this.#frames > MOST_FRAMES) this.#forget();
    this.#timer ??= setTimeout(() => this.#forget(), KEPT_MS).unref();
    const replays = this.#replays.get(group);
    if (replays) replays.set(key, replay);
    else this.#replays.set(group, new Map([[key, replay]]));
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#replays.clear();
    this.#frames = 0;
  }
}
