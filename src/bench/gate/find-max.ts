import type { FindMaxResult, Trial } from '../result/find-max-result.js';

/** Enough to double from 100 to 50,000, to halve the last gap down to 5 %, and to confirm. */
const MOST_TRIALS = 16;

/** How far the lowest rate that missed may be above the answer, as a factor. */
const PRECISION = 1.05;

/** So many are kept for confirming the answer, or a lower one where it misses then. */
const TRIALS_TO_CONFIRM = 2;

/** Digits of a rate that was not given: more say nothing. */
const DIGITS = 3;

const STEP_UP = 2;
const STEP_DOWN = 4;

/** What is searched, and how a rate is tried. */
export interface FindMaxOptions<T extends Trial> {
  /** Notifications a second of the first trial. */
  readonly from: number;
  /** Highest rate that is tried. */
  readonly upTo: number;
  /** Runs at this rate. What it throws ends the search. */
  readonly trial: (rate: number) => Promise<T>;
  /** Ends the search; a trial that it interrupts counts for nothing. */
  readonly signal: AbortSignal;
}

/** What a search came to; `best` is the last trial of the highest rate. */
export interface Found<T extends Trial> extends Pick<FindMaxResult, 'highestRate' | 'limitedBy'> {
  readonly trials: readonly T[];
  readonly best: T | null;
}

/**
 * Searches the highest rate that holds: doubles until one misses (or goes down from one that does), then halves the gap,
 * by factor, until it is at most 5 %. One run that went well is no answer: a rate counts when two trials have held
 * at it or above, and none has missed at it or below; so the rate that the search ends at is tried again, and where it
 * misses then, it goes on below. A trial that is invalid is made once more; invalid again, it is the generator's limit.
 * After 16 trials the answer is the highest rate that counts, even where the gap above it is wider.
 */
export async function findMaxRate<T extends Trial>({ from, upTo, trial, signal }: FindMaxOptions<T>): Promise<Found<T>> {
  const trials: T[] = [];
  let next: number | null = Math.min(from, upTo);
  while (next !== null && trials.length < MOST_TRIALS && !signal.aborted) {
    const made: T = await trial(next);
    if (signal.aborted) break;
    trials.push(made);
    next = nextRate(trials, upTo);
  }
  const highestRate = highestThatCounts(trials);
  const best = trials.findLast(({ rate, outcome }) => rate === highestRate && outcome === 'held') ?? null;
  return { highestRate, limitedBy: signal.aborted ? 'interrupted' : limitOf(trials), trials, best };
}

/** @returns `null` when the search is over. */
function nextRate(trials: readonly Trial[], upTo: number): number | null {
  const last = trials.at(-1);
  if (last?.outcome === 'invalid' && !isMiss(last, trials)) return last.rate;
  const lowest = lowestMissed(trials);
  const held = heldBelow(trials, lowest);
  const low = held[0];
  if (low === undefined) return lowest > 1 ? rounded(Math.max(1, lowest / STEP_DOWN)) : null;
  const isLeftForConfirming = MOST_TRIALS - trials.length <= TRIALS_TO_CONFIRM;
  const between = isLeftForConfirming ? null : betweenThem(low, lowest, upTo);
  return between ?? (low === highestThatCounts(trials) ? null : low);
}

/** The rate that halves the gap; `null` when the gap is narrow enough, or there is no rate between both. */
function betweenThem(low: number, high: number, upTo: number): number | null {
  if (high === Number.POSITIVE_INFINITY) return low < upTo ? Math.min(upTo, low * STEP_UP) : null;
  const middle = rounded(Math.sqrt(low * high));
  return high / low > PRECISION && middle > low && middle < high ? middle : null;
}

/** Infinity when none has missed. An invalid trial counts only when it was made twice. */
function lowestMissed(trials: readonly Trial[]): number {
  return Math.min(Number.POSITIVE_INFINITY, ...trials.filter((trial) => isMiss(trial, trials)).map(({ rate }) => rate));
}

function isMiss({ rate, outcome }: Trial, trials: readonly Trial[]): boolean {
  if (outcome !== 'invalid') return outcome === 'missed';
  return trials.filter((other) => other.rate === rate && other.outcome === 'invalid').length > 1;
}

/** Rates of the trials that held, highest first, a rate as often as it held; those that missed at some time are left out. */
function heldBelow(trials: readonly Trial[], lowest: number): number[] {
  const held = trials.filter(({ rate, outcome }) => outcome === 'held' && rate < lowest);
  return held.map(({ rate }) => rate).sort((a, b) => b - a);
}

/** The highest rate at which or above which two trials held. */
function highestThatCounts(trials: readonly Trial[]): number | null {
  return heldBelow(trials, lowestMissed(trials))[1] ?? null;
}

function limitOf(trials: readonly Trial[]): FindMaxResult['limitedBy'] {
  const lowest = lowestMissed(trials);
  if (lowest === Number.POSITIVE_INFINITY) return 'bound';
  return trials.some(({ rate, outcome }) => rate === lowest && outcome === 'missed') ? 'broker' : 'generator';
}

function rounded(rate: number): number {
  return Number(rate.toPrecision(DIGITS));
}
