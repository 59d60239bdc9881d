import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodePublications, ProtocolError, type Publication, type Receipt, readKey } from '../protocol/index.js';
import { strangerOf } from './admit.js';
import { publishingForbidden, speaksForItself, strangersObstacle } from './authorise.js';
import type { Gate } from './gate.js';
import type { Caller, Identity } from './identity/identity.js';
import { refusalFor } from './internal-error.js';
import type { Limiter } from './limits/limiter.js';
import { messageText } from './message-text.js';
import { mayPublish, type Notifier, type Publisher, receiptFor } from './notify.js';
import type { Log } from './observe.js';
import type { Policy } from './policy.js';
import { headersOf, type Problem, problemOf } from './problem.js';
import { sendJson, sendProblem } from './respond.js';

/** How much of a refused body is read, so that its sender gets the answer. */
const MOST_DISCARDED_BYTES = 16 * 1024 * 1024;

/** What the HTTP side needs of the broker. */
export interface HttpParts {
  readonly policy: () => Policy;
  readonly notifier: Notifier;
  readonly gate: Gate;
  readonly limiter: Limiter;
  readonly log: Log;
  readonly isDraining: () => boolean;
}

/** A request and its answer, and whether anybody may publish on this port. */
export interface Incoming {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly isForPublishers: boolean;
}

/** One request whose head is in order. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly publisher: Publisher;
}

/** `POST /notify` (R-6.1 to R-6.3): the first refusal of R-6.1's table that applies. */
export function receiveNotify(parts: HttpParts, { request, response, isForPublishers }: Incoming): void {
  const { method, headers } = request;
  const address = parts.policy().clientAddress.of(request.socket.remoteAddress, headers);
  const refuseWith = (problem: Problem): void => refuseRequest(parts, { request, response }, { ...problem, address });
  // Counted before anybody is asked who it is, or guesses would cost only the broker and its back-end.
  const misplaced = checkMethod(method, headers.origin) ?? checkRate(parts.limiter, address);
  if (misplaced) {
    refuseWith(misplaced);
    return;
  }
  const welcome = (identity: Identity | undefined): void => {
    const publisher = publisherOf(parts.policy(), { identity, address, headers, isForPublishers });
    const problem = publisher === undefined ? NOBODY : checkHead(parts, request, publisher);
    if (problem) refuseWith(problem);
    // Not even its body is read while the broker is behind.
    else if (parts.gate.isOpen) readBody(parts, { request, response, publisher: publisher as Publisher });
    else parts.gate.wait(request.socket, () => readBody(parts, { request, response, publisher: publisher as Publisher }));
  };
  const turnAway = (error: unknown): void => refuseWith(problemOf(refusalFor(error, parts.log)));
  identify(parts, { address, headers, url: request.url ?? '/' }, { welcome, turnAway });
}

/** What a policy found that has been replaced meanwhile does not count, neither for the publisher nor against it. */
function identify(
  parts: HttpParts,
  caller: Caller,
  then: { readonly welcome: (identity: Identity | undefined) => void; readonly turnAway: (error: unknown) => void },
): void {
  const { authenticator } = parts.policy();
  const settle = (act: () => void): void => {
    if (parts.policy().authenticator === authenticator) act();
    else identify(parts, caller, then);
  };
  try {
    const identity = authenticator.identify(caller);
    if (!(identity instanceof Promise)) then.welcome(identity);
    else {
      identity
        .then(
          (found) => settle(() => then.welcome(found)),
          (error: unknown) => settle(() => then.turnAway(error)),
        )
        .catch(then.turnAway);
    }
  } catch (error) {
    then.turnAway(error);
  }
}

function checkMethod(method: string | undefined, origin: string | undefined): Problem | undefined {
  if (method !== 'POST') return { status: 405, detail: '/notify answers POST' };
  if (origin === undefined) return undefined;
  return { status: 403, code: 'forbidden', detail: 'a page may not publish: the request has an Origin header' };
}

/** Undefined for somebody who has shown nothing, where that is not enough to do anything. */
function publisherOf(
  policy: Policy,
  who: { identity: Identity | undefined; address: string; headers: IncomingMessage['headers']; isForPublishers: boolean },
): Publisher | undefined {
  const { address, headers, isForPublishers } = who;
  const identity = who.identity ?? strangerOf(policy, { address, isDirect: speaksForItself(headers) });
  if (identity === undefined || (who.identity === undefined && policy.authenticator.isOn && identity.access.publish.length === 0))
    return undefined;
  const isStranger = identity.kind === 'anonymous';
  const obstacle = !isForPublishers ? 'port' : isStranger ? strangersObstacle(policy.authenticator.isOn) : 'grants';
  return { id: `http ${address}`, address, identity, access: identity.access, obstacle };
}

