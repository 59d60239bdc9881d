import { WebSocket } from 'ws';
import { type Client, type ClientOptions, createClient, type WebSocketConstructor } from '../../src/client/index.js';
import type { Notification, Subscription, Topic } from '../../src/protocol/index.js';
import { eventually, type FakePeer } from './fake-broker.js';

/** What a client has sent, as far as it is looked at here. */
export interface Said {
  readonly id?: string;
  readonly subscriptions?: readonly Subscription[];
  readonly resume?: readonly object[];
  readonly notification?: Notification;
  readonly key?: string;
}

/** A client that comes back at once. */
export function quickClient(url: string, options: Partial<ClientOptions> = {}): Client {
  return createClient({ url, WebSocket, backoff: { initialMs: 0, stableMs: 0 }, ...options });
}

export function isOpen(client: Pick<Client, 'state'>): Promise<boolean> {
  return eventually(() => client.state.kind === 'open', 'the open connection');
}

/** The message of the client at `index`, when it has come. */
export async function said(peer: FakePeer, index: number): Promise<Said> {
  return JSON.parse(await peer.heard(index)) as Said;
}

/** Answers the subscriptions at `index`: they are in force. */
export async function acknowledge(peer: FakePeer, index: number, topics: readonly object[] = []): Promise<Said> {
  const message = await said(peer, index);
  peer.say({ sender: 'server', id: message.id, subscribed: { topics } });
  return message;
}

/** Refuses the message at `index`. */
export async function refuse(peer: FakePeer, index: number, error: object = {}): Promise<Said> {
  const message = await said(peer, index);
  peer.say({ sender: 'server', id: message.id, error: { code: 'forbidden', message: 'not yours', retry: false, ...error } });
  return message;
}

/** Answers the publication at `index`. */
export async function confirm(peer: FakePeer, index: number): Promise<Said> {
  const message = await said(peer, index);
  const position = { epoch: 'k', offset: index + 1 };
  peer.say({ sender: 'server', id: message.id, receipt: { position, matched: 0, duplicate: false } });
  return message;
}

export function deliver(peer: FakePeer, topic: Topic, offset: number, data: unknown = offset): void {
  peer.say({ sender: 'server', notification: { ...topic, data }, position: { epoch: 'k', offset } });
}

/** A signal that counts who listens to it. */
export function countingSignal(): { readonly signal: AbortSignal; readonly abort: () => void; readonly listeners: () => number } {
  const controller = new AbortController();
  const { signal } = controller;
  let count = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    count++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    count--;
    remove(...args);
  };
  return { signal, abort: () => controller.abort(), listeners: () => count };
}

/** As a browser's, which does not say why it was not opened. `offers` keeps what each was made with. */
export function silentWebSocket() {
  const offers: (readonly string[])[] = [];
  class Silent extends WebSocket {
    constructor(url: string, protocols: string[] = []) {
      super(url, protocols);
      offers.push(protocols);
      this.on('error', () => {});
    }
    override addEventListener(type: string, listener: unknown): void {
      if (type !== 'error') super.addEventListener(type as 'open', listener as () => void);
    }
  }
  return { offers, WebSocket: Silent as unknown as WebSocketConstructor };
}
