import type { Delivery } from '../../client/index.js';
import { ProtocolError } from '../../protocol/index.js';
import { memberOf, scan } from '../../protocol/scan.js';

/** Parts of a delivery as their own JSON text, on one line each. */
export interface DeliveryText {
  readonly notification: string;
  readonly data: string | undefined;
}

/**
 * Cuts the notification and its data out of the message as it came: numbers such as `85.0` and
 * `12345678901234567890` stay what they were, and so does the order of members.
 */
export function deliveryText({ text, notification }: Delivery): DeliveryText {
  const bytes = Buffer.from(text);
  const found = notificationIn(bytes);
  if (found) {
    const data = found.inner[0] && memberOf(found.inner[0], 'data');
    return { notification: slice(bytes, found), data: data && slice(bytes, data) };
  }
  const data = notification.data === undefined ? undefined : JSON.stringify(notification.data);
  return { notification: JSON.stringify(notification), data };
}

/** `undefined` for what our own scan refuses, which only another broker sends: nested too deeply. */
function notificationIn(bytes: Uint8Array) {
  try {
    return memberOf(scan(bytes), 'notification');
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

/** Line breaks stand between the values of JSON, never inside them, so they can go. */
function slice(bytes: Buffer, { start, end }: { start: number; end: number }): string {
  return bytes.toString('utf8', start, end).replace(/\s*[\r\n]\s*/g, ' ');
}
