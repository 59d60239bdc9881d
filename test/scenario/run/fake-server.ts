import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { acceptFor, closePayload, type Frame, FrameParser, type FrameSpec, OPCODE, writeFrame } from '../../../src/peer/index.js';
import { decodePeerMessage, matches, type PeerMessage, SUBPROTOCOL, type Subscription } from '../../../src/protocol/index.js';

type Message<K extends PeerMessage['kind']> = Extract<PeerMessage, { kind: K }>;

/** What a server does when something happens; a test replaces what it wants to be wrong, or late, or missing. */
export interface Habits {
  /** The head of the answer to an upgrade. */
  answer(request: IncomingMessage, head: string): string;
  opened(connection: FakeConnection): void;
  subscribe(connection: FakeConnection, message: Message<'subscribe'>): void;
  /** Hands a notification out, and answers the publisher. */
  publish(connection: FakeConnection, notification: string, message: Message<'publish'>): void;
  /** Hands a notification to one connection that wants it. */
  deliver(connection: FakeConnection, notification: string): void;
  ping(connection: FakeConnection, payload: Buffer): void;
  /** A close frame came. */
  closed(connection: FakeConnection, payload: Buffer): void;
  /** A request without an upgrade. */
  http(request: IncomingMessage, body: string, server: FakeServer): { readonly status: number; readonly body: string };
}

/** A small server that does what the protocol says: what a test replaces by `habits` of its own stands out. */
export const HABITS: Habits = {
  answer: (_, head) => head,
  opened: (connection) => connection.dialect === 'v1' && connection.text(hello(`c-${connection.number}`)),
  subscribe(connection, { id, subscriptions }) {
    connection.subscriptions = subscriptions;
    if (connection.dialect === 'v1') connection.text(JSON.stringify({ sender: 'server', id, subscribed: { topics: [] } }));
  },
  publish(connection, notification, { id }) {
    connection.server.publish(notification);
    if (connection.dialect === 'base') connection.close(1000);
    else connection.text(JSON.stringify({ sender: 'server', id, receipt: { position: { epoch: 'e', offset: 1 }, matched: 1 } }));
  },
  deliver: (connection, notification) => connection.deliver(notification),
  ping: (connection, payload) => connection.frame({ opcode: OPCODE.pong, payload }),
  closed(connection, payload) {
    if (!connection.hasClosed) connection.frame({ opcode: OPCODE.close, payload });
    connection.socket.end();
  },
  http(_, body, server) {
    server.publish(body);
    return { status: 200, body: '{"receipts":[]}' };
  },
};

export function hello(connection: string): string {
  return JSON.stringify({ sender: 'server', hello: { version: 1, connection, heartbeatMs: 25_000, jitterMs: 0 } });
}

/** One WebSocket connection, as the server sees it. */
export class FakeConnection {
  readonly server: FakeServer;
  readonly request: IncomingMessage;
  readonly socket: Socket;
  /** From 1, in the order of the handshakes. */
  readonly number: number;
  subscriptions: readonly Subscription[] = [];
  /** Text messages that came. */
  readonly messages: string[] = [];
  hasClosed = false;

  constructor(server: FakeServer, request: IncomingMessage, socket: Socket) {
    this.server = server;
    this.request = request;
    this.socket = socket;
    this.number = server.connections.length + 1;
  }

  get dialect(): 'base' | 'v1' {
    return this.request.headers['sec-websocket-protocol']?.includes(SUBPROTOCOL) ? 'v1' : 'base';
  }

  frame(spec: FrameSpec): void {
    if (this.socket.writable) this.socket.write(writeFrame({ mask: false, ...spec }));
  }

  text(text: string): void {
    this.frame({ opcode: OPCODE.text, payload: text });
  }

  deliver(notification: string): void {
    this.text(`{"sender":"server","notification":${notification}}`);
  }

  close(code?: number, reason?: string): void {
    this.hasClosed = true;
    this.frame({ opcode: OPCODE.close, payload: closePayload(code, reason) });
  }
}

/** A server on a port of its own; disposal ends every connection. */
export class FakeServer implements AsyncDisposable {
  readonly connections: FakeConnection[] = [];
  readonly habits: Habits;
  readonly #sockets = new Set<Socket>();
  readonly #http = createServer((request, response) => {
    void textOf(request).then((body) => {
      const answer = this.habits.http(request, body, this);
      response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(answer.body);
    });
  });

  constructor(habits: Partial<Habits>) {
    this.habits = { ...HABITS, ...habits };
    this.#http.on('connection', (socket: Socket) => {
      this.#sockets.add(socket.setNoDelay(true).on('error', () => {}));
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket as Socket, head));
  }

  async listen(): Promise<this> {
    await once(this.#http.listen(0, '127.0.0.1'), 'listening');
    return this;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  /** Connections that there are now. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Hands a notification to every connection that wants it. */
  publish(notification: string): void {
    const parsed = JSON.parse(notification) as Subscription;
    for (const connection of this.connections) {
      if (connection.subscriptions.some((one) => matches(one, parsed))) this.habits.deliver(connection, notification);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #upgrade(request: IncomingMessage, socket: Socket, first: Buffer): void {
    const connection = new FakeConnection(this, request, socket);
    const parser = new FrameParser((frame) => this.#onFrame(connection, frame));
    socket.write(this.habits.answer(request, headFor(request)));
    this.connections.push(connection);
    this.habits.opened(connection);
    socket.on('data', (chunk: Buffer) => parser.push(chunk));
    socket.on('end', () => socket.end());
    if (first.length > 0) parser.push(first);
  }

  #onFrame(connection: FakeConnection, { opcode, payload }: Frame): void {
    if (opcode === OPCODE.ping) this.habits.ping(connection, Buffer.from(payload));
    if (opcode === OPCODE.close) this.habits.closed(connection, Buffer.from(payload));
    if (opcode === OPCODE.text) this.#onMessage(connection, payload);
  }

  #onMessage(connection: FakeConnection, bytes: Buffer): void {
    const text = bytes.toString();
    connection.messages.push(text);
    try {
      const message = decodePeerMessage({ bytes, text }, connection.dialect);
      if (message.kind === 'subscribe') this.habits.subscribe(connection, message);
      if (message.kind === 'publish') this.habits.publish(connection, bytes.toString('utf8', message.start, message.end), message);
    } catch (error) {
      connection.close(4400, (error as Error).message.slice(0, 100));
    }
  }
}

export function startFakeServer(habits: Partial<Habits> = {}): Promise<FakeServer> {
  return new FakeServer(habits).listen();
}

function headFor({ headers }: IncomingMessage): string {
  const accept = acceptFor(headers['sec-websocket-key'] ?? '');
  const protocol = headers['sec-websocket-protocol']?.includes(SUBPROTOCOL) ? `Sec-WebSocket-Protocol: ${SUBPROTOCOL}\r\n` : '';
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${protocol}\r\n`;
}
