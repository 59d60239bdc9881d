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
  /** `GET` by default, as the RFC demands. */
  readonly method?: string;
  /** Of HTTP, `1.1` by default. */
  readonly version?: string;
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

/** The answer to an upgrade request, or to any other. */
export interface UpgradeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** With 101 the first bytes of frames, else the body. */
  readonly rest: Buffer;
  /** Whether the body is all there; one that says nothing of its length is complete when the connection ends. */
  readonly isComplete: boolean;
  /** Bytes that the answer takes, as far as it is there: what comes after them belongs to the next one. */
  readonly length: number;
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
  const requestLine = `${options.method ?? 'GET'} ${options.path ?? '/'} HTTP/${options.version ?? '1.1'}`;
  const key = headers.get('sec-websocket-key')?.[1];
  return { text: [requestLine, ...lines, '', ''].join('\r\n'), accept: key && acceptFor(key) };
}

/** The Sec-WebSocket-Accept for a key (RFC 6455 section 4.2.2). */
export function acceptFor(key: string): string {
  return createHash('sha1')
    .update(key + GUID)
    .digest('base64');
}

/**
 * Reads an HTTP answer from the bytes that have come so far (RFC 9112 section 6.3), whatever the text of its status line is.
 * @param method of the request; the answer to a `HEAD` has no body.
 * @returns `undefined` while its head is not complete.
 * @throws Error when they are no HTTP response.
 */
export function readAnswer(bytes: Buffer, method = 'GET'): UpgradeAnswer | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) {
    if (bytes.length > MAX_HEAD_BYTES) throw new Error(`expected an HTTP response, found no end of its head in ${bytes.length} bytes`);
    return undefined;
  }
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})(?!\d)/.exec(first)?.[1]);
  if (Number.isNaN(status)) throw new Error(`expected an HTTP response, found ${JSON.stringify(first.slice(0, 60))}`);
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  const head = end + 4;
  const { length, ...body } = method === 'HEAD' ? NO_BODY : readBody(bytes.subarray(head), status, headers);
  return { status, headers, ...body, length: head + length };
}

type Body = Pick<UpgradeAnswer, 'rest' | 'isComplete' | 'length'>;

const NO_BODY: Body = { rest: Buffer.alloc(0), isComplete: true, length: 0 };

function readBody(bytes: Buffer, status: number, headers: UpgradeAnswer['headers']): Body {
  if (status === 101) return { rest: bytes, isComplete: true, length: 0 };
  if (status < 200 || status === 204 || status === 304) return NO_BODY;
  if (/\bchunked$/i.test(headers['transfer-encoding'] ?? '')) return readChunks(bytes);
  const stated = /^\d+$/.exec(headers['content-length'] ?? '')?.[0];
  const length = stated === undefined ? Number.POSITIVE_INFINITY : Number(stated);
  const rest = bytes.subarray(0, length);
  return { rest, isComplete: rest.length === length, length: rest.length };
}

/** A chunked body (RFC 9112 section 7.1) as far as it is there; its trailer section is passed over. */
function readChunks(bytes: Buffer): Body {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const digits = lineEnd === -1 ? undefined : /^[0-9a-f]+/i.exec(bytes.toString('latin1', at, lineEnd))?.[0];
    const size = digits === undefined ? Number.NaN : Number.parseInt(digits, 16);
    const end = size === 0 ? bytes.indexOf('\r\n\r\n', lineEnd) + 4 : lineEnd + 2 + size + 2;
    if (size === 0 && end > 3) return { rest: Buffer.concat(chunks), isComplete: true, length: end };
    if (size === 0 || Number.isNaN(size) || bytes.length < end)
      return { rest: Buffer.concat(chunks), isComplete: false, length: bytes.length };
    chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = end;
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
