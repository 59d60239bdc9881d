import { CLOSE_CODES } from '../protocol/index.js';

/** Steps of a shutdown's window: so often some are closed. */
const STEP_MS = 20;

/** Whoever is to be closed with 1001. */
interface Leaving {
  /** False when it has gone, or is going. */
  readonly isOpen: boolean;
  leave(code: number, reason: string): void;
}

/**
 * Closes all `members` with 1001, one after the other over `windowMs`: clients of the base protocol come back at once,
 * and all of them in one moment would be too much for the broker that they come back to.
 * @param members those who are there at the start.
 * @returns resolves when all have been told, or have gone by themselves; `signal` has all told at once.
 */
export async function spreadGoodbyes(members: readonly Leaving[], windowMs: number, signal: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  let told = 0;
  while (told < members.length && members.some(({ isOpen }) => isOpen)) {
    const share = windowMs === 0 || signal.aborted ? 1 : (performance.now() - startedAt) / windowMs;
    const due = Math.min(members.length, Math.floor(share * members.length));
    while (told < due) members[told++]?.leave(CLOSE_CODES.goingAway.code, 'the broker shuts down');
    if (told < members.length) await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}
