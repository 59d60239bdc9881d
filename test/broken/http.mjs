import { refusal } from './access.mjs';
import { mebibyte } from './fragments.mjs';
import { wrongVersion } from './handshake.mjs';
import { identify, isAuthenticating, Unauthenticated } from './identity.mjs';
import { broken } from './mistakes/index.mjs';
import { notify } from './notify.mjs';
import { Refused } from './refused.mjs';

/** Answers a request that is no handshake. */
export async function answerHttp(request, response, { broker, isDraining }) {
  const [path, query] = request.url.split('?');
  if (broken('keep-alive-closed')) response.setHeader('Connection', 'close');
  try {
    if (path === '/notify' && !(broken('http-query-refused') && query !== undefined))
      await answerNotify(request, response, { broker, isDraining });
    else if (path === '/healthz' && !broken('healthz-missing'))
      answerHealth(request, response, { up: true, wrong: broken('healthz-text-500') ? 500 : undefined });
    else if (path === '/readyz' && !broken('readyz-missing'))
      answerHealth(request, response, { up: !isDraining() || broken('readyz-late'), wrong: broken('readyz-503') ? 503 : undefined });
    else answerUnknown(request, response);
  } catch (error) {
    if (!(error instanceof Refused)) {
      if (request.destroyed && !broken('hang-up-ends')) return;
      throw error;
    }
    refuse(response, error);
  }
  request.resume();
}

async function answerNotify(request, response, { broker, isDraining }) {
  const { method } = request;
  if (broken('order-403-405')) checkAccess(request);
  if (broken('get-accepted') && method === 'GET') return void response.end('{}');
  if (method !== 'POST' && !(broken('put-accepted') && method === 'PUT'))
    throw new Refused(405, 'expected POST', { headers: broken('http-no-allow') ? {} : { Allow: 'POST' } });
  if (broken('order-415-403')) checkType(request);
  if (broken('order-413-415') && Number(request.headers['content-length']) > mebibyte) throw new Refused(413, 'at most 1 MiB is read');
  if (broken('order-400-403') || broken('order-400-415')) {
    if (broken('order-400-415')) checkAccess(request);
    const body = await readBody(request);
    checkJson(body);
    const identity = checkAccess(request);
    checkType(request);
    return send(response, notify(body, { broker, request, identity, key: request.headers['idempotency-key'] }));
  }
  const identity = checkAccess(request);
  checkType(request);
  const body = await readBody(request);
  if (isDraining() && !broken('drain-posts-taken')) throw new Refused(503, 'this broker ends');
  send(response, notify(body, { broker, request, identity, key: request.headers['idempotency-key'] }));
}

function checkJson(body) {
  try {
    JSON.parse(body.toString());
  } catch {
    throw new Refused(400, 'expected JSON');
  }
}

function checkAccess(request) {
  const reason = refusal(request, { http: true });
  if (reason !== undefined) throw new Refused(broken('forbidden-401') ? 401 : 403, reason);
  if (request.headers.origin !== undefined && !mayHaveOrigin(request.headers.origin)) throw new Refused(403, 'an Origin is refused');
  if (!isAuthenticating) return undefined;
  const identity = whoAsks(request);
  if (identity.publish.length === 0 && !broken('grants-not-for-http')) throw new Refused(403, 'nothing is granted to this peer');
  return identity;
}

function whoAsks(request) {
  const status = broken('stranger-403') ? 403 : 401;
  const headers = broken('stranger-unchallenged') ? {} : { 'WWW-Authenticate': 'Bearer' };
  try {
    const identity = identify(request);
    if (identity !== undefined) return identity;
  } catch (error) {
    if (!(error instanceof Unauthenticated)) throw error;
    throw new Refused(status, error.message, { headers });
  }
  throw new Refused(status, 'expected a token or a key', { headers });
}

function mayHaveOrigin(origin) {
  return (
    broken('origin-http-allowed') ||
    (broken('origin-local-allowed') && /localhost|127/u.test(origin)) ||
    (broken('origin-null-allowed') && origin === 'null')
  );
}

function checkType(request) {
  if (broken('type-unchecked')) return;
  const header = request.headers['content-type'] ?? '';
  if (broken('type-form') && header.startsWith('application/x-www-form-urlencoded')) return;
  const type = broken('type-exact') ? header : header.split(';')[0].trim();
  if ((broken('type-case') ? type : type.toLowerCase()) === 'application/json') return;
  throw new Refused(broken('type-400') ? 400 : 415, 'expected application/json');
}

/** The body, at most 1 MiB of it. */
async function readBody(request) {
  const tooBig = () => new Refused(broken('too-big-400') ? 400 : 413, 'at most 1 MiB is read', { headers: { Connection: 'close' } });
  const limit = broken('too-big-accepted') ? Number.POSITIVE_INFINITY : mebibyte;
  if (Number(request.headers['content-length']) > limit) throw tooBig();
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    if (broken('http-first-chunk') && chunks.length > 0) continue;
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
  }
  if (size > limit) throw tooBig();
  const body = Buffer.concat(chunks);
  return broken('http-body-by-characters') ? body.subarray(0, body.toString().length) : body;
}

function send(response, answer) {
  if (broken('answer-204')) return response.writeHead(204).end();
  response.statusCode = broken('answer-202') ? 202 : 200;
  response.setHeader('Content-Type', broken('answer-type') ? 'text/plain' : 'application/json');
  return response.end(JSON.stringify(answer));
}

function refuse(response, { status, message, headers, members }) {
  const type = broken('problem-text') ? 'text/plain' : broken('problem-plain-json') ? 'application/json' : 'application/problem+json';
  const problem = { type: 'about:blank', title: 'The notification was refused', status, detail: message, ...members };
  if (broken('problem-no-status')) delete problem.status;
  response.writeHead(status, { 'Content-Type': type, ...headers });
  response.end(broken('problem-text') ? message : JSON.stringify(problem));
}

function answerHealth({ method }, response, { up, wrong }) {
  if (method !== 'GET' && method !== 'HEAD') throw new Refused(405, 'expected GET', { headers: { Allow: 'GET, HEAD' } });
  response.writeHead(wrong ?? (up ? 200 : 503), { 'Content-Type': 'text/plain' });
  response.end(up ? 'fine\n' : 'not ready\n');
}

function answerUnknown({ method }, response) {
  if (method !== 'GET' && method !== 'HEAD') throw new Refused(404, 'nothing is here');
  if (broken('handshake-plain-get')) return void response.end('hello');
  if (broken('handshake-plain-404')) throw new Refused(404, 'nothing is here');
  const { status, headers } = wrongVersion();
  for (const header of headers ?? []) response.setHeader(...header.split(': '));
  response.statusCode = Number(status.slice(0, 3));
  response.end();
}
