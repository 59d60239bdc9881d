import { describe, isObject, type Json, type JsonObject, readFilters } from './filter.js';
import { NOTIFICATION_NAMES, TOP_NAMES } from './known-names.js';
import { LIMITS } from './limits.js';
import { memberText } from './member-text.js';
import type { AuthenticateMessage, Dialect, Notification, PeerMessage, Publication, PublishMessage, SubscribeMessage } from './messages.js';
import { parseKnown } from './parse-known.js';
import { type ErrorCode, ProtocolError } from './protocol-error.js';
import { readResume } from './read-resume.js';
import { MOST, readSubscriptions, type SubscriptionBounds } from './read-subscriptions.js';
import { readString, readTopic } from './read-topic.js';
import { withId } from './refusal.js';
import { memberOf, type ScannedMessage, type ScannedObject, scan } from './scan.js';

/** A message as it came: its bytes, which are valid UTF-8, and the same as a string. */
export interface Received {
  readonly bytes: Uint8Array;
  readonly text: string;
  /**
   * Whether a notification in it is only to be matched, and relayed as the bytes that it is: then of its members its
   * topic and its filters are read, and the others, however large, are not built.
   */
  readonly isRelayed?: boolean;
}

const V1_PAYLOADS = ['subscriptions', 'notification', 'token'] as const;

/**
 * Reads what a peer sent to the broker.
 * @returns the message; a publication's `start` and `end` are bytes of `received`.
 * @throws ProtocolError and nothing else; with the message's `id` where a `wsn.v1` message has a valid one.
 */
export function decodePeerMessage(received: Received, dialect: Dialect, bounds: SubscriptionBounds = MOST): PeerMessage {
  const root = dialect === 'base' ? scan(received.bytes) : scanWithId(received);
  const message = parseRoot(received, root, 'a message is a JSON object');
  if (dialect === 'base') return readMessage({ message, root, dialect, bounds });
  const id = readId(message);
  try {
    const read = readMessage({ message, root, dialect, bounds });
    return id === undefined ? read : { ...read, id };
  } catch (error) {
    throw error instanceof ProtocolError ? withId(error, id) : error;
  }
}

/**
 * Reads what is published over HTTP or from a file: a notification bare, or wrapped as a publisher's message,
 * or `{"notifications": […]}`.
 * @throws ProtocolError and nothing else; the pointer of one in a list names its index.
 */
export function decodePublications(received: Received): {
  readonly isList: boolean;
  readonly key?: string;
  readonly publications: readonly Publication[];
} {
  const root = scan(received.bytes);
  const body = parseRoot(received, root, 'a notification is a JSON object');
  if (Object.hasOwn(body, 'sender')) {
    const message = readWrapped(body, root);
    return { isList: false, ...(message.key === undefined ? {} : { key: message.key }), publications: [message] };
  }
  if (!Object.hasOwn(body, 'notifications')) {
    if (Object.hasOwn(body, 'notification') && !Object.hasOwn(body, 'package')) {
      throw new ProtocolError('invalid-message', 'expected "server", found nothing', { path: '/sender' });
    }
    const notification = readNotification(body, root, '');
    // It is delivered as a member of an object, and that message must not be too deep either.
    const most = LIMITS.messageDepth - 1;
    if (root.levels > most) throw new ProtocolError('invalid-notification', `nested deeper than ${most} levels`);
    return { isList: false, publications: [{ notification, start: root.start, end: root.end }] };
  }
  refuseAmbiguous(root, [...TOP_NAMES, 'notifications'], 'invalid-message', '');
  if (body.key !== undefined) throw new ProtocolError('invalid-key', 'a list takes no key', { path: '/key' });
  if (body.notification !== undefined) {
    throw new ProtocolError('invalid-message', 'expected either one notification or a list, found both', { path: '/notification' });
  }
  const list = body.notifications;
  if (!Array.isArray(list)) {
    throw new ProtocolError('invalid-message', `expected an array of notifications, found ${describe(list)}`, { path: '/notifications' });
  }
  const inner = memberOf(root, 'notifications')?.inner ?? [];
  const publications = list.map((value: Json, index): Publication => {
    const span = inner[index] as ScannedObject;
    return { notification: readNotification(value, span, `/notifications/${index}`), start: span.start, end: span.end };
  });
  return { isList: true, publications };
}

function parseRoot({ bytes, text, isRelayed }: Received, root: ScannedObject, expectation: string): JsonObject {
  // The spans are bytes: in a text with others than ASCII characters they are no units of it.
  if (isRelayed && root.members.length > 0 && text.length === bytes.length) return parseKnown(text, root);
  return parseObject(text, expectation);
}

/** `JSON.parse` to an object, as a ProtocolError where it is none. */
export function parseObject(text: string, expectation: string): JsonObject {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    throw new ProtocolError('invalid-message', 'not JSON');
  }
  if (!isObject(value)) throw new ProtocolError('invalid-message', `${expectation}, found ${describe(value)}`);
  return value;
}

/** A message whose root has been parsed, and what it is read by. */
interface Parsed {
  readonly message: JsonObject;
  readonly root: ScannedObject;
  readonly dialect: Dialect;
  readonly bounds: SubscriptionBounds;
}

