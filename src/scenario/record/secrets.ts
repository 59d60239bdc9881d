import type { IncomingMessage } from 'node:http';
import type { RecordedHandshake, RecordedRequest } from './event.js';

/** Subprotocols that carry a token. */
const TOKEN_SUBPROTOCOL = /^wsn\.token\./i;

/** Parameters of a query that carry one. */
const TOKEN_PARAMETER = /^(?:access_)?token$/i;

/** Headers that decide something at a server of the protocol. */
const KEPT = /^(?:origin|forwarded|x-forwarded-.*)$/;
const KEPT_OF_REQUESTS = /^(?:content-type|content-encoding|idempotency-key)$/;

/** How the headers of a handshake look that is right. */
const USUAL: Readonly<Record<string, RegExp>> = {
  Host: /^/,
  Upgrade: /^websocket$/i,
  Connection: /(?:^|,)\s*upgrade\s*(?:,|$)/i,
  'Sec-WebSocket-Key': /^[+/0-9A-Za-z]{22}==$/,
  'Sec-WebSocket-Version': /^13$/,
};

/** A value that a program may have sent as `token`, also where the name has escapes: that is refused, and was said all the same. */
const TOKEN_MEMBER = /("(?:t|\\u0074)(?:o|\\u006f)(?:k|\\u006b)(?:e|\\u0065)(?:n|\\u006e)"\s*:\s*)"[^"\\]*(?:\\.[^"\\]*)*"/gi;

/** Headers that say who comes, or may do so elsewhere. */
const SECRET_HEADERS = ['authorization', 'x-api-key', 'cookie', 'proxy-authorization'] as const;

/** The part of a handshake that a file may show. */
export function handshakeOf(request: IncomingMessage): RecordedHandshake {
  const { path, hasSecret } = pathOf(request);
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const subprotocols = offered.filter((name) => name !== '' && !TOKEN_SUBPROTOCOL.test(name));
  return {
    method: request.method === 'GET' ? undefined : request.method,
    version: request.httpVersion === '1.1' ? undefined : request.httpVersion,
    path,
    headers: { ...headersOf(request, KEPT), ...unusual(request) },
    subprotocols,
    hasSecret: hasSecret || offered.some((name) => TOKEN_SUBPROTOCOL.test(name)),
  };
}

/** What a handshake has to have and this one has not, or has in another way (RFC 6455 section 4.1). */
function unusual({ headers }: IncomingMessage): Record<string, string | null> {
  const found = Object.entries(USUAL).map(([name, usual]) => ({ name, usual, value: headers[name.toLowerCase()]?.toString() ?? null }));
  return Object.fromEntries(found.flatMap(({ name, usual, value }) => (value !== null && usual.test(value) ? [] : [[name, value]])));
}

/** The part of a request that a file may show. */
export function requestOf(request: IncomingMessage, body: Buffer): RecordedRequest {
  const headers = { ...headersOf(request, KEPT), ...headersOf(request, KEPT_OF_REQUESTS) };
  return { method: request.method ?? 'GET', ...pathOf(request), headers, body };
}

/** Text of a peer without the tokens in it. */
export function withoutTokens(text: string): string {
  return text.replace(TOKEN_MEMBER, '$1"left-out"');
}

function pathOf({ url = '/', headers }: IncomingMessage): { readonly path: string; readonly hasSecret: boolean } {
  const [path = '/', query] = url.split(/\?(.*)/s);
  const parameters = query === undefined ? [] : query.split('&');
  const kept = parameters.filter((parameter) => !TOKEN_PARAMETER.test(decoded(parameter.split('=', 1)[0] ?? '')));
  const hasSecret = kept.length < parameters.length || SECRET_HEADERS.some((name) => headers[name] !== undefined);
  return { path: kept.length === 0 ? path : `${path}?${kept.join('&')}`, hasSecret };
}

/** A name as the server reads it, or as it stands where it cannot be read. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** Headers by their names as they came; of a repeated one all values. */
function headersOf({ rawHeaders, headers }: IncomingMessage, kept: RegExp): Record<string, string> {
  const names = rawHeaders.filter((name, index) => index % 2 === 0 && kept.test(name.toLowerCase()));
  return Object.fromEntries(names.map((name) => [name, [headers[name.toLowerCase()] ?? ''].flat().join(', ')]));
}
