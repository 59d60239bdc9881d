import { discardRest } from './discard-rest.js';
import { type HttpParts, type Incoming, receiveNotify } from './http-notify.js';
import { headersOf, type Problem } from './problem.js';
import { sendJson, sendProblem } from './respond.js';

/** The routes beside the WebSocket. Never throws. */
export function handleRequest(parts: HttpParts, { request, response, isForPublishers }: Incoming): void {
  const { url = '' } = request;
  const path = url === '/notify' ? url : pathOf(url);
  if (path === '/notify') {
    receiveNotify(parts, { request, response, isForPublishers });
    return;
  }
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (path === '/healthz' || path === '/readyz') {
    const problem = path === '/readyz' ? obstacle(parts) : undefined;
    if (!isRead) sendProblem(response, { status: 405, detail: `${path} answers GET` }, { Allow: 'GET, HEAD' });
    else if (problem !== undefined) sendProblem(response, problem, headersOf(problem));
    else sendJson(response, { status: 'ok' });
  } else if (isRead) {
    const detail = 'this is a WebSocket broker: connect with a WebSocket, or publish with POST /notify';
    sendProblem(response, { status: 426, detail }, { Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' });
  } else sendProblem(response, { status: 404, detail: 'nothing is here; publish with POST /notify' });
  discardRest(request, parts.policy().options.handshakeTimeoutMs);
}

/** Why the broker is not ready. */
function obstacle({ isDraining, isLogging }: HttpParts): Problem | undefined {
  if (isDraining()) return { status: 503, detail: 'the broker is shutting down' };
  return isLogging() ? undefined : { status: 503, detail: 'the log cannot be written' };
}

/** The path of a request's target, which a proxy may send in its absolute form (RFC 9112 section 3.2.2). */
function pathOf(target: string): string {
  return target.replace(/^https?:\/\/[^/?]*/i, '').split('?', 1)[0] ?? '';
}
