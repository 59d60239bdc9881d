import type { Entry } from './entry.js';
import { encodeDelivery, type Frame } from './frame.js';

/** How long frames are kept for the next who comes back, and how many bytes of them. */
const KEPT_MS = 1000;
const MOST_BYTES = 8 * 1024 * 1024;

/**
 * The frames of what is replayed, encoded once for all who come back within a second: where a line or a broker breaks,
 * thousands have missed the same, and what waits in their outboxes is then the same bytes.
 */
export class ReplayFrames {
  readonly #frames = new Map<Entry, Frame>();
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  /** The `wsn.v1` frame of an entry. */
  of(entry: Entry): Frame {
    const known = this.#frames.get(entry);
    if (known) return known;
    const frame = encodeDelivery(entry.payload, entry.position);
    if (this.#bytes + frame.length > MOST_BYTES) this.#forget();
    this.#frames.set(entry, frame);
    this.#bytes += frame.length;
    this.#timer ??= setTimeout(() => this.#forget(), KEPT_MS).unref();
    return frame;
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#frames.clear();
    this.#bytes = 0;
  }
}
