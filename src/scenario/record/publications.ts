import { decodePublications, isObject, type Json, type Notification, type Position, type PublishMessage } from '../../protocol/index.js';
import { memberOf, scan } from '../../protocol/scan.js';
import { type Answer, answersOf, isClosedFor, parse } from './answers.js';
import type { Exchange, Line, Saying, Story } from './story.js';

/** Who published, and how that is done again. */
export type Source =
  /** By a publisher of its own; `code` closed it where that was no success. */
  | { readonly kind: 'ephemeral'; readonly code?: number | undefined }
  | { readonly kind: 'line'; readonly line: Line; readonly message: PublishMessage; readonly answer: Answer | undefined }
  | { readonly kind: 'http'; readonly exchange: Exchange }
  /** Sent by a step that cannot name it: it is recognised by its value. */
  | { readonly kind: 'raw' }
  /** Not seen: it did not pass here, and only its deliveries tell of it. */
  | { readonly kind: 'elsewhere' };

/** A notification that was published, or has to have been. */
export interface Publication {
  /** Where it stands among the events; between two of them where it was not seen. */
  place: number;
  readonly atMs: number;
  /** The event at which the server had taken it at the latest. */
  readonly takenAt: number;
  readonly source: Source;
  /** The notification as JSON text. */
  readonly text: string;
  readonly notification: Notification;
  /** Where it stands in its topic, as soon as that is known. */
  position: Position | undefined;
}

/** Codes with which a publisher may be closed that was served. */
const SERVED = [1000, 1005, 1006];

/** All that was seen to be published, in the order of time. */
export function findPublications({ lines, exchanges, length }: Story): Publication[] {
  const found = [
    ...lines
      .filter(({ status }) => status === 101)
      .flatMap((line) => (line.isEphemeral ? ofPublisher(line, length) : ofLine(line, length))),
    ...exchanges.flatMap(ofExchange),
  ];
  return found.toSorted((a, b) => a.place - b.place);
}

/** Makes a publication of one that was not seen. */
export function elsewhere(text: string, at: { readonly place: number; readonly atMs: number; readonly position: Position | undefined }) {
  const notification = parse(text);
  if (typeof notification?.package !== 'string' || typeof notification.page !== 'string') return undefined;
  const publication: Publication = {
    ...at,
    takenAt: at.place,
    source: { kind: 'elsewhere' },
    text,
    notification: notification as unknown as Notification,
  };
  return publication;
}

/** The bytes of the member `notification` of a message, as text. */
export function notificationText(message: string): string | undefined {
  const bytes = Buffer.from(message);
  try {
    const member = memberOf(scan(bytes), 'notification');
    return member && bytes.toString('utf8', member.start, member.end);
  } catch {
    return undefined;
  }
}

function ofPublisher(line: Line, length: number): Publication[] {
  const closing = line.moments.find((moment) => moment.kind === 'closing');
  const code = closing?.by === 'server' && !SERVED.includes(closing.code) ? closing.code : undefined;
  const takenAt = line.moments.find(({ kind }) => kind === 'closing' || kind === 'ended')?.index ?? length;
  return line.said.flatMap((saying) => published(saying, { source: { kind: 'ephemeral', code }, takenAt }));
}

/** A base peer is closed when it has published, so that only its last notification can come from itself when all is done again. */
function ofLine(line: Line, length: number): Publication[] {
  const answers = answersOf(line);
  const closedAt = line.moments.find(({ kind }) => kind === 'closing' || kind === 'ended')?.index ?? length;
  const last = line.said.findLast(({ message }) => message?.kind === 'publish');
  return line.said.flatMap((saying) => {
    const { message } = saying;
    if (message?.kind !== 'publish') return rawOf(saying, closedAt);
    const answer = answers.get(saying.index);
    if (isClosedFor(saying, line, answer)) return [];
    const source: Source = line.dialect === 'base' && saying !== last ? { kind: 'ephemeral' } : { kind: 'line', line, message, answer };
    const takenAt = answer?.index ?? closedAt;
    return published(saying, { source, takenAt, position: receiptPosition(answer?.message) });
  });
}

function published(
  { index, atMs, text, message }: Saying,
  { source, takenAt, position }: { readonly source: Source; readonly takenAt: number; readonly position?: Position | undefined },
): Publication[] {
  if (message?.kind !== 'publish') return [];
  const { start, end, notification } = message;
  return [{ place: index, atMs, takenAt, source, text: Buffer.from(text).toString('utf8', start, end), notification, position }];
}

/** What another server may take for a notification though the protocol refuses it. */
function rawOf({ index, atMs, text }: Saying, takenAt: number): Publication[] {
  const message = parse(text);
  const inner = message?.sender === 'server' ? message.notification : undefined;
  if (!isObject(inner) || typeof inner.package !== 'string' || typeof inner.page !== 'string') return [];
  const notification = inner as unknown as Notification;
  return [{ place: index, atMs, takenAt, source: { kind: 'raw' }, text: JSON.stringify(inner), notification, position: undefined }];
}

function ofExchange(exchange: Exchange): Publication[] {
  const { request, index, atMs, answeredAt, status } = exchange;
  if (request.method !== 'POST' || !request.path.startsWith('/notify') || status !== 200) return [];
  const answer = parse(exchange.body);
  try {
    const { isList, publications } = decodePublications({ bytes: request.body, text: request.body.toString('utf8') });
    const isBare = !isList && !Object.hasOwn(parse(request.body.toString('utf8')) ?? {}, 'sender');
    const source: Source = isBare && isOrdinary(exchange) ? { kind: 'http', exchange } : { kind: 'raw' };
    const receipts = isList && Array.isArray(answer?.receipts) ? (answer.receipts as readonly Json[]) : [answer?.receipt];
    return publications.map(({ notification, start, end }, at) => {
      const receipt = receipts[at];
      const position = isObject(receipt) ? positionOf(receipt.position) : undefined;
      const text = request.body.toString('utf8', start, end);
      return { place: index, atMs, takenAt: answeredAt, source, text, notification, position };
    });
  } catch {
    return [];
  }
}

/** Whether a `notify` sends the same request. */
function isOrdinary({ request }: Exchange): boolean {
  const names = Object.keys(request.headers).map((name) => name.toLowerCase());
  const type = Object.entries(request.headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  return request.path === '/notify' && type === 'application/json' && names.length === 1;
}

function receiptPosition(message: { readonly [name: string]: Json } | undefined): Position | undefined {
  const receipt = message?.receipt;
  return isObject(receipt) ? positionOf(receipt.position) : undefined;
}

/** A position as it stands in a message. */
export function positionOf(value: Json | undefined): Position | undefined {
  if (!isObject(value) || typeof value.epoch !== 'string' || typeof value.offset !== 'number') return undefined;
  return { epoch: value.epoch, offset: value.offset };
}
