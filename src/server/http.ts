import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodePublications, ProtocolError, type Publication, type Receipt, readKey } from '../protocol/index.js';
import { type PublishRule, publishingForbidden } from './authorise.js';
import type { Gate } from './gate.js';
import { refusalFor } from './internal-error.js';
import { messageText } from './message-text.js';
import { type Notifier, type Publisher, receiptFor } from './notify.js';
import type { Log } from './observe.js';
import { type Problem, sendJson, sendProblem } from './respond.js';

/** How much of a refused body is read, so that its sender gets the answer. */
const MOST_DISCARDED_BYTES = 16 * 1024 * 1024;

/** What the HTTP side needs of the broker. */
export interface HttpParts {
  readonly notifier: Notifier;
  readonly gate: Gate;
  readonly rule: PublishRule;
  readonly log: Log;
  readonly maxMessageBytes: number;
  readonly isDraining: () => boolean;
}

/** One request whose head is in order. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The other end's, asked before the socket could be gone. */
  readonly address: string;
}

/** The routes beside the WebSocket. Never throws. */
export function handleRequest(parts: HttpParts, request: IncomingMessage, response: ServerResponse): void {
  const { url = '' } = request;
  const path = url === '/notify' ? url : pathOf(url);
  if (path === '/notify') {
    receiveNotify(parts, request, response);
    return;
  }
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (path === '/healthz' || path === '/readyz') {
    if (!isRead) sendProblem(response, { status: 405, detail: `${path} answers GET` }, { Allow: 'GET, HEAD' });
    else if (path === '/readyz' && parts.isDraining()) sendProblem(response, { status: 503, detail: 'the broker is shutting down' });
    else sendJson(response, { status: 'ok' });
  } else if (isRead) {
    const detail = 'this is a WebSocket broker: connect with a WebSocket, or publish with POST /notify';
    sendProblem(response, { status: 426, detail }, { Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' });
  } else sendProblem(response, { status: 404, detail: 'nothing is here; publish with POST /notify' });
}

/** The path of a request's target, which a proxy may send in its absolute form (RFC 9112 section 3.2.2). */
function pathOf(target: string): string {
  return target.replace(/^https?:\/\/[^/?]*/i, '').split('?', 1)[0] ?? '';
}

/** `POST /notify`: refusals in the order 405, 403, 415, 413, 400, 422, 503. */
function receiveNotify(parts: HttpParts, request: IncomingMessage, response: ServerResponse): void {
  const address = request.socket.remoteAddress ?? 'unknown';
  const problem = checkHead(parts, request, address);
  if (problem) {
    parts.log.warn({ address, status: problem.status, because: problem.detail }, 'publication refused');
    sendProblem(response, problem, problem.status === 405 ? { Allow: 'POST' } : {});
    discardRest(request);
    return;
  }
  // Not even its body is read while the broker is behind.
  const exchange = { request, response, address };
  if (parts.gate.isOpen) readBody(parts, exchange);
  else parts.gate.wait(request.socket, () => readBody(parts, exchange));
}

function readBody(parts: HttpParts, { request, response, address }: Exchange): void {
  const chunks: Buffer[] = [];
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= parts.maxMessageBytes) chunks.push(chunk);
    else if (!response.headersSent) {
      sendProblem(response, tooLarge(parts.maxMessageBytes));
      discardRest(request);
    }
  });
  request.on('error', () => response.destroy());
  request.on('end', () => {
    if (response.headersSent) return;
    const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length);
    const publication = { body, key: request.headers['idempotency-key'], address };
    if (parts.gate.isOpen) serve(parts, publication, response);
    else parts.gate.wait(request.socket, () => serve(parts, publication, response));
  });
}

function serve(parts: HttpParts, publication: Body, response: ServerResponse): void {
  try {
    publishAll(parts, publication, response);
  } catch (error) {
    refuse(parts, response, { error, address: publication.address });
  }
}

