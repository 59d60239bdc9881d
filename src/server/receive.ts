import {
  type AuthenticateMessage,
  CLOSE_CODES,
  closeCodeOf,
  closeReasonOf,
  decodePeerMessage,
  type ErrorCode,
  type PeerMessage,
  ProtocolError,
  type PublishMessage,
  type Received,
  type SubscribeMessage,
  withId,
} from '../protocol/index.js';
import type { Authentication } from './authenticate.js';
import type { Outcome } from './feed/feed.js';
import { encodeMessage } from './frame.js';
import type { Gate, Sender } from './gate.js';
import { identityField } from './identity/identity.js';
import { refusalFor } from './internal-error.js';
import type { Limiter } from './limits/limiter.js';
import { RateExceeded } from './limits/rate-exceeded.js';
import { loggedReason } from './logged-reason.js';
import { messageText } from './message-text.js';
import { type Notifier, receiptFor } from './notify.js';
import type { Counters, Log } from './observe.js';
import type { BrokerOptions } from './options.js';
import type { Peer } from './peer.js';
import { send } from './send.js';
import type { Subscriber } from './subscribe.js';
import type { Tolerance } from './tolerance.js';

/** What a receiver needs of the broker. */
export interface ReceiveParts {
  readonly subscriber: Subscriber;
  readonly notifier: Notifier;
  /** Where publications wait for a log that is behind. */
  readonly publishGate: Gate;
  readonly isLogBehind: () => boolean;
  readonly authentication: Authentication;
  readonly limiter: Limiter;
  readonly log: Log;
  readonly counters: Counters;
  /** How many subscriptions and filter values a message may hold. */
  readonly bounds: () => Pick<BrokerOptions, 'maxSubscriptions' | 'maxFilterValues'>;
  /** Only when invalid messages of base peers are ignored. */
  readonly tolerance: Tolerance | undefined;
}

/** Reads what peers send and acts on it, message by message in their order. */
export class Receiver {
  readonly #parts: ReceiveParts;

  constructor(parts: ReceiveParts) {
    this.#parts = parts;
  }

  /** A text message of `peer`; never throws. */
  text(peer: Peer, bytes: Buffer): void {
    const received: Received = { bytes, text: messageText(bytes), isRelayed: true };
    this.#parts.log.debug({ connection: peer.id, bytes: bytes.length }, 'message');
    let message: PeerMessage | undefined;
    try {
      message = decodePeerMessage(received, peer.dialect, this.#parts.bounds());
      if (message.kind !== 'publish') this.#count(peer);
      this.#act(peer, message, bytes);
    } catch (error) {
      this.#refuseInTurn(peer, this.#refusalOf(peer, error, message), received.text);
    }
  }

  /** A binary message of `peer`. */
  binary(peer: Peer): void {
    if (peer.isOpen) peer.close(CLOSE_CODES.unsupportedData.code, 'expected a text message');
  }

  #act(peer: Peer, message: PeerMessage, bytes: Buffer): void {
    // What is not a publication has no effect any more once the close has begun.
    if (message.kind === 'publish') this.#publish(peer, message, bytes);
    else if (!peer.isOpen) return;
    else if (peer.isUnsettled) peer.suspend((done) => peer.whenSettled(() => done(() => this.#actBehind(peer, message))));
    else this.#actAtOnce(peer, message);
  }

  /** Acts on a message behind publications of the peer that had to be waited for. */
  #actBehind(peer: Peer, message: SubscribeMessage | AuthenticateMessage): void {
    if (!peer.isOpen) return;
    try {
      this.#actAtOnce(peer, message);
    } catch (error) {
      this.#refuse(peer, this.#refusalOf(peer, error, message), undefined);
    }
  }

  #actAtOnce(peer: Peer, message: SubscribeMessage | AuthenticateMessage): void {
    if (message.kind === 'authenticate') this.#authenticate(peer, message);
    else {
      refuseUnnamed(peer);
      this.#parts.subscriber.subscribe(peer, message, (error) => this.#refuse(peer, this.#refusalOf(peer, error, message), undefined));
    }
  }

  #authenticate(peer: Peer, message: AuthenticateMessage): void {
    this.#parts.authentication.take(peer, message, (error) => this.#refuse(peer, error, undefined));
  }

