import type { Mishap } from './result.js';

export const NO_MISHAP: Mishap = { count: 0, first: null };

/** One more of its kind; the first one's reason stays. */
export function oneMore({ count, first }: Mishap, why: string): Mishap {
  return { count: count + 1, first: first ?? why };
}

/** Those of several observers. */
export function together(mishaps: readonly Mishap[]): Mishap {
  return {
    count: mishaps.reduce((sum, { count }) => sum + count, 0),
    first: mishaps.find(({ first }) => first !== null)?.first ?? null,
  };
}
