import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { trustOptions } from '../../peer/index.js';
import { type Endpoint, hostOf } from '../client/endpoint.js';
import type { RequestEvent } from './event.js';
import { requestOf } from './secrets.js';

/** Headers that are about one connection, or that are written anew (RFC 9110 section 7.6.1). */
const OWN = /^(?:host|connection|keep-alive|proxy-connection|te|trailer|transfer-encoding|content-length|upgrade|expect)$/i;

export interface RelayOptions {
  readonly onEvent: (event: RequestEvent) => void;
  /** The server gave no answer. */
  readonly onFailure: (error: Error) => void;
  /** Ends the request to the server. */
  readonly signal: AbortSignal;
}

/** Passes a request on to the server, and its answer back; both are read whole. */
export async function relayRequest(
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  endpoint: Endpoint,
  { onEvent, onFailure, signal }: RelayOptions,
): Promise<void> {
  try {
    const body = await readAll(request);
    onEvent({ kind: 'request', request: requestOf(request, body) });
    const answer = await send(request, body, { endpoint, signal });
    const answered = await readAll(answer);
    onEvent({ kind: 'answer', status: answer.statusCode ?? 0, body: answered.toString('utf8') });
    const length = request.method === 'HEAD' || answer.statusCode === 204 ? [] : ['Content-Length', String(answered.length)];
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, [...passedOn(answer.rawHeaders), ...length]);
    response.end(answered);
  } catch (error) {
    if (response.destroyed || signal.aborted) return; // the client has gone, and nobody waits
    response.writeHead(502).end();
    onFailure(error as Error);
  }
}

function send(
  request: IncomingMessage,
  body: Buffer,
  { endpoint, signal }: { readonly endpoint: Endpoint; readonly signal: AbortSignal },
): Promise<IncomingMessage> {
  const { host, port, tls } = endpoint;
  const hasBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
  const headers = ['Host', hostOf(endpoint), ...passedOn(request.rawHeaders), ...(hasBody ? ['Content-Length', String(body.length)] : [])];
  return new Promise((resolve, reject) => {
    const options = { host, port, method: request.method, path: request.url, headers, setHost: false, agent: false as const, signal };
    const sent = tls ? httpsRequest({ ...options, ...trustOptions(tls) }, resolve) : httpRequest(options, resolve);
    // Without a listener an answer of 101 would end the connection without a word.
    sent.once('upgrade', ({ statusCode }, socket) => {
      socket.destroy();
      reject(new Error(`HTTP ${statusCode} came to a request without an upgrade`));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function passedOn(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, index) => !OWN.test(rawHeaders[index - (index % 2)] ?? ''));
}
