import { isIP, isIPv6 } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { Destination } from '../../peer/index.js';

/** How TLS connections are made: whom they trust, and for which name. */
export type Tls = NonNullable<Destination['tls']>;

/** Where a client connects: the server itself, or the proxy in front of it. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Set for `wss:`. */
  readonly tls?: Tls;
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

/** The options of an HTTPS request. An address is no name that a certificate could be asked for by (RFC 6066 section 3). */
export function httpsOptions({
  ca,
  cert,
  key,
  servername,
  insecure,
}: Tls): Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'servername' | 'rejectUnauthorized'> {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(servername === undefined || isIP(servername) ? {} : { servername }),
    ...(insecure ? { rejectUnauthorized: false } : {}),
  };
}
