import type { IncomingHttpHeaders } from 'node:http';
import type { BlockList } from 'node:net';
import { type Access, ProtocolError } from '../protocol/index.js';
import { isLoopback } from './address.js';
import type { Identity } from './identity/identity.js';
import { holds, parseNetworks, plainAddress } from './networks.js';
import type { BrokerOptions } from './options.js';

/** Where an address is, as far as publishing is concerned: in a listed network, on this machine, or elsewhere. */
type Place = 'listed' | 'here' | 'elsewhere';

/** Addresses whose place is remembered: to find it out costs more than all else that a request is asked. */
const MOST_REMEMBERED = 1000;

/** Who asks without a token or a key. */
export interface Stranger {
  readonly address: string;
  /** Whether it speaks for itself: neither a page nor a proxy is in its headers. */
  readonly isDirect: boolean;
}

/** What of the options decides about strangers. */
type StrangerOptions = Pick<BrokerOptions, 'allowPublish' | 'anonymousSubscribe' | 'anonymousPublish'>;

/**
 * What a peer may do that has shown neither a token nor a key: what the operator grants to anybody. Without such
 * grants it may hear everything, and publish when it is on this machine and speaks for itself; nothing of that as
 * soon as anybody is authenticated. Who is in a listed network may publish in any case.
 */
export class StrangerRule {
  readonly #options: StrangerOptions;
  readonly #isAuthenticating: boolean;
  readonly #allowed: BlockList;
  readonly #places = new Map<string, Place>();

  constructor(options: StrangerOptions, isAuthenticating: boolean) {
    this.#options = options;
    this.#isAuthenticating = isAuthenticating;
    this.#allowed = parseNetworks(options.allowPublish);
  }

  /** What somebody is who has shown nothing; undefined when that lets it do nothing at all. */
  identityOf(stranger: Stranger): Identity | undefined {
    const access = this.#accessOf(stranger);
    if (this.#isAuthenticating && access.subscribe.length === 0 && access.publish.length === 0) return undefined;
    return { id: 'anonymous', kind: 'anonymous', access, expiresAt: undefined };
  }

  #accessOf({ address, isDirect }: Stranger): Access {
    const { anonymousSubscribe, anonymousPublish } = this.#options;
    const place = this.#placeOf(address);
    const isOwn = place === 'here' && isDirect && !this.#isAuthenticating;
    return {
      subscribe: anonymousSubscribe ?? (this.#isAuthenticating ? [] : 'all'),
      publish: place === 'listed' ? 'all' : (anonymousPublish ?? (isOwn ? 'all' : [])),
    };
  }

  #placeOf(given: string): Place {
    const known = this.#places.get(given);
    if (known !== undefined) return known;
    const address = plainAddress(given);
    const place = holds(this.#allowed, address) ? 'listed' : isLoopback(address) ? 'here' : 'elsewhere';
    if (this.#places.size >= MOST_REMEMBERED) this.#places.clear();
    this.#places.set(given, place);
    return place;
  }
}

/** Behind a proxy on the same machine everybody is on loopback, and so is every page that the machine's user opens. */
export function speaksForItself(headers: IncomingHttpHeaders): boolean {
  for (const name in headers) {
    if (name === 'origin' || name === 'forwarded' || name.startsWith('x-forwarded-')) return false;
  }
  return true;
}

/** Why a peer may publish nothing at all, or not this. */
type PublishObstacle = 'place' | 'stranger' | 'grants' | 'port';

const SENTENCES: Readonly<Record<PublishObstacle, string>> = {
  place: "publishing from here is not allowed; the broker's option --allow-publish CIDR would allow it",
  stranger: 'publishing this takes a key or a token',
  grants: 'no grant of this peer lets it publish this',
  port: 'nobody publishes on this port; the broker has another one for it (--publish-port)',
};

/** Who wants to publish, as far as it decides why not. */
interface Refused {
  readonly identity: Identity | undefined;
  /** Whether anybody may publish on the port by which it came. */
  readonly isForPublishers: boolean;
}

/** What keeps somebody from publishing whose access does not let it, now. */
export function obstacleOf({ identity, isForPublishers }: Refused, isAuthenticating: boolean): PublishObstacle {
  if (!isForPublishers) return 'port';
  if (identity?.kind !== 'anonymous') return 'grants';
  return isAuthenticating ? 'stranger' : 'place';
}

/** The refusal of a publication, naming the option that would allow it where there is one. */
export function publishingForbidden(obstacle: PublishObstacle, path = ''): ProtocolError {
  return new ProtocolError('forbidden', SENTENCES[obstacle], { path });
}
