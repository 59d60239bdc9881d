import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';

/** Whom a TLS connection trusts (`wss:`), and as whom it comes. Plain values, which can be handed to a thread. */
export interface Trust {
  /** Authorities that are trusted instead of those that Node brings, as PEM. */
  readonly ca?: string | undefined;
  /** This end's own certificate with its chain, as PEM, for a server that asks for one. Needs `key`. */
  readonly cert?: string | undefined;
  /** Its private key, as PEM. */
  readonly key?: string | undefined;
  /** The name or address that the server's certificate has to be for; where one connects to by default. */
  readonly servername?: string | undefined;
  /** Believes any server, whoever its certificate is for and whoever signed it: for tests alone. */
  readonly insecure?: boolean | undefined;
}

/**
 * The same as `node:tls`, `node:https` and `ws` take it. Whether anybody is believed is always said, so that
 * NODE_TLS_REJECT_UNAUTHORIZED decides nothing. An address is no name for SNI (RFC 6066 section 3).
 */
export function trustOptions({
  ca,
  cert,
  key,
  servername,
  insecure = false,
}: Trust): Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'servername' | 'rejectUnauthorized'> {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(servername === undefined || isIP(servername) ? {} : { servername }),
    rejectUnauthorized: !insecure,
  };
}
