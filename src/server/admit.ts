import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { PublishRule } from './authorise.js';
import type { Admission } from './connection.js';
import type { Log } from './observe.js';
import type { Acceptor, WsSocket } from './ws-socket.js';

/** A request for an upgrade that the HTTP server handed over, with what came behind its head. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly raw: Duplex;
  readonly head: Buffer;
}

/** Why a handshake is refused: a status and a sentence for the one who reads the answer. */
interface Refusal {
  readonly status: number;
  readonly because: string;
}

const KEY = /^[+/0-9A-Za-z]{22}==$/;

/** Decides who comes in. */
export class Admitter {
  readonly #acceptor: Acceptor;
  readonly #rule: PublishRule;
  readonly #log: Log;
  readonly #isDraining: () => boolean;
  #count = 0;

  constructor(parts: { acceptor: Acceptor; rule: PublishRule; log: Log; isDraining: () => boolean }) {
    this.#acceptor = parts.acceptor;
    this.#rule = parts.rule;
    this.#log = parts.log;
    this.#isDraining = parts.isDraining;
  }

  /** Answers the request: 101 and `admitted`, or a refusal and the end of the socket. */
  admit(upgrade: Upgrade, admitted: (socket: WsSocket, admission: Admission) => void): void {
    const { request, raw } = upgrade;
    // First of all, for a socket may break at any moment, and an error without a listener ends the process.
    raw.on('error', ignore);
    const address = request.socket.remoteAddress ?? 'unknown';
    const refusal = this.#isDraining() ? { status: 503, because: 'the broker is shutting down' } : checkHandshake(request);
    if (refusal) {
      this.#log.warn({ address, status: refusal.status, because: refusal.because }, 'handshake refused');
      refuse(raw, refusal);
      return;
    }
    const mayPublish = this.#rule.allows({ address, headers: request.headers });
    this.#acceptor.accept(upgrade, (socket) => {
      // From here on `ws` listens for them.
      raw.off('error', ignore);
      this.#count++;
      admitted(socket, { id: `c${this.#count.toString(36)}`, address, mayPublish });
    });
  }
}

/** RFC 6455 section 4.2.1, as far as it concerns the request's head. */
function checkHandshake(request: IncomingMessage): Refusal | undefined {
  const { headers } = request;
  if (request.httpVersion !== '1.1') return { status: 400, because: 'a handshake is an HTTP/1.1 request' };
  if (request.method !== 'GET') return { status: 400, because: 'a handshake is a GET request' };
  if (headers.upgrade?.toLowerCase() !== 'websocket') return { status: 400, because: 'expected "Upgrade: websocket"' };
  if (headers.host === undefined) return { status: 400, because: 'expected a Host header' };
  const version = headers['sec-websocket-version'];
  if (version === undefined) return { status: 400, because: 'expected "Sec-WebSocket-Version: 13"' };
  if (version !== '13') return { status: 426, because: 'expected "Sec-WebSocket-Version: 13"' };
  if (!KEY.test(headers['sec-websocket-key'] ?? '')) return { status: 400, because: 'expected a Sec-WebSocket-Key of 16 bytes in base64' };
  return undefined;
}

function refuse(raw: Duplex, { status, because }: Refusal): void {
  const body = `${because}\n`;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Sec-WebSocket-Version: 13',
  ];
  if (status === 503) head.push('Retry-After: 5');
  raw.once('finish', () => raw.destroy());
  raw.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function ignore(): void {}
