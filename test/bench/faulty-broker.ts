import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** What a delivery becomes: the texts to send to its receiver, and to somebody else who did not ask for it. */
export interface Handling {
  readonly toReceiver: readonly string[];
  readonly toOther?: readonly string[];
}

export interface FaultyBrokerOptions {
  /** Asked for each delivery of the load, numbered from 1 over all subscribers; by default each is sent as it is. */
  readonly handle?: (number: number, text: string) => Handling;
  readonly delayMs?: number;
  /** Selects `wsn.v1` and answers with receipts; else publishers are closed with 1000. */
  readonly speaksV1?: boolean;
  /** Asked for each notification that is published; a sentence refuses it. */
  readonly refuse?: (text: string) => string | undefined;
  /** Asked for each notification of the load that is published; true breaks the publisher's line instead of an answer. */
  readonly breakOff?: (text: string) => boolean;
}

interface Message {
  readonly sender: string;
  readonly id?: string;
  readonly subscriptions?: readonly { readonly filters: { readonly values: { readonly channel: readonly string[] } } }[];
  readonly notification?: {
    readonly data?: { readonly index?: string };
    readonly filters?: { readonly values: { readonly channel: string } };
  };
}

/** A broker that knows channels only and makes the faults that it is told to make: what it did is known exactly. */
export async function startFaultyBroker(options: FaultyBrokerOptions = {}) {
  const { handle = asItIs, delayMs = 0, speaksV1 = false, refuse = () => undefined, breakOff = () => false } = options;
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: () => (speaksV1 ? 'wsn.v1' : false) });
  await once(server, 'listening');
  const channels = new Map<WebSocket, string>();
  let deliveries = 0;

  const send = (socket: WebSocket | undefined, texts: readonly string[] = []) => {
    for (const text of texts) {
      if (delayMs === 0) socket?.send(text);
      else setTimeout(() => socket?.send(text), delayMs);
    }
  };
  const fanOut = ({ data, filters }: NonNullable<Message['notification']>, text: string) => {
    const channel = filters?.values.channel;
    const others = [...channels].filter(([, own]) => own !== channel).map(([socket]) => socket);
    for (const [socket, own] of channels) {
      if (own !== channel) continue;
      const { toReceiver, toOther } = isOfLoad(data) ? handle(++deliveries, text) : asItIs(0, text);
      send(socket, toReceiver);
      send(others[0], toOther);
    }
  };
  const publish = (socket: WebSocket, { id, notification }: Message, bytes: string) => {
    if (isOfLoad(notification?.data) && breakOff(bytes)) {
      socket.terminate();
      return;
    }
    const refusal = refuse(bytes);
    if (speaksV1) {
      const answer = refusal ? { error: { code: 'forbidden', message: refusal, retry: false } } : { receipt: RECEIPT };
      if (!refusal && notification) fanOut(notification, bytes);
      socket.send(JSON.stringify({ sender: 'server', id, ...answer }));
    } else {
      if (!refusal && notification) fanOut(notification, bytes);
      socket.close(refusal ? 4403 : 1000, refusal);
    }
  };
  server.on('connection', (socket) => {
    socket.on('error', () => {});
    socket.on('close', () => channels.delete(socket));
    socket.on('message', (data) => {
      const text = String(data);
      const message = JSON.parse(text) as Message;
      const channel = message.subscriptions?.[0]?.filters.values.channel[0];
      if (channel !== undefined) channels.set(socket, channel);
      else publish(socket, message, `{"sender":"server","notification":${text.slice(text.indexOf('"notification":') + 15)}`);
    });
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Ends every connection, as a broker that dies does. */
    hangUp() {
      for (const socket of server.clients) socket.close(1011, 'it died');
    },
    get connections() {
      return server.clients.size;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const RECEIPT = { position: { epoch: 'e', offset: 1 }, matched: 0, duplicate: false };

/** Canaries, by which a run finds out who listens, have no number. */
function isOfLoad(data: { readonly index?: string } | undefined): boolean {
  return /^\d/.test(data?.index ?? '');
}

function asItIs(_: number, text: string): Handling {
  return { toReceiver: [text] };
}
