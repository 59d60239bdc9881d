import type { IncomingHttpHeaders } from 'node:http';
import { type BlockList, isIPv6 } from 'node:net';
import { ProtocolError } from '../protocol/index.js';
import { parseNetworks } from './options.js';

/** Who asks: the address at the other end of the socket, and the headers of its handshake or request. */
export interface Origin {
  readonly address: string;
  readonly headers: IncomingHttpHeaders;
}

const LOOPBACK = parseNetworks(['127.0.0.0/8', '::1/128']);

/** Where an address is, as far as publishing is concerned: in a listed network, on this machine, or elsewhere. */
type Place = 'listed' | 'here' | 'elsewhere';

/** Addresses whose place is remembered: to find it out costs more than all else that a request is asked. */
const MOST_REMEMBERED = 1000;

/**
 * Whether a peer may publish while nobody is authenticated: it is on this machine and neither a page nor a
 * proxy speaks for somebody else, or the operator has listed its network.
 */
export class PublishRule {
  readonly #allowed: BlockList;
  readonly #places = new Map<string, Place>();

  /** @param networks CIDRs, already checked. */
  constructor(networks: readonly string[]) {
    this.#allowed = parseNetworks(networks);
  }

  allows(origin: Origin): boolean {
    const place = this.#placeOf(origin.address);
    return place === 'listed' || (place === 'here' && !speaksForOthers(origin.headers));
  }

  #placeOf(given: string): Place {
    const known = this.#places.get(given);
    if (known !== undefined) return known;
    const address = plainAddress(given);
    const place = holds(this.#allowed, address) ? 'listed' : holds(LOOPBACK, address) ? 'here' : 'elsewhere';
    if (this.#places.size >= MOST_REMEMBERED) this.#places.clear();
    this.#places.set(given, place);
    return place;
  }
}

/** The refusal of a publication, naming the option that would allow it. */
export function publishingForbidden(): ProtocolError {
  return new ProtocolError('forbidden', "publishing from here is not allowed; the broker's option --allow-publish CIDR would allow it");
}

/** Behind a proxy on the same machine everybody is on loopback, and so is every page that the machine's user opens. */
function speaksForOthers(headers: IncomingHttpHeaders): boolean {
  for (const name in headers) {
    if (name === 'origin' || name === 'forwarded' || name.startsWith('x-forwarded-')) return true;
  }
  return false;
}

/** An IPv4 address that came over an IPv6 socket, as IPv4. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

function holds(networks: BlockList, address: string): boolean {
  return networks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
