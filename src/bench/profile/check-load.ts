import type { Load } from '../load/load.js';
import { integer } from '../numbers.js';
import { RUN_NAME_LENGTH } from '../plan/address.js';
import { countArrivals } from '../plan/arrivals.js';
import { smallestSize } from '../plan/envelope.js';
import { honestOf } from '../plan/hostile.js';
import { weightsOf } from '../plan/popularity.js';
import { checkFaults } from './check-faults.js';

/** Each takes some thirty bytes of account. */
const MOST_NOTIFICATIONS = 10_000_000;

/** Each takes a bit. */
const MOST_DELIVERIES = 1_000_000_000;

const MOST_HOSTILE = 0.9;

/**
 * What is wrong with the members of a load taken together; each by itself is right already.
 * @returns a sentence for each, which names the members and their options.
 */
export function checkLoad(load: Load): readonly string[] {
  const shares = Object.values(load.hostile).reduce((sum, part) => sum + part, 0);
  // Decimal fractions do not add up exactly.
  if (shares > MOST_HOSTILE + 1e-9) {
    return [`the shares of \`hostile\` (--hostile) are ${percent(shares)} together, expected at most ${percent(MOST_HOSTILE)}`];
  }
  const honest = honestOf(load);
  if (honest < 1) {
    return [
      `none of ${load.subscribers} \`subscribers\` (--subscribers) would listen: take more of them, or fewer \`hostile\` ones (--hostile)`,
    ];
  }
  return [...channelsOf(load, honest), ...sizeOf(load), ...amountOf(load, honest), ...checkFaults(load)];
}

function channelsOf({ channels, subscriptions, hostile }: Load, honest: number): readonly string[] {
  if (subscriptions > channels) {
    return [
      `${integer(subscriptions)} \`subscriptions\` (--subscriptions) of a subscriber need as many \`channels\` (--channels), found ${integer(channels)}`,
    ];
  }
  if (channels <= honest * subscriptions) return [];
  const who = Object.values(hostile).some((part) => part > 0) ? 'subscribers that are not hostile' : 'subscribers';
  return [
    `${integer(channels)} \`channels\` (--channels) are more than ${integer(honest)} ${who} can subscribe to: each channel needs one, so take fewer channels, or more \`subscribers\` (--subscribers)`,
  ];
}

function sizeOf({ sizeBytes, channels }: Load): readonly string[] {
  const smallest = smallestSize('0'.repeat(RUN_NAME_LENGTH), channels);
  if (sizeBytes >= smallest) return [];
  return [`a \`size\` (--size) of ${integer(sizeBytes)} bytes is too small, expected at least ${smallest}, which index and filters take`];
}

function amountOf(load: Load, honest: number): readonly string[] {
  if (load.arrivals.kind === 'max') return [];
  const notifications = countArrivals(load.arrivals, load.phases);
  if (notifications > MOST_NOTIFICATIONS) {
    return [
      `\`arrivals\` (--rate) and \`hold\` (--duration) come to ${integer(notifications)} notifications, expected at most ${integer(MOST_NOTIFICATIONS)}`,
    ];
  }
  const deliveries = Math.round(notifications * receiversEach(load, honest));
  if (deliveries <= MOST_DELIVERIES) return [];
  return [
    `this comes to ${integer(deliveries)} deliveries, expected at most ${integer(MOST_DELIVERIES)}: take more \`channels\` (--channels), a lower rate, or a shorter hold`,
  ];
}

/** How many receivers a notification has, on average. */
function receiversEach({ channels, subscriptions, spread, traffic }: Load, honest: number): number {
  const wanted = weightsOf(spread, channels);
  const sent = weightsOf(traffic, channels);
  const allWanted = wanted.reduce((sum, weight) => sum + weight, 0);
  const allSent = sent.reduce((sum, weight) => sum + weight, 0);
  return sent.reduce((sum, weight, channel) => {
    const receivers = Math.min(honest, (honest * subscriptions * (wanted[channel] ?? 0)) / allWanted);
    return sum + (weight / allSent) * receivers;
  }, 0);
}

function percent(part: number): string {
  return `${Math.round(part * 1000) / 10}%`;
}
