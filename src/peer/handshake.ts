import { createHash, randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const MAX_HEAD_BYTES = 64 * 1024;

/** What the upgrade request says. */
export interface UpgradeOptions {
  readonly host: string;
  readonly port: number;
  /** `/` by default. */
  readonly path?: string;
  /** Headers to add or, by their names in any case, to replace; `undefined` leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Offered in this order; no header by default. */
  readonly subprotocols?: readonly string[];
}

/** The broker answered the upgrade with something else than 101. */
export class HandshakeRefused extends Error {
  override readonly name = 'HandshakeRefused';
  readonly status: number;
  /** By lower-case name; of a repeated header the last. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;

  constructor(answer: UpgradeAnswer) {
    super(`the handshake was refused with HTTP status ${answer.status}; expected 101`);
    this.status = answer.status;
    this.headers = answer.headers;
    this.body = answer.rest.toString();
  }
}

/** The answer to an upgrade request. */
export interface UpgradeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** With 101 the first bytes of frames, else the body. */
  readonly rest: Buffer;
  /** Whether the body is there as far as its Content-Length says. */
  readonly isComplete: boolean;
}

/** The text of an upgrade request (RFC 6455 section 4.1), and the Sec-WebSocket-Accept that must answer it. */
export function upgradeRequest(options: UpgradeOptions): { readonly text: string; readonly accept: string | undefined } {
  const headers = new Map<string, [name: string, value: string]>();
  const set = (name: string, value: string) => headers.set(name.toLowerCase(), [name, value]);
  set('Host', `${isIPv6(options.host) ? `[${options.host}]` : options.host}:${options.port}`);
  set('Upgrade', 'websocket');
  set('Connection', 'Upgrade');
  set('Sec-WebSocket-Key', randomBytes(16).toString('base64'));
  set('Sec-WebSocket-Version', '13');
  if (options.subprotocols?.length) set('Sec-WebSocket-Protocol', options.subprotocols.join(', '));
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (value === undefined) headers.delete(name.toLowerCase());
    else set(name, value);
  }
  const lines = [...headers.values()].map(([name, value]) => `${name}: ${value}`);
  const key = headers.get('sec-websocket-key')?.[1];
  return { text: [`GET ${options.path ?? '/'} HTTP/1.1`, ...lines, '', ''].join('\r\n'), accept: key && acceptFor(key) };
}

/** The Sec-WebSocket-Accept for a key (RFC 6455 section 4.2.2). */
export function acceptFor(key: string): string {
  return createHash('sha1')
    .update(key + GUID)
    .digest('base64');
}

/**
 * Reads the answer from the bytes that have come so far.
 * @returns `undefined` while its head is not complete.
 * @throws Error when they are no HTTP response.
 */
export function readAnswer(bytes: Buffer): UpgradeAnswer | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) {
    if (bytes.length > MAX_HEAD_BYTES) throw new Error(`expected an HTTP response, found no end of its head in ${bytes.length} bytes`);
    return undefined;
  }
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const status = /^HTTP\/1\.1 (\d{3})(?: |$)/.exec(first)?.[1];
  if (status === undefined) throw new Error(`expected an HTTP response, found ${JSON.stringify(first.slice(0, 60))}`);
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  const rest = bytes.subarray(end + 4);
  if (status === '101') return { status: 101, headers, rest, isComplete: true };
  if (headers['transfer-encoding'] === 'chunked') return { status: Number(status), headers, ...readChunks(rest) };
  const isComplete = rest.length >= Number(headers['content-length'] ?? Number.POSITIVE_INFINITY);
  return { status: Number(status), headers, rest, isComplete };
}

/** A chunked body (RFC 9112 section 7.1) as far as it is there. */
function readChunks(bytes: Buffer): Pick<UpgradeAnswer, 'rest' | 'isComplete'> {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const size = lineEnd === -1 ? Number.NaN : Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const isLast = size === 0;
    if (isLast || Number.isNaN(size) || bytes.length < lineEnd + 2 + size) return { rest: Buffer.concat(chunks), isComplete: isLast };
    chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}

/**
 * Checks a 101 (RFC 6455 section 4.1).
 * @throws HandshakeRefused for another status; Error when Sec-WebSocket-Accept is not the one that was expected.
 */
export function checkAnswer(answer: UpgradeAnswer, accept: string | undefined): void {
  if (answer.status !== 101) throw new HandshakeRefused(answer);
  const found = answer.headers['sec-websocket-accept'];
  if (accept !== undefined && found !== accept) {
    throw new Error(`expected Sec-WebSocket-Accept ${accept}, found ${found === undefined ? 'none' : JSON.stringify(found)}`);
  }
}
