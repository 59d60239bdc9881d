import { matches, type Notification, type Subscription } from '../protocol/index.js';
import { seededRandom } from './random.js';

/** What decides who wants what and what is sent. */
export interface WorkloadOptions {
  readonly subscribers: number;
  readonly channels: number;
  /** Notifications in all, those to warm up too. */
  readonly count: number;
  /** Bytes of a notification. */
  readonly sizeBytes: number;
  readonly seed: number;
  /** Unique for the run, so that other traffic on the broker is not mixed up with it. */
  readonly run: string;
}

/** Subscriber i asks for channel i % channels; each notification goes to a channel that the seed chooses. */
export interface Workload {
  readonly options: WorkloadOptions;
  subscriptionOf(subscriber: number): Subscription;
  channelOf(index: number): number;
  /** How many notifications before this one go to the same channel. */
  rankOf(index: number): number;
  /** How many notifications go to a channel. */
  sizeOf(channel: number): number;
  /** Whether a subscriber is to receive what goes to a channel: what `matches` says of the two. */
  isFor(subscriber: number, channel: number): boolean;
  /** How many subscribers are to receive what goes to a channel. */
  receiversOf(channel: number): number;
}

/** The page of all that is sent; the package is the run's own. */
const PAGE = 'load';

export function createWorkload(options: WorkloadOptions): Workload {
  const { subscribers, channels, count } = options;
  const random = seededRandom(options.seed);
  const channelOf = Uint16Array.from({ length: count }, () => random(channels));
  const sizes = new Uint32Array(channels);
  const rankOf = Uint32Array.from(channelOf, (channel) => (sizes[channel] as number)++);
  const accepted = acceptance(options);
  const subscribersTo = Array.from({ length: channels }, (_, channel) => Math.ceil((subscribers - channel) / channels));
  const receivers = Array.from({ length: channels }, (_, given) =>
    subscribersTo.reduce((sum, size, wanted) => sum + (accepted(wanted, given) ? size : 0), 0),
  );
  return {
    options,
    subscriptionOf: (subscriber) => subscriptionTo(options.run, subscriber % channels),
    channelOf: (index) => channelOf[index] as number,
    rankOf: (index) => rankOf[index] as number,
    sizeOf: (channel) => sizes[channel] as number,
    isFor: (subscriber, channel) => accepted(subscriber % channels, channel),
    receiversOf: (channel) => receivers[channel] as number,
  };
}

/** What a notification to a channel is, as far as matching goes. */
export function addressOf(run: string, channel: number): Notification {
  return { package: packageOf(run), page: PAGE, filters: { values: { channel: String(channel) } } };
}

export function packageOf(run: string): string {
  return `wsn-bench-${run}`;
}

function subscriptionTo(run: string, channel: number): Subscription {
  return { package: packageOf(run), page: PAGE, filters: { values: { channel: [String(channel)] } } };
}

/** Asks `matches` once for each pair of a channel's subscription and a channel's notification. */
function acceptance({ run, channels }: WorkloadOptions): (wanted: number, given: number) => boolean {
  const notifications = Array.from({ length: channels }, (_, channel) => addressOf(run, channel));
  const table = new Uint8Array(channels * channels);
  for (let wanted = 0; wanted < channels; wanted++) {
    const subscription = subscriptionTo(run, wanted);
    for (let given = 0; given < channels; given++) {
      table[wanted * channels + given] = matches(subscription, notifications[given] as Notification) ? 1 : 0;
    }
  }
  return (wanted, given) => table[wanted * channels + given] === 1;
}
