import type { Spread } from '../load/load.js';
import type { Random } from './random.js';

/** How often a channel is chosen in relation to the others, most popular first. */
export function weightsOf(spread: Spread, channels: number): Float64Array {
  const exponent = spread.kind === 'zipf' ? spread.exponent : 0;
  return Float64Array.from({ length: channels }, (_, channel) => (channel + 1) ** -exponent);
}

/** A chooser of channels, each as often as the spread says. */
export function channelChooser(spread: Spread, channels: number, random: Random): () => number {
  if (spread.kind === 'uniform') return () => Math.floor(random() * channels);
  const upTo = weightsOf(spread, channels);
  for (let channel = 1; channel < channels; channel++) upTo[channel] = (upTo[channel - 1] as number) + (upTo[channel] as number);
  const all = upTo[channels - 1] as number;
  return () => firstAbove(upTo, random() * all);
}

/** Index of the first of ascending numbers that is above `value`; the last one where none is. */
function firstAbove(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
