import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ProtocolError, SUBPROTOCOL } from '../protocol/index.js';
import type { Admission } from './admission.js';
import { type PublishObstacle, speaksForItself, strangersObstacle } from './authorise.js';
import type { Caller, Identity } from './identity/identity.js';
import { refusalFor } from './internal-error.js';
import type { Limiter } from './limits/limiter.js';
import type { Counters, Log } from './observe.js';
import type { Policy } from './policy.js';
import type { Acceptor, WsSocket } from './ws-socket.js';

/** A request for an upgrade that the HTTP server handed over, with what came behind its head. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly raw: Duplex;
  readonly head: Buffer;
  /** Whether anybody may publish on this port. */
  readonly isForPublishers: boolean;
}

/** Why a handshake is refused: a status and a sentence for the one who reads the answer. */
interface Refusal {
  readonly status: number;
  readonly because: string;
  readonly retryAfterS?: number;
}

/** What an admitter needs of the broker. */
export interface AdmitParts {
  readonly policy: () => Policy;
  readonly acceptor: () => Acceptor;
  readonly limiter: Limiter;
  readonly log: Log;
  readonly counters: Counters;
  readonly isDraining: () => boolean;
}

type Admitted = (socket: WsSocket, admission: Admission) => void;

const KEY = /^[+/0-9A-Za-z]{22}==$/;
/** After a 503 for which no time is known. */
const RETRY_S = 5;

const PLACE = Symbol('address of which the limiter holds a place');

/** A raw socket for which a place is held. */
interface Placed {
  [PLACE]?: string;
}

/** Decides who comes in. */
export class Admitter {
  readonly #parts: AdmitParts;
  /** One listener for all of them. */
  readonly #left: (this: Duplex & Placed) => void;
  /** Handshakes of which it is being found out who makes them, and from where. */
  readonly #asking = new Map<Upgrade, string>();
  #count = 0;

  constructor(parts: AdmitParts) {
    this.#parts = parts;
    this.#left = function (this: Duplex & Placed) {
      parts.limiter.leave(this[PLACE] as string);
    };
  }

  /** Answers the request, at once unless it takes time to find out who asks: 101 and `admitted`, or a refusal. */
  admit(upgrade: Upgrade, admitted: Admitted): void {
    const { request, raw } = upgrade;
    // First of all, for a socket may break at any moment, and an error without a listener ends the process.
    raw.on('error', ignore);
    const address = this.#parts.policy().clientAddress.of(request.socket.remoteAddress, request.headers);
    const refusal = this.#refusalOf(upgrade, address);
    if (refusal) this.#refuse(upgrade, address, refusal);
    else this.#identify(upgrade, { address, headers: request.headers, url: request.url ?? '/' }, admitted);
  }

  /** Turns away those of whom it is still being found out who they are. */
  drain(): void {
    for (const [upgrade, address] of this.#asking) this.#refuse(upgrade, address, DRAINING);
    this.#asking.clear();
  }

  #identify(upgrade: Upgrade, caller: Caller, admitted: Admitted): void {
    const { authenticator } = this.#parts.policy();
    try {
      const identity = authenticator.identify(caller);
      if (!(identity instanceof Promise)) {
        this.#welcome(upgrade, { caller, identity }, admitted);
        return;
      }
      const waiting = keptWhole(upgrade);
      this.#asking.set(waiting, caller.address);
      const settle = (act: () => void): void => {
        if (!this.#asking.delete(waiting)) return;
        // What a policy found that has been replaced meanwhile does not count, neither for the peer nor against it.
        if (this.#parts.policy().authenticator === authenticator) act();
        else this.#identify(waiting, caller, admitted);
      };
      const turnAway = (error: unknown): void => this.#turnAway(waiting, caller.address, error);
      identity
        .then(
          (found) => settle(() => this.#welcome(waiting, { caller, identity: found }, admitted)),
          (error: unknown) => settle(() => turnAway(error)),
        )
        .catch(turnAway);
    } catch (error) {
      this.#turnAway(upgrade, caller.address, error);
    }
  }

  /** All but who it is; the limiter's place is taken last, and given back when the socket closes. */
  #refusalOf({ request, raw }: Upgrade, address: string): Refusal | undefined {
    if (this.#parts.isDraining()) return DRAINING;
    const broken = checkHandshake(request);
    if (broken) return broken;
    const full = this.#parts.limiter.enter(address);
    if (full) return full;
    (raw as Duplex & Placed)[PLACE] = address;
    raw.on('close', this.#left);
    if (this.#parts.policy().origins.allows(request.headers)) return undefined;
    return { status: 403, because: "pages of this origin may not connect; the broker's option --allow-origin ORIGIN would allow it" };
  }

  #welcome(upgrade: Upgrade, who: { readonly caller: Caller; readonly identity: Identity | undefined }, admitted: Admitted): void {
    const { request, raw, isForPublishers } = upgrade;
    const { caller } = who;
    const { address, headers } = caller;
    // It may have taken time to find out: look again.
    if (raw.destroyed) return;
    if (this.#parts.isDraining()) {
      this.#refuse(upgrade, address, DRAINING);
      return;
    }
    const policy = this.#parts.policy();
    const isDirect = speaksForItself(headers);
    const identity = who.identity ?? strangerOf(policy, { address, isDirect });
    if (identity === undefined && !offersV1(headers)) {
      const because = 'expected a token or a key: Authorization: Bearer, the subprotocol wsn.token.<token>, or X-Api-Key';
      this.#refuse(upgrade, address, { status: 401, because });
      return;
    }
    const isStranger = identity?.kind === 'anonymous';
    const obstacle: PublishObstacle = !isForPublishers ? 'port' : isStranger ? strangersObstacle(policy.authenticator.isOn) : 'grants';
    const origin = headers.origin === undefined ? {} : { origin: headers.origin };
    this.#parts.acceptor().accept({ request, raw, head: upgrade.head }, (socket) => {
      // From here on `ws` listens for them.
      raw.off('error', ignore);
      this.#count++;
      const id = `c${this.#count.toString(36)}`;
      admitted(socket, { id, caller: { address, headers: origin, url: '' }, identity, isDirect, obstacle });
    });
  }

  #turnAway(upgrade: Upgrade, address: string, error: unknown): void {
    this.#refuse(upgrade, address, handshakeRefusal(refusalFor(error, this.#parts.log)));
  }

  #refuse({ raw }: Upgrade, address: string, refusal: Refusal): void {
    const { log, counters } = this.#parts;
    counters.turnedAway++;
    log.warn({ address, status: refusal.status, because: refusal.because }, 'handshake refused');
    refuse(raw, refusal);
  }
}

