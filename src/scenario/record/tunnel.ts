import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { connectSocket, readAnswer, reset } from '../../peer/index.js';
import { type Endpoint, hostOf } from '../client/endpoint.js';
import type { LineEvent } from './event.js';
import { MessageTap, type TapListener } from './message-tap.js';
import { handshakeOf } from './secrets.js';

/** A client that wants to become a WebSocket. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** What came right behind the request. */
  readonly head: Buffer;
}

/** Who is told. */
export interface TunnelListener {
  readonly onEvent: (event: LineEvent) => void;
  /** The server could not be reached for this client. */
  readonly onFailure: (error: Error) => void;
}

/**
 * Joins a client and the server: every byte passes as it is, but for the `Host` of the handshake, which names the server, and the
 * extensions, which are not offered: a compressed message could not be read.
 * @returns what ends both connections at once.
 */
export function tunnel({ request, socket, head }: Upgrade, endpoint: Endpoint, { onEvent, onFailure }: TunnelListener): () => void {
  const server = connectSocket(endpoint);
  const taps = { client: tap('client', onEvent), server: tap('server', onEvent) };
  const answer = new AnswerReader((status, subprotocol, rest) => {
    onEvent({ kind: 'opened', status, subprotocol });
    if (status === 101) taps.server.push(rest);
    return status === 101;
  });
  onEvent({ kind: 'opening', handshake: handshakeOf(request) });
  socket.on('data', (chunk: Buffer) => taps.client.push(chunk));
  server.on('data', (chunk: Buffer) => {
    if (answer.isOpen) taps.server.push(chunk);
    else answer.take(chunk);
  });
  taps.client.push(head);
  tellEnd({ client: socket, server }, onEvent);
  socket.on('error', () => reset(server));
  server.on('error', (error) => {
    if (answer.hasBegun) socket.destroy(error);
    else {
      socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      onFailure(error);
    }
  });
  server.write(Buffer.concat([Buffer.from(requestText(request, endpoint), 'latin1'), head]));
  socket.pipe(server);
  server.pipe(socket);
  return () => {
    socket.destroy();
    server.destroy();
  };
}

function tap(by: 'client' | 'server', onEvent: TunnelListener['onEvent']): MessageTap {
  const listener: TapListener = {
    message: (text) => onEvent({ kind: by === 'client' ? 'said' : 'heard', text }),
    closing: (code, reason) => onEvent({ kind: 'closing', by, code, reason }),
    odd: (frame) => {
      if (by === 'client') onEvent({ kind: 'odd', frame });
    },
  };
  return new MessageTap(by === 'client', listener);
}

/** Tells once who has ended the connection. */
function tellEnd(sides: Readonly<Record<'client' | 'server', Duplex>>, onEvent: TunnelListener['onEvent']): void {
  let isTold = false;
  for (const by of ['client', 'server'] as const) {
    const tell = () => {
      if (!isTold) onEvent({ kind: 'ended', by });
      isTold = true;
    };
    sides[by].once('end', tell);
    sides[by].once('error', tell);
  }
}

/** Waits for the head of the answer to a handshake. */
class AnswerReader {
  readonly #onAnswer: (status: number, subprotocol: string | undefined, rest: Buffer) => boolean;
  #bytes: Buffer = Buffer.alloc(0);
  #isDone = false;
  /** Whether frames follow. */
  isOpen = false;

  /** @param onAnswer tells whether frames follow. */
  constructor(onAnswer: (status: number, subprotocol: string | undefined, rest: Buffer) => boolean) {
    this.#onAnswer = onAnswer;
  }

  get hasBegun(): boolean {
    return this.#isDone || this.#bytes.length > 0;
  }

  take(chunk: Buffer): void {
    if (this.#isDone) return;
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    try {
      const answer = readAnswer(this.#bytes);
      if (!answer) return;
      this.#isDone = true;
      this.isOpen = this.#onAnswer(answer.status, answer.headers['sec-websocket-protocol'], answer.rest);
    } catch {
      this.#isDone = true; // no HTTP: it passes, and there is nothing to be recorded
    }
  }
}

function requestText({ method, url = '/', httpVersion, rawHeaders }: IncomingMessage, endpoint: Endpoint): string {
  const host = hostOf(endpoint);
  const lines: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (/^sec-websocket-extensions$/i.test(name)) continue;
    lines.push(`${name}: ${/^host$/i.test(name) ? host : rawHeaders[at + 1]}`);
  }
  return [`${method} ${url === '/' ? endpoint.path : url} HTTP/${httpVersion}`, ...lines, '', ''].join('\r\n');
}
