import type { Draft } from './draft.js';

/** Shorter pauses are those of the line and of the machine. */
const SHORTEST_MS = 20;

/** Puts a `sleep` between steps that were seen apart. */
export function withPauses(drafts: readonly Draft[]): Draft[] {
  let last = drafts[0]?.atMs ?? 0;
  return drafts.flatMap((draft) => {
    const pauseMs = Math.round(draft.atMs - last);
    last = Math.max(last, draft.atMs);
    if (pauseMs <= SHORTEST_MS) return [draft];
    const args = { for: `${pauseMs}ms`, because: 'original timing' };
    return [{ place: draft.place, atMs: draft.atMs, word: 'sleep', args, rules: [] }, draft];
  });
}
