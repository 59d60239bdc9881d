import { monotonicMs } from './clock.js';
import type { ThreadData } from './messages.js';

/** For tests: blocks this thread once, when the load has begun, as a garbage collection or a busy machine would. */
export function stallOnce({ stall, board }: Pick<ThreadData, 'stall' | 'board'>): void {
  if (!stall) return;
  const { atMs, forMs } = stall;
  setTimeout(
    () => {
      const until = performance.now() + forMs;
      while (performance.now() < until);
    },
    (board.startedAt[0] as number) + atMs - monotonicMs(),
  );
}