const DRAINING: Refusal = { status: 503, because: 'the broker is shutting down' };

/** What somebody is who has shown nothing; undefined when that lets it do nothing at all. */
export function strangerOf(
  { strangers, authenticator }: Policy,
  stranger: { readonly address: string; readonly isDirect: boolean },
): Identity | undefined {
  const access = strangers.accessOf(stranger);
  if (authenticator.isOn && access.subscribe.length === 0 && access.publish.length === 0) return undefined;
  return { id: 'anonymous', kind: 'anonymous', access, expiresAt: undefined };
}

function offersV1({ 'sec-websocket-protocol': offered }: IncomingMessage['headers']): boolean {
  return offered?.split(',').some((offer) => offer.trim() === SUBPROTOCOL) === true;
}

function handshakeRefusal(error: ProtocolError): Refusal {
  const because = error.message;
  if (error.code === 'unauthenticated') return { status: 401, because };
  if (error.code === 'forbidden') return { status: 403, because };
  return error.code === 'unavailable' ? { status: 503, because } : { status: 500, because };
}

/** RFC 6455 section 4.2.1, as far as it concerns the request's head. */
function checkHandshake(request: IncomingMessage): Refusal | undefined {
  const { headers } = request;
  if (request.httpVersion !== '1.1') return { status: 400, because: 'a handshake is an HTTP/1.1 request' };
  if (request.method !== 'GET') return { status: 400, because: 'a handshake is a GET request' };
  if (headers.upgrade?.toLowerCase() !== 'websocket') return { status: 400, because: 'expected "Upgrade: websocket"' };
  if (headers.host === undefined) return { status: 400, because: 'expected a Host header' };
  const version = headers['sec-websocket-version'];
  if (version === undefined) return { status: 400, because: 'expected "Sec-WebSocket-Version: 13"' };
  if (version !== '13') return { status: 426, because: 'expected "Sec-WebSocket-Version: 13"' };
  if (!KEY.test(headers['sec-websocket-key'] ?? '')) return { status: 400, because: 'expected a Sec-WebSocket-Key of 16 bytes in base64' };
  return undefined;
}

/** Answers as every refusal over HTTP is answered. */
function refuse(raw: Duplex, { status, because, retryAfterS }: Refusal): void {
  const body = `${JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, detail: because })}\n`;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Sec-WebSocket-Version: 13',
  ];
  if (status === 401) head.push('WWW-Authenticate: Bearer');
  if (status === 503 || status === 429) head.push(`Retry-After: ${retryAfterS ?? RETRY_S}`);
  raw.once('finish', () => raw.destroy());
  raw.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** A FIN on a stream that holds nothing would end it, and what came with the head would be lost with it. */
function keptWhole({ request, raw, head, isForPublishers }: Upgrade): Upgrade {
  if (head.length > 0) raw.unshift(head);
  return { request, raw, head: Buffer.alloc(0), isForPublishers };
}

function ignore(): void {}
