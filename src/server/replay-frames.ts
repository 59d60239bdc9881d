import { CHUNK_BYTES, countTogether, joined } from './chunks.js';
import type { Entry } from './entry.js';
import { encodeDelivery, type Frame } from './frame.js';

/** How long frames are kept for the next who comes back, and how many bytes of them, joined ones too. */
const KEPT_MS = 1000;
const MOST_BYTES = 16 * 1024 * 1024;

/** What is joined for one write has mostly about so many bytes, and never more than a chunk. */
const RUN_BYTES = CHUNK_BYTES / 2;

/** 2 ** 32 divided by the golden ratio: multiples of it are spread evenly, whichever are taken. */
const SPREAD = 0x9e3779b1;

/** One frame that is kept. */
interface Mark {
  /** A number of its own. */
  readonly number: number;
  /** Whether nothing is joined to it that comes behind it. */
  readonly isLast: boolean;
}

interface Run {
  readonly frames: readonly Frame[];
  readonly bytes: Frame;
}

/**
 * The frames of what is replayed, encoded once for all who come back within a second, and joined once for all who get the
 * same: where a line or a broker breaks, thousands have missed the same, and what waits in their outboxes is then the same
 * bytes.
 */
export class ReplayFrames {
  readonly #frames = new Map<Entry, Frame>();
  readonly #marks = new Map<Frame, Mark>();
  /** By what the numbers of their frames come to; two that come to the same are kept in turn. */
  readonly #runs = new Map<number, Run>();
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  /** The `wsn.v1` frame of an entry. */
  of(entry: Entry): Frame {
    const known = this.#frames.get(entry);
    if (known) return known;
    const frame = encodeDelivery(entry.payload, entry.position);
    this.#count(frame);
    this.#frames.set(entry, frame);
    const isLast = (Math.imul(entry.position.offset, SPREAD) >>> 0) / 2 ** 32 < frame.length / RUN_BYTES;
    this.#marks.set(frame, { number: this.#marks.size + 1, isLast });
    return frame;
  }

  /** Joins frames into as few buffers as make sense, cut so that who begins elsewhere soon gets the same buffers. */
  joined(frames: readonly Frame[]): readonly Frame[] {
    const buffers: Frame[] = [];
    for (let start = 0; start < frames.length; ) {
      const most = start + countTogether(frames, start);
      let end = start;
      let key = 0;
      for (let isLast = false; !isLast && end < most; end++) {
        const mark = this.#marks.get(frames[end] as Frame);
        key = Math.imul(key ^ (mark?.number ?? 0), SPREAD);
        isLast = mark?.isLast === true;
      }
      buffers.push(this.#join(key, frames.slice(start, end)));
      start = end;
    }
    return buffers;
  }

  #join(key: number, frames: readonly Frame[]): Frame {
    if (frames.length === 1) return frames[0] as Frame;
    const known = this.#runs.get(key);
    if (known && isSame(known.frames, frames)) return known.bytes;
    const bytes = joined(frames);
    this.#count(bytes);
    this.#runs.set(key, { frames, bytes });
    return bytes;
  }

  /** Counts what is about to be kept; makes room for it where that is too much. */
  #count({ length }: Frame): void {
    if (this.#bytes + length > MOST_BYTES) this.#forget();
    this.#bytes += length;
    this.#timer ??= setTimeout(() => this.#forget(), KEPT_MS).unref();
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#frames.clear();
    this.#marks.clear();
    this.#runs.clear();
    this.#bytes = 0;
  }
}

function isSame(one: readonly Frame[], other: readonly Frame[]): boolean {
  return one.length === other.length && one.every((frame, index) => frame === other[index]);
}
