import type { IncomingHttpHeaders } from 'node:http';
import { type BlockList, isIP } from 'node:net';
import { holds, plainAddress } from './networks.js';

/** Whose request it is, as far as it is known. */
export class ClientAddress {
  readonly #proxies: BlockList;
  readonly #trustsNobody: boolean;

  /** @param proxies networks whose `X-Forwarded-For` is believed. */
  constructor(proxies: BlockList, trustsNobody: boolean) {
    this.#proxies = proxies;
    this.#trustsNobody = trustsNobody;
  }

  /**
   * The address of the client: the socket's, or when that is a trusted proxy's the last one in `X-Forwarded-For` that is
   * none. What stands left of it was written by the client itself, and is not looked at.
   */
  of(socketAddress: string | undefined, headers: IncomingHttpHeaders): string {
    const peer = socketAddress ?? 'unknown';
    if (this.#trustsNobody) return peer;
    let address = plainAddress(peer);
    const hops = String(headers['x-forwarded-for'] ?? '').split(',');
    while (this.#isProxy(address)) {
      const hop = withoutPort(hops.pop()?.trim() ?? '');
      if (isIP(hop) === 0) break;
      address = plainAddress(hop);
    }
    return address;
  }

  #isProxy(address: string): boolean {
    return isIP(address) !== 0 && holds(this.#proxies, address);
  }
}

/** Some proxies write `192.0.2.1:4711` or `[2001:db8::1]:4711`. */
function withoutPort(hop: string): string {
  return /^\[([^\]]+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([^:]+):\d+$/.exec(hop)?.[1] ?? hop;
}
