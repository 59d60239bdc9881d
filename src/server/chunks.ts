import type { Frame } from './frame.js';

/** What one write may take: more is handed to a socket only when it has room again. */
export const CHUNK_BYTES = 64 * 1024;

/** A frame from this size on is written as it is: copying it costs more than the system call that joining saves. */
const WHOLE_BYTES = 16 * 1024;

/** Frames in their order, joined into as few buffers as make sense; each holds whole frames only. */
export interface Chunks {
  readonly buffers: readonly Frame[];
  /** What they take together. */
  readonly bytes: number;
}

/** Joins frames for any number of peers that wait for the same ones. */
export function chunked(frames: readonly Frame[]): Chunks {
  let bytes = 0;
  for (const frame of frames) bytes += frame.length;
  if (frames.length === 1) return { buffers: frames, bytes };
  const buffers: Frame[] = [];
  for (let start = 0; start < frames.length; ) {
    const count = countTogether(frames, start);
    buffers.push(joined(frames.slice(start, start + count)));
    start += count;
  }
  return { buffers, bytes };
}

/** How many frames from `start` on go into one write: as many as fit into a chunk, or one large one. */
export function countTogether(frames: readonly Frame[], start: number): number {
  let bytes = (frames[start] as Frame).length;
  if (bytes >= WHOLE_BYTES) return 1;
  let end = start + 1;
  for (; end < frames.length; end++) {
    const { length } = frames[end] as Frame;
    bytes += length;
    if (length >= WHOLE_BYTES || bytes > CHUNK_BYTES) break;
  }
  return end - start;
}

/** One buffer with the bytes of all `frames`; a single frame is not copied. */
export function joined(frames: readonly Frame[]): Frame {
  return frames.length === 1 ? (frames[0] as Frame) : Buffer.concat(frames);
}
