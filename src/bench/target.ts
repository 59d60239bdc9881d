import { HandshakeRefused, openPeer, type Peer, type PeerOptions, shownUrl } from '../peer/index.js';
import type { Approach, ApproachTls } from './approach.js';
import { BenchError } from './bench-error.js';

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
  readonly tls: ApproachTls | undefined;
}

/** @param url `ws:` or `wss:`; the caller has checked it. */
export function targetOf(url: string, { headers = {}, tls = {} }: Approach = {}): Target {
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
  EPROTO: 'it does not speak TLS',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is of an authority that is not trusted; name that with --tls-ca',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate signs itself and is not trusted; name it with --tls-ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is of an authority that is not trusted; name that with --tls-ca',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is of an authority that is not trusted; name that with --tls-ca',
  CERT_HAS_EXPIRED: 'its certificate has expired',
};

/** Why a connection was not made or has broken, in a few words. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ''] ?? message;
}
