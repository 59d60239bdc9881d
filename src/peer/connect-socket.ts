import { connect, type OnReadOpts, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls } from 'node:tls';
import { type Trust, trustOptions } from './trust.js';

/** Where to connect. */
export interface Destination {
  readonly host: string;
  readonly port: number;
  /** The address of this end; whatever the system chooses by default. */
  readonly localAddress?: string | undefined;
  /** By TLS; without it by TCP. */
  readonly tls?: Trust | undefined;
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
 * TLS over a TCP socket of its own, since a TLS socket cannot send a RST by itself. A certificate may be for an address,
 * which is no name that one could be asked for by.
 */
function connectSecurely(ends: { readonly host: string; readonly port: number }, trust: Trust): Socket {
  const { servername = ends.host } = trust;
  const socket = connect(ends);
  const secure = connectTls({
    socket,
    ...trustOptions({ ...trust, servername }),
    checkServerIdentity: (_, certificate) => checkServerIdentity(servername, certificate),
  });
  secure.resetAndDestroy = () => {
    socket.resetAndDestroy();
    return secure;
  };
  return secure;
}