  /** @throws RateExceeded for one message too many of the peer, or of its address. */
  #count(peer: Peer): void {
    const { limiter } = this.#parts;
    const waitMs = peer.isOpen ? limiter.message(peer) : 0;
    if (waitMs > 0) throw new RateExceeded(limiter.tooManyMessages(peer, waitMs), waitMs);
  }

  #publish(peer: Peer, message: PublishMessage, bytes: Buffer): void {
    refuseUnnamed(peer);
    const { notifier, publishGate, isLogBehind } = this.#parts;
    const key = message.key === undefined ? undefined : { value: message.key, path: '/key' };
    const use = notifier.authorise(peer, { key, bytes, publications: [message], paths: NOTIFICATION });
    peer.begun();
    const publish = (): void =>
      notifier.publish(peer, { bytes, publication: message, use }, (outcome) => {
        this.#answer(peer, message, outcome);
        peer.settled();
      });
    if (!isLogBehind()) publish();
    else peer.suspend((done) => publishGate.wait(new Held(), () => done(publish)));
  }

  #answer(peer: Peer, { id }: PublishMessage, outcome: Outcome): void {
    if (outcome.kind === 'failed') this.#refuse(peer, withId(outcome.error, id), undefined);
    else if (peer.dialect === 'base') peer.served();
    else {
      const receipt = receiptFor(outcome);
      send(peer, encodeMessage(id === undefined ? { kind: 'receipt', receipt } : { kind: 'receipt', id, receipt }));
    }
  }

  /** @param message that has been refused, if it could be read: if it is not a publication it has been counted. */
  #refusalOf(peer: Peer, error: unknown, message: PeerMessage | undefined): ProtocolError {
    try {
      if (message === undefined || message.kind === 'publish') this.#count(peer);
    } catch (excess) {
      return excess as RateExceeded;
    }
    const refusal = refusalFor(error, this.#parts.log);
    return message?.id === undefined || refusal instanceof RateExceeded ? refusal : withId(refusal, message.id);
  }

  /** What ends the connection waits until what came before it has been answered. */
  #refuseInTurn(peer: Peer, error: ProtocolError, text: string): void {
    const isEnd = peer.dialect === 'base' || error instanceof RateExceeded || peer.identity === undefined;
    const refuse = (): void => this.#refuse(peer, error, text);
    if (isEnd && peer.isUnsettled) peer.suspend((done) => peer.whenSettled(() => done(refuse)));
    else refuse();
  }

  /** @param text the message at fault, or undefined when the fault is not the message's. */
  #refuse(peer: Peer, error: ProtocolError, text: string | undefined): void {
    if (!peer.isOpen) return;
    this.#parts.counters.refused++;
    // A rate ends every connection, and so does what comes from somebody who has not said who it is.
    if (error instanceof RateExceeded || peer.identity === undefined) {
      this.#parts.log.warn(factsOf(peer, error), 'message refused');
      const isItself = error instanceof RateExceeded || TOLD_AS_THEY_ARE.has(error.code);
      peer.close(isItself ? closeCodeOf(error) : CLOSE_CODES.unauthenticated.code, closeReasonOf(error));
      return;
    }
    if (peer.dialect === 'v1') {
      // While the log cannot be written that is every publication: the broker says it once.
      this.#parts.log[error.code === 'unavailable' ? 'debug' : 'warn'](factsOf(peer, error), 'message refused');
      const { code, message, retry, path, id } = error;
      const detail = path === '' ? { code, message, retry } : { code, path, message, retry };
      send(peer, encodeMessage({ kind: 'error', ...(id === undefined ? {} : { id }), error: detail }));
    } else this.#refuseBase(peer, error, text);
  }

  /** loudly, but for a subscriber in tolerant mode; a publisher always has to be told. */
  #refuseBase(peer: Peer, error: ProtocolError, text: string | undefined): void {
    const fields = factsOf(peer, error);
    const mayBeIgnored = text !== undefined && closeCodeOf(error) === CLOSE_CODES.invalidMessage.code && !isPublishers(text);
    if (!mayBeIgnored || !this.#parts.tolerance) {
      const hint = mayBeIgnored ? { hint: 'with --tolerant such messages are ignored' } : {};
      this.#parts.log[error.code === 'unavailable' ? 'debug' : 'warn']({ ...fields, ...hint }, 'message refused');
      peer.close(closeCodeOf(error), closeReasonOf(error), fields.because);
      return;
    }
    this.#parts.log.warn(fields, 'message ignored');
    if (this.#parts.tolerance.isExhaustedBy(peer)) peer.close(CLOSE_CODES.policy.code, 'too many invalid messages');
  }
}

/** What a first token may be refused with for other reasons than itself; any other first message is `unauthenticated`. */
const TOLD_AS_THEY_ARE: ReadonlySet<ErrorCode> = new Set(['forbidden', 'unavailable', 'internal']);

/** What the log tells of a refusal. */
function factsOf(peer: Peer, error: ProtocolError) {
  return { connection: peer.id, ...identityField(peer.identity), code: error.code, because: loggedReason(error) };
}

/** Stands in the line of the publications' gate for a peer from which nothing is read meanwhile. */
class Held implements Sender {
  pause(): void {}

  resume(): void {}
}

/** Where a notification stands in a peer's message. */
const NOTIFICATION = ['/notification'];

/** @throws ProtocolError for a peer that has still to bring its token. */
function refuseUnnamed(peer: Peer): void {
  if (peer.identity === undefined) throw new ProtocolError('unauthenticated', 'expected a token first', { path: '/token' });
}

/** Whether an invalid message is a publisher's, who always has to be told. */
function isPublishers(text: string): boolean {
  try {
    return (JSON.parse(text) as { sender?: unknown } | null)?.sender === 'server';
  } catch {
    return false;
  }
}
