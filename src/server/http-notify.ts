import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodePublications, ProtocolError, type Publication, type Receipt } from '../protocol/index.js';
import { obstacleOf, publishingForbidden, type Stranger, speaksForItself } from './authorise.js';
import { discardRest } from './discard-rest.js';
import type { Gate } from './gate.js';
import { headerKey, keyOfBoth } from './http-key.js';
import { type Identity, identityField } from './identity/identity.js';
import { askInForce } from './identity/in-force.js';
import { refusalFor } from './internal-error.js';
import { identityNow } from './judge-again.js';
import type { Limiter } from './limits/limiter.js';
import { loggedReason } from './logged-reason.js';
import { messageText } from './message-text.js';
import { mayPublish, type Notifier, type Publisher, receiptFor } from './notify.js';
import type { Log } from './observe.js';
import type { Policy } from './policy.js';
import { headersOf, type Problem, problemOf, problemOfExcess } from './problem.js';
import { sendJson, sendProblem } from './respond.js';

/** What the HTTP side needs of the broker. */
export interface HttpParts {
  readonly policy: () => Policy;
  readonly notifier: Notifier;
  readonly gate: Gate;
  readonly limiter: Limiter;
  readonly log: Log;
  readonly isDraining: () => boolean;
  /** Whether what is published can be logged now. */
  readonly isLogging: () => boolean;
}

/** A request and its answer, and whether anybody may publish on this port. */
export interface Incoming {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly isForPublishers: boolean;
}

/** A publisher that is known, or a stranger. */
type HttpPublisher = Publisher & Stranger & { readonly identity: Identity };

/** One request whose head is in order. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly publisher: HttpPublisher;
  /** By which that was found. */
  readonly policy: Policy;
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
  const caller = { address, headers, rawHeaders: request.rawHeaders, url: request.url ?? '/' };
  askInForce<Identity | undefined>(
    () => parts.policy().authenticator,
    (authenticator) => authenticator.identify(caller),
    {
      found(found) {
        const policy = parts.policy();
        const stranger = { address, isDirect: speaksForItself(headers) };
        const identity = knownHere(policy, found ?? policy.strangers.identityOf(stranger));
        const publisher = identity && { ...stranger, id: `http ${address}`, identity, access: identity.access, isForPublishers };
        const problem = publisher === undefined ? NOBODY : checkHead(policy, request, publisher);
        if (problem) refuseWith(problem);
        else take(parts, { request, response, publisher: publisher as HttpPublisher, policy });
      },
      failed: (error) => refuseWith(problemOf(refusalFor(error, parts.log))),
      isWanted: () => !response.destroyed,
    },
  );
}

function checkMethod(method: string | undefined, origin: string | undefined): Problem | undefined {
  if (method !== 'POST') return { status: 405, detail: '/notify answers POST' };
  if (origin === undefined) return undefined;
  return { status: 403, code: 'forbidden', detail: 'a page may not publish: the request has an Origin header' };
}

/** Over HTTP nothing can be heard: a stranger who may publish nothing is nobody, where anybody is known. */
function knownHere({ authenticator }: Policy, identity: Identity | undefined): Identity | undefined {
  const isNobody = identity?.kind === 'anonymous' && authenticator.isOn && identity.access.publish.length === 0;
  return isNobody ? undefined : identity;
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
  discardRest(request, parts.policy().options.handshakeTimeoutMs);
}

/** Not even its body is read while the broker is behind. */
function take(parts: HttpParts, exchange: Exchange): void {
  if (parts.gate.isOpen) readBody(parts, exchange);
  else parts.gate.wait(exchange.request.socket, () => readBody(parts, exchange));
}

function readBody(parts: HttpParts, exchange: Exchange): void {
  const { request, response } = exchange;
  const { maxMessageBytes } = parts.policy().options;
  if (request.headers.expect !== undefined) response.writeContinue();
  const chunks: Buffer[] = [];
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= maxMessageBytes) chunks.push(chunk);
    else if (!response.headersSent) {
      sendProblem(response, tooLarge(maxMessageBytes));
      discardRest(request, parts.policy().options.handshakeTimeoutMs);
    }
  });
  request.on('error', () => response.destroy());
  request.on('end', () => {
    if (response.headersSent) return;
    const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length);
    if (parts.gate.isOpen) serve(parts, exchange, body);
    else parts.gate.wait(request.socket, () => serve(parts, exchange, body));
  });
}

