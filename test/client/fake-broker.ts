import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** A peer of the fake broker, with all that it has said. */
export interface FakePeer {
  readonly socket: WebSocket;
  /** The subprotocols that the client offered. */
  readonly offered: readonly string[];
  readonly messages: string[];
  say(message: object): void;
  /** The message at `index`, when it has come. */
  heard(index: number): Promise<string>;
}

export interface FakeBroker extends AsyncDisposable {
  readonly url: string;
  readonly peers: FakePeer[];
  /** The peer at `index`, when it has connected. */
  peer(index: number): Promise<FakePeer>;
}

export const HELLO = { sender: 'server', hello: { version: 1, connection: 'c1', heartbeatMs: 25_000, jitterMs: 0 } };

export interface FakeOptions {
  /** Whether it selects the subprotocol that is offered; it says hello then. A function is asked for each peer. */
  readonly speaksV1?: boolean | (() => boolean);
  /** Instead of the usual hello; false: none. */
  readonly hello?: object | false;
  /** What it does with each new peer; index 0 is the first. */
  onPeer?(peer: FakePeer, index: number): void;
}

/** Does what the real broker cannot be made to do: silence, strange closes, answers out of order. */
export async function startFakeBroker({ speaksV1 = true, hello = HELLO, onPeer }: FakeOptions = {}): Promise<FakeBroker> {
  const peers: FakePeer[] = [];
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    handleProtocols: (offered) => ((typeof speaksV1 === 'function' ? speaksV1() : speaksV1) ? ([...offered][0] ?? false) : false),
  });
  await new Promise((resolve) => server.once('listening', resolve));
  server.on('connection', (socket, request) => {
    const messages: string[] = [];
    socket.on('message', (data) => messages.push(String(data)));
    socket.on('error', () => {});
    const peer: FakePeer = {
      socket,
      offered: (request.headers['sec-websocket-protocol'] ?? '').split(',').filter((name) => name !== ''),
      messages,
      say: (message) => socket.send(JSON.stringify(message)),
      heard: (index) => eventually(() => messages[index], `message ${index} from the client`),
    };
    peers.push(peer);
    if (socket.protocol !== '' && hello) peer.say(hello);
    onPeer?.(peer, peers.length - 1);
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    peers,
    peer: (index) => eventually(() => peers[index], `connection ${index}`),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        for (const socket of server.clients) socket.terminate();
        server.close(() => resolve());
      }),
  };
}

/** Asks again every few ms until there is an answer; rejects after 5 s. */
export async function eventually<T>(ask: () => T | undefined | false, what: string): Promise<T> {
  const deadline = Date.now() + 5000;
  for (;;) {
    const answer = ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`waited 5 s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
