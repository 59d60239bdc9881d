import type { Arrivals, Load, Spread } from '../load/load.js';
import { bytes, counted, duration, integer, percent, rate } from '../numbers.js';
import type { BenchResult } from '../result/result.js';
import { faultText } from './recovery-text.js';

/** What was run, in a few short lines of our own words: the load, when it was sent, what was broken, how, and by what. */
export function settingsLines({ settings: { load, workers }, used, version, machine }: BenchResult): string[] {
  const { warmUpMs, holdMs } = load.phases;
  const warmUp = warmUpMs === 0 ? '' : ` after ${duration(warmUpMs)} to warm up`;
  const subscriptions = load.subscriptions === 1 ? '' : `, ${integer(load.subscriptions)} subscriptions each`;
  const addresses = used.sourceAddresses === 1 ? [] : [counted(used.sourceAddresses, 'source address', 'source addresses')];
  return [
    [`${counted(load.subscribers, 'subscriber')}${subscriptions}`, channelsText(load), ...hostileTexts(load)].join(' · '),
    [arrivalsText(load.arrivals), bytes(load.sizeBytes), `${duration(holdMs)}${warmUp}`].join(' · '),
    ...(load.faults === undefined ? [] : [`faults: ${load.faults.map(faultText).join(' · ')}`]),
    [
      `${used.publishers} publishers`,
      used.subprotocol ?? 'base protocol',
      `seed ${load.seed}`,
      counted(workers, 'worker'),
      ...addresses,
    ].join(' · '),
    [`wsn ${version}`, `Node ${machine.node}`, `${machine.platform}, ${counted(machine.cores, 'core')}`].join(' · '),
  ];
}

/** `1,000 notifications/s`, `Poisson, 1,000 notifications/s`, `500 to 5,000 notifications/s`, … */
export function arrivalsText(arrivals: Arrivals): string {
  switch (arrivals.kind) {
    case 'constant':
      return `${integer(arrivals.rate)} notifications/s`;
    case 'poisson':
      return `Poisson, ${integer(arrivals.rate)} notifications/s`;
    case 'ramp':
      return `${integer(arrivals.from)} to ${integer(arrivals.to)} notifications/s`;
    case 'steps':
      return `steps of ${arrivals.rates.map(rate).join(', ')}`;
    case 'max':
      return `as fast as it goes, ${counted(arrivals.window, 'notification')} under way`;
  }
}

function channelsText({ channels, spread, traffic }: Load): string {
  const unequal = [
    ...(spread.kind === 'uniform' ? [] : [`subscribers ${spreadText(spread)}`]),
    ...(traffic.kind === 'uniform' ? [] : [`traffic ${spreadText(traffic)}`]),
  ];
  return `${counted(channels, 'channel')}${unequal.length === 0 ? '' : ` (${unequal.join(', ')})`}`;
}

/** `uniform`, `zipf 1.1`. */
export function spreadText(spread: Spread): string {
  return spread.kind === 'uniform' ? 'uniform' : `zipf ${spread.exponent}`;
}

function hostileTexts({ hostile }: Load): string[] {
  const shares = Object.entries(hostile).filter(([, share]) => share > 0);
  return shares.map(([kind, share]) => `${percent(share)} ${kind}`);
}
