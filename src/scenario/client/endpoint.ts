import { isIPv6 } from 'node:net';
import type { Trust } from '../../peer/index.js';

/** Where a client connects: the server itself, or the proxy in front of it. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Set for `wss:`. */
  readonly tls?: Trust;
  /** What the `Host` header says, also through a proxy. */
  readonly hostName: string;
  readonly hostPort: number;
  /** Path of the URL, where a client has none of its own. */
  readonly path: string;
  /** Added to every handshake and request. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What the `Host` header says (RFC 9110 section 7.2). */
export function hostOf({ hostName, hostPort }: Endpoint): string {
  return `${isIPv6(hostName) ? `[${hostName}]` : hostName}:${hostPort}`;
}

/** The URL of a server. */
export function urlOf(endpoint: Endpoint): string {
  return `${endpoint.tls ? 'wss' : 'ws'}://${hostOf(endpoint)}${endpoint.path}`;
}
