import { CLOSE_CODES, decodePeerMessage, type PeerMessage, ProtocolError, type PublishMessage, type Received } from '../protocol/index.js';
import type { Outcome } from './feed/feed.js';
import { encodeMessage } from './frame.js';
import { refusalFor } from './internal-error.js';
import { messageText } from './message-text.js';
import { type Notifier, receiptFor } from './notify.js';
import type { Counters, Log } from './observe.js';
import type { Peer } from './peer.js';
import { send } from './send.js';
import type { Subscriber } from './subscribe.js';
import type { Tolerance } from './tolerance.js';

/** Reads what peers send and acts on it, message by message in their order. */
export class Receiver {
  readonly #subscriber: Subscriber;
  readonly #notifier: Notifier;
  readonly #log: Log;
  readonly #counters: Counters;
  readonly #tolerance: Tolerance | undefined;

  /** @param parts with `tolerance` only when invalid messages of base peers are ignored. */
  constructor(parts: {
    readonly subscriber: Subscriber;
    readonly notifier: Notifier;
    readonly log: Log;
    readonly counters: Counters;
    readonly tolerance: Tolerance | undefined;
  }) {
    this.#subscriber = parts.subscriber;
    this.#notifier = parts.notifier;
    this.#log = parts.log;
    this.#counters = parts.counters;
    this.#tolerance = parts.tolerance;
  }

  /** A text message of `peer`; never throws. */
  text(peer: Peer, bytes: Buffer): void {
    const received: Received = { bytes, text: messageText(bytes), isRelayed: true };
    this.#log.debug({ connection: peer.id, bytes: bytes.length }, 'message');
    let id: string | undefined;
    try {
      const message = decodePeerMessage(received, peer.dialect);
      id = message.id;
      this.#act(peer, message, bytes);
    } catch (error) {
      const refusal = refusalFor(error, this.#log);
      this.#refuse(peer, id === undefined ? refusal : refusal.withId(id), received.text);
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
    else if (message.kind === 'subscribe') this.#subscriber.subscribe(peer, message);
    else throw new ProtocolError('unsupported', 'this broker authenticates nobody; connect without a token');
  }

  #publish(peer: Peer, message: PublishMessage, bytes: Buffer): void {
    this.#notifier.authorise(peer, message.key === undefined ? undefined : '/key');
    this.#notifier.publish(peer, { bytes, publication: message }, (outcome) => this.#answer(peer, message, outcome));
  }

  #answer(peer: Peer, { id }: PublishMessage, outcome: Outcome): void {
    if (outcome.kind === 'failed') this.#refuse(peer, outcome.error.withId(id), undefined);
    else if (peer.dialect === 'base') peer.close(CLOSE_CODES.normal.code);
    else {
      const receipt = receiptFor(outcome);
      send(peer, encodeMessage(id === undefined ? { kind: 'receipt', receipt } : { kind: 'receipt', id, receipt }));
    }
  }

  /** @param text the message at fault, or undefined when the fault is not the message's. */
  #refuse(peer: Peer, error: ProtocolError, text: string | undefined): void {
    if (!peer.isOpen) return;
    this.#counters.refused++;
    if (peer.dialect === 'v1') {
      this.#log.warn({ connection: peer.id, code: error.code, because: error.described }, 'message refused');
      const { code, message, retry, path, id } = error;
      const detail = path === '' ? { code, message, retry } : { code, path, message, retry };
      send(peer, encodeMessage({ kind: 'error', ...(id === undefined ? {} : { id }), error: detail }));
    } else this.#refuseBase(peer, error, text);
  }

  /** loudly, but for a subscriber in tolerant mode; a publisher always has to be told. */
  #refuseBase(peer: Peer, error: ProtocolError, text: string | undefined): void {
    const fields = { connection: peer.id, code: error.code, because: error.described };
    const mayBeIgnored = text !== undefined && error.closeCode === CLOSE_CODES.invalidMessage.code && !isPublishers(text);
    if (!mayBeIgnored || !this.#tolerance) {
      const hint = mayBeIgnored ? { hint: 'with --tolerant such messages are ignored' } : {};
      this.#log.warn({ ...fields, ...hint }, 'message refused');
      peer.close(error.closeCode, error.closeReason);
      return;
    }
    this.#log.warn(fields, 'message ignored');
    if (this.#tolerance.isExhaustedBy(peer)) peer.close(CLOSE_CODES.policy.code, 'too many invalid messages');
  }
}

/** Whether an invalid message is a publisher's, who always has to be told. */
function isPublishers(text: string): boolean {
  try {
    return (JSON.parse(text) as { sender?: unknown } | null)?.sender === 'server';
  } catch {
    return false;
  }
}
