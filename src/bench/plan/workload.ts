import type { Load } from '../load/load.js';
import { assertChannelsApart } from './address.js';
import { chooseBehaviours } from './hostile.js';
import { channelChooser } from './popularity.js';
import { randomOf } from './random.js';
import { sharedUint32 } from './shared-arrays.js';
import { chooseChannels } from './spread.js';

/** What is sent and who is to receive it. All threads see the arrays. */
export interface Workload {
  readonly channels: number;
  /** Channel of each notification. */
  readonly channelOf: Uint32Array;
  /** How many notifications before each go to the same channel. */
  readonly rankOf: Uint32Array;
  /** Channels of subscriber s: the `subscriptions` different ones from place s × `subscriptions` on. */
  readonly subscriberChannels: Uint32Array;
  readonly subscriptions: number;
  /** Of each subscriber: 0 when it is honest, else 1 + index into `HOSTILE_KINDS`. */
  readonly behaviourOf: Uint8Array;
  /** How many honest subscribers are to receive what goes to each channel, by the rules of `matches`. */
  readonly receiversOf: Uint32Array;
}

/**
 * Chooses everything from the load's seed: the same load and count give the same workload. Who wants what depends
 * neither on the count nor on the run.
 * @param count notifications, those of the warm-up too.
 * @param run unique for the run: it makes the package that all is sent in.
 * @throws RangeError when a subscriber wants more channels than there are, or none would be honest.
 */
export function createWorkload(load: Load, count: number, run: string): Workload {
  const { channels, subscriptions, seed } = load;
  if (subscriptions > channels) {
    throw new RangeError(`expected at most as many subscriptions a subscriber as there are channels, ${channels}; found ${subscriptions}`);
  }
  assertChannelsApart(run, channels, seed);
  const behaviourOf = chooseBehaviours(load);
  const subscriberChannels = channelsOfAll(load, behaviourOf);
  return {
    channels,
    ...chooseTraffic(load, count),
    subscriberChannels,
    subscriptions,
    behaviourOf,
    receiversOf: countReceivers(load, behaviourOf, subscriberChannels),
  };
}

function chooseTraffic({ channels, traffic, seed }: Load, count: number): Pick<Workload, 'channelOf' | 'rankOf'> {
  const choose = channelChooser(traffic, channels, randomOf(seed, 'traffic'));
  const sizes = new Uint32Array(channels);
  const channelOf = sharedUint32(count);
  const rankOf = sharedUint32(count);
  for (let index = 0; index < count; index++) {
    const channel = choose();
    const rank = sizes[channel] as number;
    channelOf[index] = channel;
    rankOf[index] = rank;
    sizes[channel] = rank + 1;
  }
  return { channelOf, rankOf };
}

/** The honest subscribers get their channels first, in the order of their numbers, so that the hostile ones do not unbalance them. */
function channelsOfAll(load: Load, behaviourOf: Uint8Array): Uint32Array {
  const { subscribers, subscriptions, seed } = load;
  const hostile = behaviourOf.reduce((sum, behaviour) => sum + (behaviour === 0 ? 0 : 1), 0);
  const honest = subscribers - hostile;
  const chosen = chooseChannels({ ...load, honest, hostile }, randomOf(seed, 'subscribers'));
  const subscriberChannels = sharedUint32(subscribers * subscriptions);
  let nextHonest = 0;
  let nextHostile = honest;
  for (let subscriber = 0; subscriber < subscribers; subscriber++) {
    const from = (behaviourOf[subscriber] === 0 ? nextHonest++ : nextHostile++) * subscriptions;
    subscriberChannels.set(chosen.subarray(from, from + subscriptions), subscriber * subscriptions);
  }
  return subscriberChannels;
}

/** That the subscribers of a channel are its receivers has been asked of `matches` before. */
function countReceivers({ channels, subscriptions }: Load, behaviourOf: Uint8Array, subscriberChannels: Uint32Array): Uint32Array {
  const receiversOf = sharedUint32(channels);
  subscriberChannels.forEach((channel, place) => {
    if (behaviourOf[Math.floor(place / subscriptions)] === 0) receiversOf[channel] = (receiversOf[channel] as number) + 1;
  });
  return receiversOf;
}