/**
 * Reads on and forgets, because a client that still sends would lose the answer with the connection; but not for ever.
 */
function discardRest(request: IncomingMessage): void {
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > MOST_DISCARDED_BYTES) request.destroy();
  });
}

function checkHead(parts: HttpParts, request: IncomingMessage, address: string): Problem | undefined {
  const { headers } = request;
  if (request.method !== 'POST') return { status: 405, detail: '/notify answers POST' };
  if (headers.origin !== undefined)
    return { status: 403, code: 'forbidden', detail: 'a page may not publish: the request has an Origin header' };
  if (!parts.rule.allows({ address, headers })) return { status: 403, code: 'forbidden', detail: publishingForbidden().message };
  if (!isJson(headers['content-type'])) return { status: 415, detail: 'expected "Content-Type: application/json", in UTF-8' };
  if (!/^(identity)?$/i.test(headers['content-encoding'] ?? '')) {
    return { status: 415, detail: 'expected a body without a content coding' };
  }
  if (Number(headers['content-length'] ?? 0) > parts.maxMessageBytes) return tooLarge(parts.maxMessageBytes);
  return undefined;
}

interface Body {
  readonly body: Buffer;
  readonly key: string | string[] | undefined;
  /** Whose: `checkHead` has let it publish. */
  readonly address: string;
}

/** @throws ProtocolError before anything is published. */
function publishAll(parts: HttpParts, { body, key: header, address }: Body, response: ServerResponse): void {
  if (!isUtf8(body)) throw new ProtocolError('invalid-message', 'not UTF-8');
  const { isList, key, publications } = decodePublications({ bytes: body, text: messageText(body), isRelayed: true });
  if (header !== undefined && isList) throw new ProtocolError('invalid-key', 'a list takes no Idempotency-Key');
  if (header !== undefined) readKey(String(header), '');
  const publisher: Publisher = { id: `http ${address}`, access: { subscribe: [], publish: 'all' } };
  parts.notifier.authorise(publisher, key !== undefined ? '/key' : header === undefined ? undefined : '');
  if (parts.isDraining()) throw new ProtocolError('unavailable', 'the broker is shutting down');
  const receipts: Receipt[] = [];
  let waiting = publications.length;
  let failure: ProtocolError | undefined;
  const settle = (): void => {
    if (failure) refuse(parts, response, { error: failure, address });
    else sendJson(response, isList ? { receipts } : { receipt: receipts[0] });
  };
  if (waiting === 0) settle();
  for (let index = 0; index < publications.length; index++) {
    const publication = publications[index] as Publication;
    parts.notifier.publish(publisher, { bytes: body, publication }, (outcome) => {
      if (outcome.kind === 'appended') receipts[index] = receiptFor(outcome);
      else failure ??= outcome.error;
      if (--waiting === 0) settle();
    });
  }
}

const STATUS_FOR: Partial<Record<ProtocolError['code'], number>> = { unsupported: 422, 'key-reused': 422, unavailable: 503, internal: 500 };

function refuse(parts: HttpParts, response: ServerResponse, { error, address }: { error: unknown; address: string }): void {
  const known = refusalFor(error, parts.log);
  const status = STATUS_FOR[known.code] ?? 400;
  parts.log.warn({ address, status, because: known.described }, 'publication refused');
  const pointer = known.path === '' ? {} : { pointer: known.path };
  sendProblem(response, { status, code: known.code, detail: known.described, ...pointer }, status === 503 ? { 'Retry-After': '5' } : {});
}

function tooLarge(most: number): Problem {
  return { status: 413, detail: `expected at most ${most} bytes` };
}

/** `application/json` with any parameters, but for another charset than the one that JSON has. */
function isJson(contentType = ''): boolean {
  if (contentType === 'application/json') return true;
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  if (type !== 'application/json') return false;
  return parameters.every((parameter) => !/^charset\s*=/.test(parameter) || /^charset\s*=\s*("utf-8"|utf-8)$/.test(parameter));
}
