import { isIP, isIPv6 } from 'node:net';

/** Where a client connects: the server itself, or the proxy in front of it. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Set for `wss:`; `ca` are the certificates that are trusted, PEM. */
  readonly tls?: { readonly ca?: string | Buffer; readonly servername?: string };
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

/** The URL of a server without TLS. */
export function urlOf(endpoint: Endpoint): string {
  return `ws://${hostOf(endpoint)}${endpoint.path}`;
}

/** The options of an HTTPS request. An address is no name that a certificate could be asked for by (RFC 6066 section 3). */
export function httpsOptions({ ca, servername }: NonNullable<Endpoint['tls']>): { ca?: string | Buffer; servername?: string } {
  return { ...(ca === undefined ? {} : { ca }), ...(servername === undefined || isIP(servername) ? {} : { servername }) };
}
