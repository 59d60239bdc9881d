import type { IncomingHttpHeaders } from 'node:http';
import type { Access } from '../../protocol/index.js';
import type { BrokerOptions } from '../options.js';

/** Who a peer is, and what that lets it do. */
export interface Identity {
  /** `anonymous`, `key:<name of an API key>`, `sub:<subject of a token>`, `token` for one without a subject. Peers' text: escape it. */
  readonly id: string;
  readonly kind: 'anonymous' | 'key' | 'token';
  readonly access: Access;
  /** When it ends, in ms since 1970; undefined: never. */
  readonly expiresAt: number | undefined;
}

/** The identity of somebody who has one, as a field of the log. */
export function identityField(identity: Identity | undefined): { readonly identity?: string } {
  return identity === undefined || identity.kind === 'anonymous' ? {} : { identity: identity.id };
}

/** A handshake or a request, as far as it says who comes. */
export interface Caller {
  /** The client's, behind trusted proxies the one that they name. */
  readonly address: string;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as they came: only these tell what stands twice. None when the handshake is over. */
  readonly rawHeaders: readonly string[];
  /** The request's target: path and query. */
  readonly url: string;
}

/** Of the files that were read, by the options that name them: a reload tells by these which have changed. */
export type Digests = ReadonlyMap<keyof BrokerOptions, string>;

/** Finds out who comes. Made from options that were checked; replaced whole when they change. */
export interface Authenticator {
  /** Whether anybody is authenticated at all: without keys, API keys and a hook nobody is. */
  readonly isOn: boolean;
  readonly digests: Digests;
  /**
   * Reads what a request brought; at once where nothing has to be asked or computed.
   * @returns undefined when it brought nothing: whether that is enough is the caller's to decide.
   * @throws ProtocolError, or rejects with one: `unauthenticated` for what is wrong with it, `forbidden` when the hook
   *   says no, `unavailable` when the keys or the hook cannot be reached.
   */
  identify(caller: Caller): Identity | undefined | Promise<Identity>;
  /** A token given in band; rejects as above. */
  verify(token: string, caller: Caller): Promise<Identity>;
  /** Whether an identity that an earlier authenticator found would still be found, as far as that is known without its token. */
  stillKnows(identity: Identity): boolean;
  /** Gives up timers and connections. */
  close(): void;
}
