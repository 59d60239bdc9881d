import { createHmac, randomBytes } from 'node:crypto';
import type { Topic } from '../../protocol/index.js';

/** Bytes of a generation. */
const GENERATION_BYTES = 16;

/** Short, because it is in every delivery, and random enough that no two lives of a topic share one. */
export function newEpoch(): string {
  return randomBytes(6).toString('base64url');
}

/** A generation that no log has had. */
export function newGeneration(): Buffer {
  return randomBytes(GENERATION_BYTES);
}

/**
 * The first epoch of a topic in a generation: the same after a restart, so that who subscribed before anything was
 * published has missed nothing, and nothing has to be written for a topic that nobody publishes to.
 */
export function firstEpoch(generation: Uint8Array, { package: name, page }: Topic): string {
  return createHmac('sha256', generation)
    .update(JSON.stringify([name, page]))
    .digest()
    .subarray(0, 6)
    .toString('base64url');
}