const NOBODY: Problem = { status: 401, code: 'unauthenticated', detail: 'expected X-Api-Key, or Authorization: Bearer with a token' };

/** Answers a request whose body is not read. */
function refuseRequest(
  parts: HttpParts,
  { request, response }: Pick<Incoming, 'request' | 'response'>,
  { address, ...problem }: Problem & { readonly address: string },
): void {
  parts.log.warn({ address, status: problem.status, because: problem.detail }, 'publication refused');
  sendProblem(response, problem, problem.status === 405 ? { Allow: 'POST' } : headersOf(problem));
  discardRest(request);
}

function readBody(parts: HttpParts, { request, response, publisher }: Exchange): void {
  const { maxMessageBytes } = parts.policy().options;
  const chunks: Buffer[] = [];
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= maxMessageBytes) chunks.push(chunk);
    else if (!response.headersSent) {
      sendProblem(response, tooLarge(maxMessageBytes));
      discardRest(request);
    }
  });
  request.on('error', () => response.destroy());
  request.on('end', () => {
    if (response.headersSent) return;
    const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length);
    const publication = { body, key: request.headers['idempotency-key'], publisher };
    if (parts.gate.isOpen) serve(parts, publication, response);
    else parts.gate.wait(request.socket, () => serve(parts, publication, response));
  });
}

function serve(parts: HttpParts, publication: Body, response: ServerResponse): void {
  try {
    publishAll(parts, publication, response);
  } catch (error) {
    refuse(parts, response, { error, address: publication.publisher.address });
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

function checkRate(limiter: Limiter, address: string): Problem | undefined {
  const excess = limiter.request(address);
  return excess && { status: excess.status, code: 'too-many', detail: excess.because, retryAfterS: excess.retryAfterS };
}

function checkHead(parts: HttpParts, { headers }: IncomingMessage, publisher: Publisher): Problem | undefined {
  if (!mayPublish(publisher)) return problemOf(publishingForbidden(publisher.obstacle));
  if (!isJson(headers['content-type'])) return { status: 415, detail: 'expected "Content-Type: application/json", in UTF-8' };
  if (!/^(identity)?$/i.test(headers['content-encoding'] ?? '')) {
    return { status: 415, detail: 'expected a body without a content coding' };
  }
  const { maxMessageBytes } = parts.policy().options;
  if (Number(headers['content-length'] ?? 0) > maxMessageBytes) return tooLarge(maxMessageBytes);
  return undefined;
}

interface Body {
  readonly body: Buffer;
  readonly key: string | string[] | undefined;
  readonly publisher: Publisher;
}

/** @throws ProtocolError before anything is published. */
function publishAll(parts: HttpParts, { body, key: header, publisher }: Body, response: ServerResponse): void {
  // The body may have come long after the head.
  const endsAt = publisher.identity?.expiresAt;
  if (endsAt !== undefined && endsAt + parts.policy().options.authClockToleranceMs <= Date.now()) {
    throw new ProtocolError('unauthenticated', 'the token has expired');
  }
  if (!isUtf8(body)) throw new ProtocolError('invalid-message', 'not UTF-8');
  const { isList, key, publications } = decodePublications({ bytes: body, text: messageText(body), isRelayed: true });
  if (header !== undefined && isList) throw new ProtocolError('invalid-key', 'a list takes no Idempotency-Key');
  if (header !== undefined) readKey(String(header), '');
  const root = Object.hasOwn(publications[0] ?? {}, 'kind') ? '/notification' : '';
  const paths = isList ? publications.map((_, index) => `/notifications/${index}`) : [root];
  const keyPath = key !== undefined ? '/key' : header === undefined ? undefined : '';
  parts.notifier.authorise(publisher, { key: keyPath, bytes: body, publications, paths });
  if (parts.isDraining()) throw new ProtocolError('unavailable', 'the broker is shutting down');
  const receipts: Receipt[] = [];
  let waiting = publications.length;
  let failure: ProtocolError | undefined;
  const settle = (): void => {
    if (failure) refuse(parts, response, { error: failure, address: publisher.address });
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

function refuse(parts: HttpParts, response: ServerResponse, { error, address }: { error: unknown; address: string }): void {
  const problem = problemOf(refusalFor(error, parts.log));
  parts.log.warn({ address, status: problem.status, because: problem.detail }, 'publication refused');
  sendProblem(response, problem, headersOf(problem));
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
