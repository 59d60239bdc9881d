import type { ChalkInstance } from 'chalk';
import { readableLine } from '../subscribe/delivery-line.js';
import { escapeJson } from '../terminal/escape-json.js';
import type { LoggedNotification } from './log-contents.js';

/** One JSON object, as `wsn subscribe` prints it: the notification as it was published, and its position. */
export function jsonLine(notification: LoggedNotification): string {
  return escapeJson(`{${members(notification)}}`);
}

/** The same as a publisher's message, which `wsn notify --file` takes, with the time when it came. */
export function exportLine(notification: LoggedNotification): string {
  return escapeJson(`{"sender":"server",${members(notification)},"at":"${new Date(notification.at).toISOString()}"}`);
}

/** For people: date, and what `wsn subscribe` shows. */
export function textLine(notification: LoggedNotification, pen: ChalkInstance): string {
  const at = new Date(notification.at);
  const text = `{"notification":${notification.payload.toString()}}`;
  const delivery = { ...JSON.parse(text), position: notification.position, text };
  const day = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((number) => String(number).padStart(2, '0')).join('-');
  return `${pen.dim(day)} ${readableLine(delivery, at, pen)}`;
}

/** Line breaks stand between the values of JSON, never inside them, so they can go. */
function members({ payload, position }: LoggedNotification): string {
  return `"notification":${payload.toString().replace(/\s*[\r\n]\s*/g, ' ')},"position":${JSON.stringify(position)}`;
}
