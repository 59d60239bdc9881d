import { HandshakeRefused, openPeer, type Peer, type PeerOptions, shownUrl } from '../peer/index.js';
import { BenchError } from './bench-error.js';

/** Where the broker is, in the parts that a peer is opened with. */
export interface Target {
  readonly url: string;
  /** A name or an address, an IPv6 one without brackets. */
  readonly host: string;
  readonly port: number;
  /** With the query. */
  readonly path: string;
}

/** @param url `ws:`; the caller has checked it. */
export function targetOf(url: string): Target {
  const { hostname, port, pathname, search } = new URL(url);
  return { url, host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 80 : Number(port), path: `${pathname}${search}` };
}

/** From where the connection of this number, from 0, is made: each address in turn. @param sourceAddresses none: the system chooses. */
export function localAddressOf(sourceAddresses: readonly string[], connection: number): Pick<PeerOptions, 'localAddress'> {
  const localAddress = sourceAddresses[connection % sourceAddresses.length];
  return localAddress === undefined ? {} : { localAddress };
}

/**
 * Opens a connection of the run.
 * @throws BenchError that says whether the broker was not reached or did not want it; the signal's reason when aborted.
 */
export async function connectTo(target: Target, options: Omit<PeerOptions, 'host' | 'port' | 'path'>): Promise<Peer> {
  const { host, port, path } = target;
  try {
    return await openPeer({ host, port, path, ...options });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    if (error instanceof HandshakeRefused) throw new BenchError('refused', `${shownUrl(target.url)}: ${error.message}`);
    throw new BenchError('unreachable', `cannot reach ${shownUrl(target.url)}: ${reasonOf(error)}`);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name of the host cannot be looked up',
  EADDRNOTAVAIL: 'this machine has no port left for one more connection',
  EMFILE: 'this process may not open more files; raise the limit with ulimit -n',
  ENFILE: 'this machine may not open more files; raise fs.file-max',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  ETIMEDOUT: 'there was no answer',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
};

/** Why a connection was not made or has broken, in a few words. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ''] ?? message;
}
