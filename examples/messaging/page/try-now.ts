import type { WakeSource } from 'wsn/client';

const wakers = new Set<() => void>();

/** Wakes a waiting client when somebody asks for it: the button beside the light. */
export const byHand: WakeSource = (wake) => {
  wakers.add(wake);
  return () => wakers.delete(wake);
};

/** Has waiting clients connect at once. */
export function tryNow(): void {
  for (const wake of wakers) wake();
}
