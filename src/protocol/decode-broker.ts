import { parseObject } from './decode.js';
import { describe, isObject, type Json, type JsonObject } from './filter.js';
import type { BrokerMessage, ErrorDetail, Hello, Notification, Position, Receipt, SubscribedTopic } from './messages.js';
import { ProtocolError } from './protocol-error.js';

/**
 * Reads what a broker sent to a peer.
 * @returns the message, or `undefined` for one whose payload a later version of the protocol may have brought.
 * @throws ProtocolError and nothing else.
 */
export function decodeBrokerMessage(text: string): BrokerMessage | undefined {
  const message = parseObject(text, 'a message is a JSON object');
  if (message.sender !== 'server') {
    throw new ProtocolError('invalid-message', `expected "server", found ${describe(message.sender)}`, { path: '/sender' });
  }
  const withId = typeof message.id === 'string' ? { id: message.id } : {};
  if (message.notification !== undefined) {
    const notification = object(message.notification, '/notification') as unknown as Notification;
    if (message.position === undefined) return { kind: 'notification', notification };
    return { kind: 'notification', notification, position: position(message.position, '/position') };
  }
  if (message.hello !== undefined) return { kind: 'hello', hello: hello(object(message.hello, '/hello')) };
  if (message.subscribed !== undefined) {
    const topics = list(object(message.subscribed, '/subscribed').topics, '/subscribed/topics', topicPosition);
    return { kind: 'subscribed', ...withId, topics: topics as readonly SubscribedTopic[] };
  }
  if (message.receipt !== undefined) return { kind: 'receipt', ...withId, receipt: receipt(object(message.receipt, '/receipt')) };
  if (message.error !== undefined) return { kind: 'error', ...withId, error: errorDetail(object(message.error, '/error')) };
  if (message.mark !== undefined) return { kind: 'mark', topics: list(message.mark, '/mark', topicPosition) };
  if (message.reset !== undefined) return { kind: 'reset', topics: list(message.reset, '/reset', topicPosition) };
  if (message.authenticated !== undefined) {
    const { expiresAt } = object(message.authenticated, '/authenticated');
    if (expiresAt === undefined) return { kind: 'authenticated', ...withId };
    return { kind: 'authenticated', ...withId, expiresAt: number(expiresAt, '/authenticated/expiresAt') };
  }
  return undefined;
}

function hello(value: JsonObject): Hello {
  if (value.version !== 1) throw new ProtocolError('invalid-message', 'expected version 1', { path: '/hello/version' });
  return {
    version: 1,
    connection: string(value.connection, '/hello/connection'),
    heartbeatMs: number(value.heartbeatMs, '/hello/heartbeatMs'),
    jitterMs: number(value.jitterMs, '/hello/jitterMs'),
  };
}

function receipt(value: JsonObject): Receipt {
  return {
    position: position(value.position, '/receipt/position'),
    matched: number(value.matched, '/receipt/matched'),
    duplicate: value.duplicate === true,
  };
}

function errorDetail(value: JsonObject): ErrorDetail {
  return {
    code: string(value.code, '/error/code') as ErrorDetail['code'],
    message: string(value.message, '/error/message'),
    retry: value.retry === true,
    ...(typeof value.path === 'string' ? { path: value.path } : {}),
  };
}

function position(value: Json | undefined, path: string): Position {
  const found = object(value, path);
  return { epoch: string(found.epoch, `${path}/epoch`), offset: number(found.offset, `${path}/offset`) };
}

function topicPosition(value: Json, path: string): SubscribedTopic {
  const found = object(value, path);
  return {
    package: string(found.package, `${path}/package`),
    page: string(found.page, `${path}/page`),
    ...position(found, path),
    ...(typeof found.recovered === 'boolean' ? { recovered: found.recovered } : {}),
    ...(typeof found.replayed === 'number' ? { replayed: found.replayed } : {}),
    ...(typeof found.rewound === 'number' ? { rewound: found.rewound } : {}),
    ...(typeof found.complete === 'boolean' ? { complete: found.complete } : {}),
    ...(found.narrowed === true ? { narrowed: true as const } : {}),
  };
}

function list<T>(value: Json | undefined, path: string, read: (entry: Json, path: string) => T): readonly T[] {
  if (!Array.isArray(value)) throw new ProtocolError('invalid-message', `expected an array, found ${describe(value)}`, { path });
  return value.map((entry: Json, index) => read(entry, `${path}/${index}`));
}

function object(value: Json | undefined, path: string): JsonObject {
  if (isObject(value)) return value;
  throw new ProtocolError('invalid-message', `expected an object, found ${describe(value)}`, { path });
}

function string(value: Json | undefined, path: string): string {
  if (typeof value === 'string') return value;
  throw new ProtocolError('invalid-message', `expected a string, found ${describe(value)}`, { path });
}

function number(value: Json | undefined, path: string): number {
  if (typeof value === 'number') return value;
  throw new ProtocolError('invalid-message', `expected a number, found ${describe(value)}`, { path });
}