function readMessage(parsed: Parsed): PeerMessage {
  const { message, root, dialect } = parsed;
  refuseAmbiguous(root, TOP_NAMES, 'invalid-message', '');
  const { sender } = message;
  if (sender !== 'client' && sender !== 'server') {
    const found = typeof sender === 'string' && sender !== '' ? 'another string' : describe(sender);
    throw new ProtocolError('invalid-message', `expected "client" or "server", found ${found}`, { path: '/sender' });
  }
  if (dialect === 'v1') refuseSecondPayload(message);
  return readPayload(parsed);
}

function readPayload({ message, root, dialect, bounds }: Parsed): PeerMessage {
  if (message.sender === 'server') return readPublish(message, root, dialect);
  if (dialect === 'v1' && Object.hasOwn(message, 'token')) return readAuthenticate(message);
  return readSubscribe(message, dialect, bounds);
}

/** A publisher's message as the body of a request: nothing but that is a body with a `sender`. */
function readWrapped(body: JsonObject, root: ScannedObject): PublishMessage {
  refuseAmbiguous(root, TOP_NAMES, 'invalid-message', '');
  if (body.sender !== 'server') {
    const found = body.sender === 'client' ? '"client"' : describe(body.sender);
    throw new ProtocolError('invalid-message', `expected "server", found ${found}`, { path: '/sender' });
  }
  refuseSecondPayload(body);
  return readPublish(body, root, 'v1');
}

function readSubscribe(message: JsonObject, dialect: Dialect, bounds: SubscriptionBounds): SubscribeMessage {
  if (!Object.hasOwn(message, 'subscriptions')) {
    throw new ProtocolError('invalid-message', 'expected an array of subscriptions, found nothing', { path: '/subscriptions' });
  }
  const subscriptions = readSubscriptions(message.subscriptions, '/subscriptions', { bounds, dialect });
  if (dialect === 'base' || message.resume === undefined) return { kind: 'subscribe', subscriptions };
  return { kind: 'subscribe', subscriptions, resume: readResume(message.resume, subscriptions) };
}

function readPublish(message: JsonObject, root: ScannedObject, dialect: Dialect): PublishMessage {
  const member = memberOf(root, 'notification');
  if (!member) throw new ProtocolError('invalid-message', 'expected a notification, found nothing', { path: '/notification' });
  const notification = readNotification(message.notification, member.inner[0], '/notification');
  const { start, end } = member;
  if (dialect === 'base' || message.key === undefined) return { kind: 'publish', notification, start, end };
  return { kind: 'publish', notification, start, end, key: readKey(message.key, '/key') };
}

/**
 * Checks an idempotency key.
 * @throws ProtocolError `invalid-key`.
 */
export function readKey(value: Json | undefined, path: string): string {
  return readString({ value: value, maxBytes: LIMITS.keyBytes }, 'invalid-key', path);
}

function readAuthenticate(message: JsonObject): AuthenticateMessage {
  const { token } = message;
  if (typeof token === 'string' && token !== '') return { kind: 'authenticate', token };
  throw new ProtocolError('invalid-message', `expected a token (a non-empty string), found ${describe(token)}`, { path: '/token' });
}

function readNotification(value: Json | undefined, span: ScannedObject | undefined, path: string): Notification {
  if (!isObject(value) || !span) {
    throw new ProtocolError('invalid-notification', `expected a notification (an object), found ${describe(value)}`, { path });
  }
  refuseAmbiguous(span, NOTIFICATION_NAMES, 'invalid-notification', path);
  readTopic(value, 'invalid-notification', path);
  const filters = readFilters(value.filters, 'notification', `${path}/filters`);
  // Almost always they are what they will be: then the notification need not be copied.
  return value.filters === filters ? (value as unknown as Notification) : { ...(value as unknown as Notification), filters };
}

function readId(message: JsonObject): string | undefined {
  return message.id === undefined ? undefined : readString({ value: message.id, maxBytes: LIMITS.idBytes }, 'invalid-message', '/id');
}

/** a name that the protocol knows must stand once and be spelled plainly, so that every reader reads the same. */
function refuseAmbiguous(object: ScannedObject, names: readonly string[], code: ErrorCode, path: string): void {
  for (const member of object.members) {
    if ((member.count === 1 && !member.isEscaped) || !names.includes(member.name)) continue;
    const at = `${path}/${member.name}`;
    if (member.count > 1) throw new ProtocolError(code, 'expected the name once, found it twice', { path: at });
    if (member.isEscaped) throw new ProtocolError(code, 'expected the name without escapes', { path: at });
  }
}

function refuseSecondPayload(message: JsonObject): void {
  const found: string[] = [];
  for (const name of V1_PAYLOADS) if (Object.hasOwn(message, name)) found.push(name);
  if (found.length < 2) return;
  throw new ProtocolError('invalid-message', `expected one of ${V1_PAYLOADS.join(', ')}; found ${found.length}`, { path: `/${found[1]}` });
}

/** Scans a `wsn.v1` message; what is refused for its depth still has an `id` that the answer can repeat. */
function scanWithId(received: Received): ScannedMessage {
  try {
    return scan(received.bytes);
  } catch (error) {
    throw error instanceof ProtocolError ? withId(error, idIn(received.text)) : error;
  }
}

/** To build a message only for its id would be the dearest that a peer could ask for: a list for each byte. */
function idIn(text: string): string | undefined {
  const id = memberText(text, 'id')?.trim();
  if (!id?.startsWith('"')) return undefined;
  try {
    return readId({ id: JSON.parse(id) as Json });
  } catch {
    return undefined;
  }
}
