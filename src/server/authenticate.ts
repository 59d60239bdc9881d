import { type AuthenticateMessage, CLOSE_CODES, ProtocolError } from '../protocol/index.js';
import { encodeMessage } from './frame.js';
import type { Authenticator, Identity } from './identity/identity.js';
import { refusalFor } from './internal-error.js';
import type { Log } from './observe.js';
import type { Peer } from './peer.js';
import { send } from './send.js';
import type { Subscriber } from './subscribe.js';

/** Takes tokens that `wsn.v1` peers give in band. */
export class Authentication {
  readonly #authenticator: () => Authenticator;
  readonly #subscriber: Subscriber;
  readonly #log: Log;

  constructor(parts: { authenticator: () => Authenticator; subscriber: Subscriber; log: Log }) {
    this.#authenticator = parts.authenticator;
    this.#subscriber = parts.subscriber;
    this.#log = parts.log;
  }

  /**
   * Has a token verified. What the peer sends meanwhile waits behind it, for messages take effect in order.
   * @param refused told why when it is not taken, and nothing has changed.
   * @throws ProtocolError `unsupported` where nobody is authenticated.
   */
  take(peer: Peer, { id, token }: AuthenticateMessage, refused: (error: ProtocolError) => void): void {
    const authenticator = this.#authenticator();
    if (!authenticator.isOn) throw new ProtocolError('unsupported', 'this broker authenticates nobody; connect without a token');
    peer.suspend(async () => {
      try {
        const identity = await authenticator.verify(token, peer.caller);
        return () => this.#renew(peer, { id, identity, refused });
      } catch (error) {
        return () => refused(refusalFor(error, this.#log).withId(id));
      }
    });
  }

  /** In one step: whatever is published from now on is compared with the new grants. */
  #renew(peer: Peer, answer: { id: string | undefined; identity: Identity; refused: (error: ProtocolError) => void }): void {
    if (!peer.isOpen) return;
    const { id, identity, refused } = answer;
    const before = peer.identity;
    if (before !== undefined && before.kind !== 'anonymous' && before.id !== identity.id) {
      refused(new ProtocolError('forbidden', 'the token is of another subject than the one before', { path: '/token', id }));
      return;
    }
    if (identity.expiresAt !== undefined && identity.expiresAt <= Date.now()) {
      peer.close(CLOSE_CODES.unauthenticated.code, 'the token has expired');
      return;
    }
    peer.become(identity);
    this.#subscriber.regrant(peer);
    this.#log.info({ connection: peer.id, identity: identity.id, expiresAt: identity.expiresAt }, 'authenticated');
    const { expiresAt } = identity;
    const frame = {
      kind: 'authenticated',
      ...(id === undefined ? {} : { id }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    } as const;
    send(peer, encodeMessage(frame));
  }
}
