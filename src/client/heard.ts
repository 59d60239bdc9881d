import type { ErrorDetail, Hello, Notification, Position, Receipt, SubscribedTopic, TopicPosition } from '../protocol/index.js';

/** A message of a broker, whose one payload says what it is. */
export interface Heard {
  readonly id?: string;
  readonly hello?: Hello;
  readonly notification?: Notification;
  readonly position?: Position;
  readonly subscribed?: { readonly topics: readonly SubscribedTopic[] };
  readonly receipt?: Receipt;
  readonly error?: ErrorDetail;
  readonly mark?: readonly TopicPosition[];
  readonly reset?: readonly TopicPosition[];
}

/**
 * Reads a message without looking at every member, as `decodeBrokerMessage` does: that would be a tenth of all that a page loads. An app has chosen
 * its broker, and a member that is not what it should be comes out where it is used.
 * @throws Error for what is no message of a broker at all.
 */
export function readHeard(text: unknown): Heard {
  if (typeof text !== 'string') throw new Error('binary');
  const message = JSON.parse(text);
  if (message.sender !== 'server') throw new Error('not from a server');
  return message;
}
