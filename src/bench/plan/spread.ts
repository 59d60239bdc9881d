import type { Load } from '../load/load.js';
import { weightsOf } from './popularity.js';
import { type Random, shuffled } from './random.js';

/** Who is to choose channels, and how. */
export interface Choice extends Pick<Load, 'spread' | 'channels' | 'subscriptions'> {
  /** Their choices decide how many receivers a channel has. */
  readonly honest: number;
  /** They choose as the honest ones do, but are not counted on. */
  readonly hostile: number;
}

/**
 * Chooses the channels of the honest subscribers, then of the hostile ones: `subscriptions` different ones each.
 * Uniform: the honest subscribers of any two channels differ by one at most. Zipf: their numbers are in proportion to the
 * weights as nearly as whole numbers can be, but at least 1 where there are enough subscriptions, and at most `honest`.
 */
export function chooseChannels(choice: Choice, random: Random): Uint32Array {
  return choice.spread.kind === 'uniform' ? dealInTurn(choice) : dealByWeight(choice, random);
}

/** Subscriber i chooses channel i and others at steps that all share: neighbours do not all choose alike. */
function dealInTurn({ channels, subscriptions, honest, hostile }: Choice): Uint32Array {
  const rest = honest % channels;
  const stepsBeforeRepeat = channels / greatestCommonDivisor(rest, channels);
  const chosen = new Uint32Array((honest + hostile) * subscriptions);
  for (let column = 0; column < subscriptions; column++) {
    // Each column begins at the channel where the honest ones of the column before ended, which keeps channels level;
    // one further where it would begin as an earlier one did, which keeps a subscriber's channels different.
    const offset = column * rest + Math.floor(column / stepsBeforeRepeat);
    for (let i = 0; i < honest + hostile; i++) chosen[i * subscriptions + column] = (i + offset) % channels;
  }
  return chosen;
}

/** Deals each channel to as many subscribers as its weight gives it, in an order that the stream chooses. */
function dealByWeight({ spread, channels, subscriptions, honest, hostile }: Choice, random: Random): Uint32Array {
  const chosen = new Uint32Array((honest + hostile) * subscriptions);
  const order = shuffled(honest, random);
  const sizes = apportion(weightsOf(spread, channels), honest * subscriptions, honest);
  let dealt = 0;
  sizes.forEach((size, channel) => {
    // No channel has more subscribers than there are, so none gets it twice however the rounds of dealing fall.
    for (let last = dealt + size; dealt < last; dealt++) {
      chosen[(order[dealt % honest] as number) * subscriptions + Math.floor(dealt / honest)] = channel;
    }
  });
  for (let i = 0; i < hostile; i++) {
    const model = (i % honest) * subscriptions;
    chosen.copyWithin((honest + i) * subscriptions, model, model + subscriptions);
  }
  return chosen;
}

/**
 * Divides `total` in proportion to the weights by largest remainder, between `1` (0 when `total` is less than their
 * number) and `most` for each.
 * @param weights descending.
 * @param total at most `most` for each.
 */
function apportion(weights: Float64Array, total: number, most: number): Uint32Array {
  const least = total < weights.length ? 0 : 1;
  const factor = factorFor(weights, total, { least, most });
  const quotas = weights.map((weight) => clamp(weight * factor, least, most));
  const sizes = Uint32Array.from(quotas, Math.floor);
  const left = total - sizes.reduce((sum, size) => sum + size, 0);
  const byRemainder = Array.from(quotas.keys()).sort((one, other) => remainder(quotas[other]) - remainder(quotas[one]));
  for (const channel of byRemainder.slice(0, left)) sizes[channel] = (sizes[channel] as number) + 1;
  return sizes;
}

/** The factor with which the weights, kept within bounds, sum up to `total`; found by halving, as the sum only grows with it. */
function factorFor(weights: Float64Array, total: number, { least, most }: { least: number; most: number }): number {
  let low = 0;
  let high = most / (weights.at(-1) as number);
  for (let halving = 0; halving < 64; halving++) {
    const middle = (low + high) / 2;
    const sum = weights.reduce((sum, weight) => sum + clamp(weight * middle, least, most), 0);
    if (sum > total) high = middle;
    else low = middle;
  }
  return low;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

function remainder(quota: number | undefined): number {
  return (quota as number) % 1;
}

function greatestCommonDivisor(one: number, other: number): number {
  return one === 0 ? other : greatestCommonDivisor(other % one, one);
}
