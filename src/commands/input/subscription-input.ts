import {
  decodePeerMessage,
  describe,
  isObject,
  type Json,
  ProtocolError,
  readSubscription,
  readSubscriptions,
  type Subscription,
} from '../../protocol/index.js';
import { scan } from '../../protocol/scan.js';
import { UsageError } from '../exit/usage-error.js';
import { describeProtocolError, type Input, readInput } from './json-input.js';

/** The subscriptions of a file, and whether it is a list of them or just one. */
export interface SubscriptionInput {
  readonly subscriptions: readonly Subscription[];
  readonly isList: boolean;
}

/**
 * Reads subscriptions from a file, or from stdin when `path` is `-`: an array of subscriptions, one subscription, or
 * a subscriber's whole message.
 * @throws UsageError with line and column where it is not JSON, with a JSON pointer where a member is at fault.
 */
export async function readSubscriptionInput(path: string): Promise<SubscriptionInput> {
  const input = await readInput(path);
  try {
    return decode(input);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new UsageError(describeProtocolError(input.name, input, error));
  }
}

function decode(input: Input): SubscriptionInput {
  scan(input.bytes); // tells where the text stops being JSON, and refuses what is too deep
  const value = JSON.parse(input.text) as Json;
  if (Array.isArray(value)) return { subscriptions: readSubscriptions(value, ''), isList: true };
  if (!isObject(value)) {
    const expected = "expected a subscription, an array of them, or a subscriber's message";
    throw new ProtocolError('invalid-subscription', `${expected}, found ${describe(value)}`);
  }
  const isMessage = Object.hasOwn(value, 'sender') || Object.hasOwn(value, 'subscriptions');
  if (!isMessage) return { subscriptions: [readSubscription(value, '')], isList: false };
  const message = decodePeerMessage(input, 'v1');
  if (message.kind === 'subscribe') return { subscriptions: message.subscriptions, isList: true };
  throw new ProtocolError('invalid-message', 'expected "client": this is a publisher\'s message', { path: '/sender' });
}
