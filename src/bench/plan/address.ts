import { matches, type Notification, type Subscription } from '../../protocol/index.js';
import { randomOf } from './random.js';

/** Characters that the unique name of a run has. */
export const RUN_NAME_LENGTH = 12;

/** The page of all that is sent; the package is the run's own, so that other traffic is not mixed up with it. */
const PAGE = 'load';

/** With more channels than this not every pair is asked for. */
const MAX_CHANNELS_ASKED_IN_FULL = 1000;
const PAIRS_DRAWN = 200_000;

/** What a subscriber of these channels sends: a subscription to each. */
export function subscriptionsOf(run: string, channels: readonly number[] | Uint32Array): Subscription[] {
  return Array.from(channels, (channel) => subscriptionTo(run, channel));
}

/** What a notification to a channel is, as far as matching goes. */
export function addressOf(run: string, channel: number): Notification {
  return { package: packageOf(run), page: PAGE, filters: { values: { channel: String(channel) } } };
}

/**
 * Makes sure that the receivers of a channel are its subscribers and nobody else, by asking `matches`: for every pair of
 * up to 1,000 channels; of more, for each with itself and its neighbours and for 200,000 pairs that the seed chooses.
 * @throws Error when `matches` says otherwise: addresses and matching rules do not fit each other.
 */
export function assertChannelsApart(run: string, channels: number, seed: number): void {
  const subscriptions = Array.from({ length: channels }, (_, channel) => subscriptionTo(run, channel));
  const addresses = Array.from({ length: channels }, (_, channel) => addressOf(run, channel));
  const ask = (wanted: number, given: number) => {
    if (matches(subscriptions[wanted] as Subscription, addresses[given] as Notification) === (wanted === given)) return;
    const relation = wanted === given ? 'does not match' : 'matches';
    throw new Error(`a subscription to channel ${wanted} ${relation} a notification to channel ${given}: expected a match of equals alone`);
  };
  if (channels <= MAX_CHANNELS_ASKED_IN_FULL) {
    for (let wanted = 0; wanted < channels; wanted++) for (let given = 0; given < channels; given++) ask(wanted, given);
    return;
  }
  for (let channel = 0; channel < channels; channel++) {
    for (const step of [-1, 0, 1]) ask(channel, (channel + step + channels) % channels);
  }
  const random = randomOf(seed, 'pairs');
  for (let pair = 0; pair < PAIRS_DRAWN; pair++) ask(Math.floor(random() * channels), Math.floor(random() * channels));
}

function subscriptionTo(run: string, channel: number): Subscription {
  return { package: packageOf(run), page: PAGE, filters: { values: { channel: [String(channel)] } } };
}

function packageOf(run: string): string {
  return `wsn-bench-${run}`;
}
