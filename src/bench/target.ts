import { connectionTrouble, HandshakeRefused, openPeer, type Peer, type PeerOptions, shownUrl, type Trust } from '../peer/index.js';
import { BenchError } from './bench-error.js';
import type { Way } from './way.js';

/** Where the broker is, in the parts that a peer is opened with. */
export interface Target {
  readonly url: string;
  /** A name or an address, an IPv6 one without brackets. */
  readonly host: string;
  readonly port: number;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Set for `wss:`. */
  readonly tls: Trust | undefined;
}

/** @param url `ws:` or `wss:`; the caller has checked it. */
export function targetOf(url: string, { headers = {}, tls = {} }: Way = {}): Target {
  const { protocol, hostname, port, pathname, search } = new URL(url);
  const isSecure = protocol === 'wss:';
  return {
    url,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (isSecure ? 443 : 80) : Number(port),
    path: `${pathname}${search}`,
    headers,
    tls: isSecure ? tls : undefined,
  };
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
export async function connectTo(target: Target, options: Omit<PeerOptions, 'host' | 'port' | 'path' | 'headers' | 'tls'>): Promise<Peer> {
  const { host, port, path, headers, tls } = target;
  try {
    return await openPeer({ host, port, path, headers, ...(tls ? { tls } : {}), ...options });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    if (error instanceof HandshakeRefused) throw new BenchError('refused', `${shownUrl(target.url)}: ${refusalText(error)}`);
    throw new BenchError('unreachable', `cannot reach ${shownUrl(target.url)}: ${reasonOf(error)}`);
  }
}

/** What would help, by the status of a refused handshake. */
const REMEDIES: Readonly<Record<number, string>> = {
  401: 'the broker wants to know who comes; give --token, and --api-key for publishers',
  403: 'what was given with --token, --api-key or --header does not let in from here',
  429: 'the broker limits connections and handshakes; lower --connect-rate, or raise its limits',
};

function refusalText({ message, status }: HandshakeRefused): string {
  const remedy = REMEDIES[status];
  return remedy === undefined ? message : `${message}: ${remedy}`;
}

/** Why a connection was not made or has broken, in a few words. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return connectionTrouble(code, message);
}
