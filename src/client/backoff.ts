/** How long to wait before the next attempt to connect. */
export interface BackoffOptions {
  /** Upper bound of the wait after the first failure, in ms; it doubles with each further one. */
  readonly initialMs: number;
  /** Upper bound of every wait, in ms. */
  readonly maxMs: number;
  /** A connection that was open for so long, in ms, was a good one: the next failure counts as the first. 0: every one was. */
  readonly stableMs: number;
}

export const BACKOFF: BackoffOptions = {
  initialMs: 500,
  // Long enough that a broker which comes back is not run over, short enough that a user need not reload the page.
  maxMs: 30_000,
  // Longer than a broker needs to refuse a peer that it has just admitted.
  stableMs: 10_000,
};

/**
 * The wait before the next attempt, in ms: a random part of a bound that doubles up to `maxMs` ("full jitter"), so
 * that peers which lost the same broker do not come back at the same moment.
 * @param failures how many attempts in a row have failed, from 1.
 * @param random a number from 0 to below 1.
 */
export function backoffDelay(failures: number, options: BackoffOptions, random: number): number {
  // 2 ** 52 ms are longer than any process lives; without the bound the power would become infinite.
  const bound = options.initialMs * 2 ** Math.min(failures - 1, 52);
  return Math.floor(random * Math.min(options.maxMs, bound));
}

/**
 * How many attempts in a row have failed when one more has.
 * @param before how many had failed before it.
 * @param openForMs how long its connection was open; `undefined` if it never was.
 */
export function countFailures(before: number, openForMs: number | undefined, options: BackoffOptions): number {
  return openForMs !== undefined && openForMs >= options.stableMs ? 1 : before + 1;
}
