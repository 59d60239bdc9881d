import { connect, isIP, type OnReadOpts, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls } from 'node:tls';

/** How a TLS connection is made (`wss:`). */
export interface TlsOptions {
  /** Certificates that are trusted instead of those that Node brings, as PEM. */
  readonly ca?: string | Buffer | undefined;
  /** The name or address that the server's certificate has to be for; the `host` by default. */
  readonly servername?: string | undefined;
  /** Speaks to any server, whoever its certificate is for and whoever signed it: for tests alone. */
  readonly insecure?: boolean | undefined;
  /** This end's own certificate with its chain, as PEM, for a server that asks for one. Needs `key`. */
  readonly cert?: string | Buffer | undefined;
  /** Its private key, as PEM. */
  readonly key?: string | Buffer | undefined;
}

/** Where to connect. */
export interface Destination {
  readonly host: string;
  readonly port: number;
  /** The address of this end; whatever the system chooses by default. */
  readonly localAddress?: string | undefined;
  /** By TLS; without it by TCP. */
  readonly tls?: TlsOptions | undefined;
  /** Reads into one buffer; ignored with TLS, whose bytes come by `data` events. */
  readonly onread?: OnReadOpts;
}

/**
 * Begins a TCP or TLS connection, without Nagle's delay. It is there at the event `connect`, with TLS at
 * `secureConnect`; when it cannot be made, or the server's certificate is not right, the socket emits `error`.
 */
export function connectSocket(destination: Destination): Socket {
  const { host, port, tls, onread, localAddress } = destination;
  const ends = { host, port, ...(localAddress === undefined ? {} : { localAddress }) };
  const socket = tls ? connectSecurely(ends, tls) : connect({ ...ends, ...(onread ? { onread } : {}) });
  return socket.setNoDelay(true);
}

/**
 * TLS over a TCP socket of its own, since a TLS socket cannot send a RST by itself. An address is no name for SNI
 * (RFC 6066 section 3); a certificate may well be for one.
 */
function connectSecurely(ends: { readonly host: string; readonly port: number }, options: TlsOptions): Socket {
  const { ca, cert, key, insecure = false, servername: name = ends.host } = options;
  const socket = connect(ends);
  const secure = connectTls({
    socket,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    rejectUnauthorized: !insecure,
    ...(isIP(name) ? {} : { servername: name }),
    checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
  });
  secure.resetAndDestroy = () => {
    socket.resetAndDestroy();
    return secure;
  };
  return secure;
}
