import { decodePeerMessage, type Json } from '../../protocol/index.js';
import type { Arrival } from '../client/arrival.js';
import { isSameValue, type Published } from './ledger.js';

/**
 * Compares a delivery with what was published.
 * @param isExact whether the bytes have to be the same, not only the value.
 * @returns what is different, in a sentence; `undefined` when nothing is.
 */
export function differenceFrom(published: Published, arrival: Arrival, isExact: boolean): string | undefined {
  const sent = JSON.parse(published.text) as Json;
  if (!isSameValue(sent, arrival.message.notification)) return 'the notification is not the one that was published';
  if (!isExact) return undefined;
  const relayed = notificationText(arrival.text);
  return relayed === published.text ? undefined : 'the notification was not relayed byte for byte';
}

/** The bytes of the member `notification` as they stand in a delivery. */
function notificationText(text: string): string | undefined {
  const bytes = Buffer.from(text);
  try {
    const message = decodePeerMessage({ bytes, text }, 'base');
    return message.kind === 'publish' ? bytes.toString('utf8', message.start, message.end) : undefined;
  } catch {
    return undefined;
  }
}