function serve(parts: HttpParts, exchange: Exchange, body: Buffer): void {
  const { request, response, publisher } = exchange;
  try {
    const key = headerKey(request);
    publishAll(parts, { body, key, publisher: publisherNow(parts.policy(), exchange) }, response);
  } catch (error) {
    refuse(parts, response, { error, publisher });
  }
}

/**
 * The publisher as it stands when its body is there, which may be long after the head.
 * @throws ProtocolError `unauthenticated` when it is known no more.
 */
function publisherNow(policy: Policy, { publisher, policy: before }: Exchange): Publisher {
  const { expiresAt } = publisher.identity;
  if (expiresAt !== undefined && expiresAt + policy.options.authClockToleranceMs <= Date.now()) {
    throw new ProtocolError('unauthenticated', 'the token has expired');
  }
  if (policy === before) return publisher;
  const identity = knownHere(policy, identityNow(policy, publisher));
  if (identity === undefined) throw new ProtocolError('unauthenticated', 'the broker does not know this publisher any more');
  return { ...publisher, identity, access: identity.access };
}

function checkRate(limiter: Limiter, address: string): Problem | undefined {
  const excess = limiter.request(address);
  return excess && problemOfExcess(excess);
}

function checkHead(policy: Policy, { headers }: IncomingMessage, publisher: Publisher): Problem | undefined {
  if (!mayPublish(publisher)) return problemOf(publishingForbidden(obstacleOf(publisher, policy.authenticator.isOn)));
  if (!isJson(headers['content-type'])) return { status: 415, detail: 'expected "Content-Type: application/json", in UTF-8' };
  if (!/^(identity)?$/i.test(headers['content-encoding'] ?? '')) {
    return { status: 415, detail: 'expected a body without a content coding' };
  }
  const { maxMessageBytes } = policy.options;
  if (Number(headers['content-length'] ?? 0) > maxMessageBytes) return tooLarge(maxMessageBytes);
  return undefined;
}

interface Body {
  readonly body: Buffer;
  /** Of its header. */
  readonly key: string | undefined;
  readonly publisher: Publisher;
}

/** @throws ProtocolError before anything is published. */
function publishAll(parts: HttpParts, { body, key: header, publisher }: Body, response: ServerResponse): void {
  if (!isUtf8(body)) throw new ProtocolError('invalid-message', 'not UTF-8');
  const { isList, key, publications } = decodePublications({ bytes: body, text: messageText(body), isRelayed: true });
  if (header !== undefined && isList) throw new ProtocolError('invalid-key', 'a list takes no Idempotency-Key');
  const root = Object.hasOwn(publications[0] ?? {}, 'kind') ? '/notification' : '';
  const paths = isList ? publications.map((_, index) => `/notifications/${index}`) : [root];
  const use = parts.notifier.authorise(publisher, { key: keyOfBoth(key, header), bytes: body, publications, paths });
  if (parts.isDraining()) throw new ProtocolError('unavailable', 'the broker is shutting down');
  const receipts: Receipt[] = [];
  let waiting = publications.length;
  let failure: ProtocolError | undefined;
  const settle = (): void => {
    if (failure) refuse(parts, response, { error: withPublished(failure, receipts), publisher });
    else sendJson(response, isList ? { receipts } : { receipt: receipts[0] });
  };
  if (waiting === 0) settle();
  for (let index = 0; index < publications.length; index++) {
    const publication = publications[index] as Publication;
    parts.notifier.publish(publisher, { bytes: body, publication, use }, (outcome) => {
      if (outcome.kind === 'appended') receipts[index] = receiptFor(outcome);
      else failure ??= outcome.error;
      if (--waiting === 0) settle();
    });
  }
}

/** What could not be done, and what of the list was done all the same: who sends all of it again sends that twice. */
function withPublished(failure: ProtocolError, receipts: readonly (Receipt | undefined)[]): ProtocolError {
  const count = receipts.filter((receipt) => receipt !== undefined).length;
  if (count === 0) return failure;
  // Without a hole they are the first.
  const which = receipts.length === count ? `the first ${count}` : `${count}, not the first alone,`;
  return new ProtocolError(failure.code, `${failure.message}; ${which} of the list are published`, { path: failure.path });
}

function refuse(parts: HttpParts, response: ServerResponse, { error, publisher }: { error: unknown; publisher: Publisher }): void {
  const refusal = refusalFor(error, parts.log);
  const problem = problemOf(refusal);
  const { address, identity } = publisher;
  // While the log cannot be written that is every publication: the broker says it once.
  const level = refusal.code === 'unavailable' ? 'debug' : 'warn';
  parts.log[level]({ address, ...identityField(identity), status: problem.status, because: loggedReason(refusal) }, 'publication refused');
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
