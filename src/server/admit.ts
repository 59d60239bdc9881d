import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { SUBPROTOCOL } from '../protocol/index.js';
import type { Admission } from './admission.js';
import { speaksForItself } from './authorise.js';
import type { Caller, Identity } from './identity/identity.js';
import { askInForce } from './identity/in-force.js';
import { refusalFor } from './internal-error.js';
import type { Limiter } from './limits/limiter.js';
import type { Counters, Log } from './observe.js';
import type { Policy } from './policy.js';
import { headersOf, type Problem, problemBody, problemOf, problemOfExcess } from './problem.js';
import { timesGiven } from './times-given.js';
import type { Acceptor, WsSocket } from './ws-socket.js';

/** A request for an upgrade that the HTTP server handed over, with what came behind its head. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly raw: Duplex;
  readonly head: Buffer;
  /** Whether anybody may publish on this port. */
  readonly isForPublishers: boolean;
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
/** A host as in RFC 3986 section 3.2.2, and perhaps a port. */
const HOST = /^(?:\[[\da-f:.%]+\]|[\w\-.~%!$&'()*+,;=]+)(?::\d*)?$/i;

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
    const problem = this.#problemOf(upgrade, address);
    if (problem) this.#refuse(upgrade, address, problem);
    else {
      const { headers, rawHeaders, url = '/' } = request;
      this.#identify(upgrade, { address, headers, rawHeaders, url }, admitted);
    }
  }

  /** Turns away those of whom it is still being found out who they are. */
  drain(): void {
    for (const [upgrade, address] of this.#asking) this.#refuse(upgrade, address, DRAINING);
    this.#asking.clear();
  }

  #identify(given: Upgrade, caller: Caller, admitted: Admitted): void {
    const { policy, log } = this.#parts;
    const upgrade = keptWhole(given);
    this.#asking.set(upgrade, caller.address);
    askInForce<Identity | undefined>(
      () => policy().authenticator,
      (authenticator) => authenticator.identify(caller),
      {
        // A drain has answered those whom it found here.
        found: (identity) => {
          if (this.#asking.has(upgrade)) this.#welcome(upgrade, { caller, identity }, admitted);
          this.#asking.delete(upgrade);
        },
        failed: (error) => {
          if (this.#asking.delete(upgrade)) this.#refuse(upgrade, caller.address, problemOf(refusalFor(error, log)));
        },
        isWanted: () => !upgrade.raw.destroyed && this.#asking.has(upgrade),
      },
    );
  }

  /** All but who it is; the limiter's place is taken last, and given back when the socket closes. */
  #problemOf({ request, raw }: Upgrade, address: string): Problem | undefined {
    if (this.#parts.isDraining()) return DRAINING;
    const broken = checkHandshake(request);
    if (broken) return broken;
    const excess = this.#parts.limiter.enter(address);
    if (excess) return problemOfExcess(excess);
    (raw as Duplex & Placed)[PLACE] = address;
    raw.on('close', this.#left);
    return this.#parts.policy().origins.allows(request.headers) ? undefined : FOREIGN;
  }

  #welcome(upgrade: Upgrade, who: { readonly caller: Caller; readonly identity: Identity | undefined }, admitted: Admitted): void {
    const { request, raw, head, isForPublishers } = upgrade;
    const { address, headers } = who.caller;
    // It may have taken time to find out.
    if (raw.destroyed) return;
    const { strangers } = this.#parts.policy();
    const isDirect = speaksForItself(headers);
    const identity = who.identity ?? strangers.identityOf({ address, isDirect });
    if (identity === undefined && !offersV1(headers)) {
      this.#refuse(upgrade, address, NOBODY);
      return;
    }
    const origin = headers.origin === undefined ? {} : { origin: headers.origin };
    this.#parts.acceptor().accept({ request, raw, head }, (socket) => {
      // From here on `ws` listens for them.
      raw.off('error', ignore);
      this.#count++;
      const id = `c${this.#count.toString(36)}`;
      admitted(socket, { id, caller: { address, headers: origin, rawHeaders: [], url: '' }, identity, isDirect, isForPublishers });
    });
  }

  #refuse({ raw, request }: Upgrade, address: string, problem: Problem): void {
    const { log, counters } = this.#parts;
    counters.turnedAway++;
    const origin = problem === FOREIGN ? { origin: request.headers.origin?.slice(0, LONGEST_LOGGED) } : {};
    log.warn({ address, ...origin, status: problem.status, because: problem.detail }, 'handshake refused');
    refuse(raw, problem);
  }
}

/** Of what a peer wrote. */
const LONGEST_LOGGED = 256;

const DRAINING: Problem = { status: 503, code: 'unavailable', detail: 'the broker is shutting down' };

const FOREIGN: Problem = {
  status: 403,
  code: 'forbidden',
  detail: "pages of this origin may not connect; the broker's option --allow-origin ORIGIN would allow it",
};

const NOBODY: Problem = {
  status: 401,
  code: 'unauthenticated',
  detail: 'expected a token or a key: Authorization: Bearer, the subprotocol wsn.token.<token>, or X-Api-Key',
};

function offersV1({ 'sec-websocket-protocol': offered }: IncomingMessage['headers']): boolean {
  return offered?.split(',').some((offer) => offer.trim() === SUBPROTOCOL) === true;
}

/** RFC 6455 section 4.2.1, as far as it concerns the request's head. */
function checkHandshake(request: IncomingMessage): Problem | undefined {
  const { headers } = request;
  if (request.httpVersion !== '1.1') return { status: 400, detail: 'a handshake is an HTTP/1.1 request' };
  if (request.method !== 'GET') return { status: 400, detail: 'a handshake is a GET request' };
  if (headers.upgrade?.toLowerCase() !== 'websocket') return { status: 400, detail: 'expected "Upgrade: websocket"' };
  if (timesGiven('Host', request.rawHeaders) > 1) return { status: 400, detail: 'expected one Host header' };
  if (!HOST.test(headers.host ?? '')) return { status: 400, detail: 'expected a Host header with a name or an address' };
  const version = headers['sec-websocket-version'];
  if (version === undefined) return { status: 400, detail: 'expected "Sec-WebSocket-Version: 13"' };
  if (version !== '13') return { status: 426, detail: 'expected "Sec-WebSocket-Version: 13"' };
  if (!KEY.test(headers['sec-websocket-key'] ?? '')) return { status: 400, detail: 'expected a Sec-WebSocket-Key of 16 bytes in base64' };
  return undefined;
}

/** Answers as every refusal over HTTP is answered. */
function refuse(raw: Duplex, problem: Problem): void {
  const { status } = problem;
  const body = `${JSON.stringify(problemBody(problem))}\n`;
  const headers = {
    Connection: 'close',
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(body),
    'Sec-WebSocket-Version': '13',
    ...headersOf(problem),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  raw.once('finish', () => raw.destroy());
  raw.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
}

/** A FIN on a stream that holds nothing would end it, and what came with the head would be lost with it. */
function keptWhole({ request, raw, head, isForPublishers }: Upgrade): Upgrade {
  if (head.length > 0) raw.unshift(head);
  return { request, raw, head: Buffer.alloc(0), isForPublishers };
}

function ignore(): void {}
