import { openPeer, type Peer, type PeerClose, type PeerOptions } from '../../src/peer/index.js';
import { type Json, SUBPROTOCOL, type Subscription } from '../../src/protocol/index.js';
import type { Broker } from '../../src/server/index.js';

/** The topic of most examples. */
export const TOPIC = { package: 'amaiia_msg_srv', page: 'messages' };

/** Subscribes to all of `TOPIC`. */
export const EVERYTHING: readonly Subscription[] = [TOPIC];

/** What a broker says, parsed. */
export type Said = { readonly [name: string]: Json } & {
  readonly id?: string;
  readonly notification?: { readonly data?: Json };
  readonly position?: { readonly epoch: string; readonly offset: number };
};

/** Opens a peer of the base protocol. */
export function connect(broker: Broker, options: Partial<PeerOptions> = {}): Promise<Peer> {
  return openPeer({ host: '127.0.0.1', port: broker.port, ...options });
}

/** Opens a peer of `wsn.v1` and takes its hello out of the inbox. */
export async function connectV1(broker: Broker, options: Partial<PeerOptions> = {}): Promise<Peer> {
  const peer = await connect(broker, { subprotocols: [SUBPROTOCOL], ...options });
  if (!options.onMessage) await peer.next({ what: 'the hello' });
  return peer;
}

/** The text of a message of subscriptions. */
export function subscriptionsText(subscriptions: readonly object[], more: object = {}): string {
  return JSON.stringify({ sender: 'client', ...more, subscriptions });
}

/** Opens a peer of the base protocol whose subscriptions are in force (R-2.8). */
export async function subscriber(
  broker: Broker,
  subscriptions: readonly object[] = EVERYTHING,
  options: Partial<PeerOptions> = {},
): Promise<Peer> {
  const peer = await connect(broker, options);
  await subscribe(peer, subscriptions);
  return peer;
}

/** Replaces a base peer's set and waits until it is in force (R-2.8). */
export async function subscribe(peer: Peer, subscriptions: readonly object[]): Promise<void> {
  peer.send(subscriptionsText(subscriptions));
  await peer.barrier();
}

/** Sends a message of a `wsn.v1` peer and returns the next thing that it hears. */
export async function ask(peer: Peer, message: object | string): Promise<Said> {
  peer.send(typeof message === 'string' ? message : JSON.stringify(message));
  return said(peer);
}

/** The next message of a peer, parsed. */
export async function said(peer: Peer): Promise<Said> {
  return JSON.parse(await peer.next()) as Said;
}

/** A publisher's message; the text of a notification is taken as it is. */
export function publication(notification: object | string, more: object = {}): string {
  const json = typeof notification === 'string' ? notification : JSON.stringify(notification);
  const members = JSON.stringify(more).slice(1, -1);
  return `{"sender":"server",${members === '' ? '' : `${members},`}"notification":${json}}`;
}

/** What the back-end does: open, send, wait for the close (R-2.10). */
export async function publish(broker: Broker, notification: object | string): Promise<PeerClose> {
  await using peer = await connect(broker);
  peer.send(publication(notification));
  return await peer.closed;
}

/** A notification of `TOPIC` that carries `data`. */
export function notice(data: Json, filters: Json = {}): object {
  return { ...TOPIC, filters, data };
}

/** The `data` of what a peer hears next. */
export async function nextData(peer: Peer): Promise<Json | undefined> {
  return (await said(peer)).notification?.data;
}

/** Publishes `count` notices from 1 up on one persistent connection and waits for the last receipt. */
export async function publishMany(broker: Broker, count: number, filters: Json = {}): Promise<void> {
  await using peer = await connectV1(broker);
  for (let data = 1; data <= count; data++) peer.send(publication(notice(data, filters)));
  for (let receipts = 0; receipts < count; receipts++) await peer.next({ what: 'a receipt', timeoutMs: 15_000 });
}
