import { type GrantList, LIMITS } from '../protocol/index.js';
import { type Log, SILENT } from './observe.js';

/** Everything that an operator may tune. Every duration is in milliseconds, every size in bytes. */
export interface BrokerOptions {
  /** Address or name to listen on. */
  readonly host: string;
  /** Port to listen on; 0 lets the system choose. */
  readonly port: number;
  /** Receives what happens, one record each. */
  readonly log: Log;
  /** Ignore invalid messages of base peers instead of closing them. */
  readonly tolerant: boolean;
  /** Networks (CIDR) whose peers may publish without a token, whatever their headers say. */
  readonly allowPublish: readonly string[];
  /** Address or name of a second listener, on which alone anybody may publish; `host` by default. Needs `publishPort`. */
  readonly publishHost: string | undefined;
  /** Port of that listener, 0 lets the system choose; without it there is no second listener. */
  readonly publishPort: number | undefined;
  /** Address or name on which operators ask for metrics; 127.0.0.1 by default. Needs `adminPort`. */
  readonly adminHost: string | undefined;
  /** Port of that listener, 0 lets the system choose; without it there is none. */
  readonly adminPort: number | undefined;

  /** PEM file with the server's certificate and its chain: TLS on every listener. Needs `tlsKey`. */
  readonly tlsCert: string | undefined;
  /** PEM file with its private key. */
  readonly tlsKey: string | undefined;
  /** PEM file with the authorities whose client certificates are taken. */
  readonly tlsCa: string | undefined;
  /** Whether a client has to show a certificate of `tlsCa`. */
  readonly tlsClientCert: 'none' | 'require';

  /** Secret of HS256, HS384 and HS512 as text; for the environment, never for a command line. */
  readonly authSecret: string | undefined;
  /** File whose content, without a line end, is that secret. */
  readonly authSecretFile: string | undefined;
  /** PEM file with a public key (SPKI) or a certificate: RS, PS, ES or EdDSA. */
  readonly authPublicKey: string | undefined;
  /** A JWKS: a file, or an `https:` or `http:` URL. */
  readonly authJwks: string | undefined;
  /** Signature algorithms that are taken, at least one; those that fit the keys by default. */
  readonly authAlgorithms: readonly string[] | undefined;
  /** What `iss` has to be; anything by default. */
  readonly authIssuer: string | undefined;
  /** One of these, at least one, has to stand in `aud`; anything by default. */
  readonly authAudience: readonly string[] | undefined;
  /** How far the issuer's clock and ours may differ. */
  readonly authClockToleranceMs: number;
  /** Whether a token may come as `?token=`, where proxies log it. */
  readonly authQueryToken: boolean;
  /** Keys of publishers, each by a name and the SHA-256 of the key. */
  readonly apiKeys: readonly ApiKey[];
  /** Asked for the grants of every token that is brought; `http:` or `https:`. */
  readonly authorizeUrl: string | undefined;
  readonly authorizeTimeoutMs: number;
  /** How long an answer is remembered; 0: not at all. */
  readonly authorizeCacheMs: number;
  /** With authentication on: how long a `wsn.v1` peer without a token may take to send one (4408). */
  readonly firstMessageTimeoutMs: number;

  /** What a peer without a token may hear; undefined: everything without authentication, nothing with it. */
  readonly anonymousSubscribe: GrantList | undefined;
  /** What it may publish; undefined: without authentication, nothing with it. */
  readonly anonymousPublish: GrantList | undefined;

  /** Origins such as `https://app.example.org` whose pages may connect, `*` for any; empty. */
  readonly allowOrigins: readonly string[];
  /** Networks (CIDR) of proxies whose `X-Forwarded-For` is believed. */
  readonly trustProxies: readonly string[];

  /** Connections at the same time; 0: any number. */
  readonly maxConnections: number;
  /** The same from one address (IPv6: one /64); 0: any number; undefined: `AUTO_LIMITS`, which spare loopback. */
  readonly maxConnectionsPerAddress: number | undefined;
  /** Handshakes a second from one address; 0 and undefined as above. */
  readonly handshakesPerSecond: number | undefined;
  /** Messages and pings a second of one peer, without accepted publications; 0 and undefined as above. */
  readonly messagesPerSecond: number | undefined;
  /** The same of all peers of one address together. */
  readonly messagesPerSecondPerAddress: number | undefined;
  /** Notifications a second of one publisher; 0 and undefined as above. */
  readonly publishesPerSecond: number | undefined;
  /** Subscriptions in one message, at most R-2.6's. */
  readonly maxSubscriptions: number;
  /** Filter values in one message of subscriptions, at most R-2.6's. */
  readonly maxFilterValues: number;
  /** The head of a handshake or request; beyond it 431. */
  readonly maxHeaderBytes: number;
  /** Whether peers may compress what they send (RFC 7692); what the broker sends is never compressed. */
  readonly permessageDeflate: boolean;

