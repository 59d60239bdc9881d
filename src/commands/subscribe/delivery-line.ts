import type { ChalkInstance } from 'chalk';
import type { Delivery } from '../../client/index.js';
import { escapeJson } from '../terminal/escape-json.js';
import { escapeText } from '../terminal/escape-text.js';
import { deliveryText } from './delivery-text.js';

/** One JSON object: the notification as it came, but for characters that could act on a terminal, and, with `wsn.v1`, its position. */
export function jsonLine(delivery: Delivery): string {
  const position = delivery.position ? `,"position":${JSON.stringify(delivery.position)}` : '';
  return escapeJson(`{"notification":${deliveryText(delivery).notification}${position}}`);
}

/** A line for people: time, topic and position, message, data. */
export function readableLine(delivery: Delivery, at: Date, pen: ChalkInstance): string {
  const { notification, position } = delivery;
  const { data } = deliveryText(delivery);
  const { message } = notification;
  const parts = [
    pen.dim(at.toTimeString().slice(0, 8)),
    `${pen.cyan(escapeText(`${notification.package}/${notification.page}`))}${position ? pen.dim(` #${position.offset}`) : ''}`,
    message === undefined ? undefined : pen.bold(escapeText(typeof message === 'string' ? message : JSON.stringify(message))),
    data === undefined ? undefined : escapeText(data),
  ];
  return parts.filter((part) => part !== undefined).join('  ');
}
