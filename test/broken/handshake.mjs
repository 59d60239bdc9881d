import { createHash } from 'node:crypto';
import { originMayConnect, refusal } from './access.mjs';
import { identify, Unauthenticated } from './identity.mjs';
import { broken } from './mistakes/index.mjs';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Answers a handshake: { v1, identity } when the connection is a WebSocket now, undefined when it was refused. */
export function shakeHands(request, socket, { draining }) {
  const found = draining ? { status: '503 Service Unavailable' } : (findFault(request) ?? whoAsks(request));
  const refused = found.status === undefined ? undefined : found;
  if (refused !== undefined) {
    const lines = [`HTTP/1.1 ${refused.status}`, ...(refused.headers ?? []), 'Content-Length: 0', 'Connection: close', '', ''];
    socket.end(lines.join('\r\n'));
    return undefined;
  }
  const protocol = selectProtocol(request);
  const lines = [
    broken('handshake-status-text') ? 'HTTP/1.1 200 OK' : 'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${acceptOf(request.headers['sec-websocket-key'])}`,
    ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
  ];
  if (broken('handshake-deflate') && /permessage-deflate/u.test(request.headers['sec-websocket-extensions'] ?? ''))
    lines.push('Sec-WebSocket-Extensions: permessage-deflate');
  socket.write([...lines, '', ''].join('\r\n'));
  return { v1: protocol === 'wsn.v1', identity: found.identity };
}

/** { identity }, which a v1 peer may still owe, or what the handshake is refused with. */
function whoAsks(request) {
  if (!originMayConnect(request.headers)) return { status: '403 Forbidden' };
  try {
    const identity = identify(request);
    return identity === undefined && selectProtocol(request) !== 'wsn.v1' ? stranger() : { identity };
  } catch (error) {
    if (!(error instanceof Unauthenticated)) throw error;
    return stranger();
  }
}

function stranger() {
  const status = broken('stranger-403') ? '403 Forbidden' : '401 Unauthorized';
  return { status, headers: broken('stranger-unchallenged') ? [] : ['WWW-Authenticate: Bearer'] };
}

/** What a handshake is refused with, or undefined if it is in order. */
function findFault(request) {
  const { headers } = request;
  const key = headers['sec-websocket-key'];
  if (request.method !== 'GET' && !broken('handshake-post')) return { status: '400 Bad Request' };
  if (request.httpVersion !== '1.1' || headers.host === undefined || headers.upgrade?.toLowerCase() !== 'websocket')
    return { status: '400 Bad Request' };
  if (headers['sec-websocket-version'] !== '13' && !broken('handshake-version')) return wrongVersion();
  if (key === undefined ? !broken('handshake-key-missing') : !/^[A-Za-z0-9+/]{22}==$/u.test(key) && !broken('handshake-key'))
    return { status: '400 Bad Request' };
  return findMistakenFault(request);
}

export function wrongVersion() {
  if (broken('handshake-version-400')) return { status: '400 Bad Request' };
  return {
    status: '426 Upgrade Required',
    headers: broken('handshake-426-plain') ? [] : ['Sec-WebSocket-Version: 13', 'Upgrade: websocket'],
  };
}

function findMistakenFault(request) {
  const { headers, rawHeaders, url } = request;
  const bad = { status: '400 Bad Request' };
  if (broken('handshake-name-case') && !rawHeaders.includes('Sec-WebSocket-Key')) return bad;
  if (broken('handshake-upgrade-case') && headers.upgrade !== 'websocket') return bad;
  if (broken('handshake-connection-case') && !headers.connection.includes('Upgrade')) return bad;
  if (broken('handshake-connection-list') && headers.connection.toLowerCase() !== 'upgrade') return bad;
  if (broken('handshake-path') && url !== '/') return { status: '404 Not Found' };
  if (broken('handshake-query') && url.includes('?')) return bad;
  if (broken('subscriber-origin-refused') && headers.origin !== undefined) return { status: '403 Forbidden' };
  if (broken('forbidden-handshake') && refusal(request) !== undefined) return { status: '403 Forbidden' };
  const forwarded = Object.keys(headers).some((name) => name === 'forwarded' || name.startsWith('x-forwarded-'));
  if (broken('subscriber-forwarded-refused') && forwarded) return { status: '403 Forbidden' };
  const offered = headers['sec-websocket-protocol'];
  return broken('handshake-unknown-refused') && offered !== undefined && !offered.includes('wsn.v1') ? bad : undefined;
}

function acceptOf(key = '') {
  const hash = createHash('sha1').update(broken('handshake-accept') ? key : key + GUID);
  return hash.digest(broken('handshake-accept-hex') ? 'hex' : 'base64');
}

function selectProtocol(request) {
  let header = request.headers['sec-websocket-protocol'];
  if (broken('handshake-v1-always')) return 'wsn.v1';
  if (header === undefined) return undefined;
  if (broken('handshake-v1-second-header'))
    header = request.rawHeaders[request.rawHeaders.findIndex((name) => /^sec-websocket-protocol$/iu.test(name)) + 1];
  const offered = header.split(',').map((name) => (broken('handshake-v1-blanks') ? name : name.trim()));
  if (broken('handshake-first-protocol')) return offered[0];
  if (broken('handshake-v1-first-only')) return offered[0] === 'wsn.v1' ? 'wsn.v1' : undefined;
  if (broken('token-echoed')) return offered.find((name) => name.startsWith('wsn.'));
  if (offered.includes('wsn.v1')) return 'wsn.v1';
  return broken('handshake-unknown-protocol') ? offered[0] : undefined;
}