  /** Folder with `<package>/<page>.json`: JSON Schemas of the `data` of notifications. */
  readonly schemas: string | undefined;
  /** Whether data that does not fit is refused, or only logged and counted. */
  readonly schemaMode: 'enforce' | 'observe';

  /** Largest message of a peer and largest body of a request; beyond it 1009 or 413. */
  readonly maxMessageBytes: number;
  /** Every peer is pinged this often, and dropped when it gave no sign of life since the ping before. */
  readonly pingIntervalMs: number;
  /** From the connection to the end of the request's head. */
  readonly handshakeTimeoutMs: number;
  /** How long a peer may take to answer a close frame before its socket is destroyed. */
  readonly closeTimeoutMs: number;
  /** Over which time a shutdown spreads its closes; 0: all at once. */
  readonly drainMs: number;
  /** How long a shutdown then waits for its peers before it destroys what is left. */
  readonly drainTimeoutMs: number;
  /** Told to `wsn.v1` clients: over which time they spread their reconnections after a 1001. */
  readonly reconnectJitterMs: number;
  /** A reader that takes nothing for so long while bytes wait for it is destroyed (1013). */
  readonly slowReaderTimeoutMs: number;
  /** Bytes that may wait for one peer, the socket's own included; beyond it the peer is destroyed (1013). */
  readonly maxOutboxBytes: number;
  /** Notifications of a topic that are kept for a resume. */
  readonly historyNotifications: number;
  /** How long a notification is kept for a resume. */
  readonly historyAgeMs: number;
  /** Memory that the notifications of all topics may take together. */
  readonly historyBytes: number;

  /** Folder of the log on disk; undefined: notifications live as long as the process. */
  readonly data: string | undefined;
  /** When a notification counts as logged, where there is a folder. */
  readonly durability: Durability;
  /** What the log may take on disk. */
  readonly dataBytes: number;
}

/**
 * `batched`: written, so that it survives the death of the process; on the disk within a second.
 * `fsync`: on the disk, so that it survives the loss of power.
 */
export type Durability = 'batched' | 'fsync';

/** A key that publishers share (`X-Api-Key`): its digest is kept, not the key. */
export interface ApiKey {
  /** For the log and the publisher's identity. */
  readonly name: string;
  /** SHA-256 of the key in UTF-8, 64 hexadecimal digits. */
  readonly sha256: string;
  /** Everything by default. */
  readonly publish?: GrantList;
  /** Nothing by default. */
  readonly subscribe?: GrantList;
}

/** What is in force where nothing else is said. */
export const DEFAULTS: BrokerOptions = {
  host: '0.0.0.0',
  port: 8000,
  log: SILENT,
  tolerant: false,
  allowPublish: [],
  publishHost: undefined,
  publishPort: undefined,
  adminHost: undefined,
  adminPort: undefined,
  tlsCert: undefined,
  tlsKey: undefined,
  tlsCa: undefined,
  tlsClientCert: 'none',
  authSecret: undefined,
  authSecretFile: undefined,
  authPublicKey: undefined,
  authJwks: undefined,
  authAlgorithms: undefined,
  authIssuer: undefined,
  authAudience: undefined,
  authClockToleranceMs: 5000,
  authQueryToken: false,
  apiKeys: [],
  authorizeUrl: undefined,
  authorizeTimeoutMs: 2000,
  authorizeCacheMs: 30_000,
  firstMessageTimeoutMs: 10_000,
  anonymousSubscribe: undefined,
  anonymousPublish: undefined,
  allowOrigins: [],
  trustProxies: [],
  maxConnections: 100_000,
  maxConnectionsPerAddress: undefined,
  handshakesPerSecond: undefined,
  messagesPerSecond: undefined,
  messagesPerSecondPerAddress: undefined,
  publishesPerSecond: undefined,
  maxSubscriptions: LIMITS.subscriptions,
  maxFilterValues: LIMITS.filterValues,
  maxHeaderBytes: 16 * 1024,
  permessageDeflate: false,
  schemas: undefined,
  schemaMode: 'enforce',
  maxMessageBytes: 1024 * 1024,
  // Below the 30 s after which many mobile networks forget an idle connection.
  pingIntervalMs: 25_000,
  handshakeTimeoutMs: 10_000,
  closeTimeoutMs: 1000,
  drainMs: 0,
  drainTimeoutMs: 5000,
  reconnectJitterMs: 5000,
  slowReaderTimeoutMs: 10_000,
  maxOutboxBytes: 4 * 1024 * 1024,
  historyNotifications: 10_000,
  historyAgeMs: 5 * 60_000,
  historyBytes: 64 * 1024 * 1024,
  data: undefined,
  durability: 'batched',
  dataBytes: 1024 * 1024 * 1024,
};
