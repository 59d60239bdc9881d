import { BlockList, isIP, isIPv6 } from 'node:net';
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
  /** Networks (CIDR) whose peers may publish whatever their headers say. */
  readonly allowPublish: readonly string[];
  /** Largest message of a peer and largest body of a request; beyond it 1009 or 413. */
  readonly maxMessageBytes: number;
  /** Every peer is pinged this often, and dropped when it gave no sign of life since the ping before. */
  readonly pingIntervalMs: number;
  /** From the connection to the end of the request's head. */
  readonly handshakeTimeoutMs: number;
  /** How long a peer may take to answer a close frame before its socket is destroyed. */
  readonly closeTimeoutMs: number;
  /** How long a shutdown waits for its peers before it destroys what is left. */
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
}

/** What is in force where nothing else is said. */
export const DEFAULTS: BrokerOptions = {
  host: '0.0.0.0',
  port: 8000,
  log: SILENT,
  tolerant: false,
  allowPublish: [],
  maxMessageBytes: 1024 * 1024,
  // Below the 30 s after which many mobile networks forget an idle connection.
  pingIntervalMs: 25_000,
  handshakeTimeoutMs: 10_000,
  closeTimeoutMs: 1000,
  drainTimeoutMs: 5000,
  reconnectJitterMs: 5000,
  slowReaderTimeoutMs: 10_000,
  maxOutboxBytes: 4 * 1024 * 1024,
  historyNotifications: 10_000,
  historyAgeMs: 5 * 60_000,
  historyBytes: 64 * 1024 * 1024,
};

/** A number that is out of bounds, and the bounds, both allowed; in the unit of its option. */
export interface OptionRange {
  readonly value: number;
  readonly least: number;
  readonly most: number;
}

/** An option that cannot be taken; the message is the option and the problem. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
  /** Its name in `BrokerOptions`. */
  readonly option: keyof BrokerOptions;
  /** What was found and what is expected: `is 5: expected a whole number from 10 to 3600000`. */
  readonly problem: string;
  /** For who shows the problem in other units; only where a number is at fault. */
  readonly range: OptionRange | undefined;

  constructor(option: keyof BrokerOptions, problem: string, range?: OptionRange) {
    super(`${option} ${problem}`);
    this.option = option;
    this.problem = problem;
    this.range = range;
  }
}

/** Least and most of each numeric option, both allowed. */
const BOUNDS = {
  port: [0, 65_535],
  maxMessageBytes: [1024, 256 * 1024 * 1024],
  pingIntervalMs: [10, 3_600_000],
  handshakeTimeoutMs: [10, 600_000],
  closeTimeoutMs: [10, 600_000],
  drainTimeoutMs: [0, 600_000],
  reconnectJitterMs: [0, 600_000],
  slowReaderTimeoutMs: [10, 3_600_000],
  maxOutboxBytes: [64 * 1024, 1024 * 1024 * 1024],
  historyNotifications: [0, 10_000_000],
  historyAgeMs: [0, 7 * 24 * 3_600_000],
  historyBytes: [0, 64 * 1024 * 1024 * 1024],
} as const satisfies Partial<Record<keyof BrokerOptions, readonly [number, number]>>;

/**
 * Fills in the defaults and checks every option.
 * @throws OptionError for the first option that is out of bounds.
 */
export function resolveOptions(given: Partial<BrokerOptions>): BrokerOptions {
  const options = { ...DEFAULTS, ...withoutUndefined(given) };
  for (const name of Object.keys(BOUNDS) as (keyof typeof BOUNDS)[]) {
    const [least, most] = BOUNDS[name];
    const value = options[name];
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new OptionError(name, `is ${value}: expected a whole number from ${least} to ${most}`, { value, least, most });
    }
  }
  parseNetworks(options.allowPublish);
  return options;
}

/**
 * A list of networks to look addresses up in.
 * @param networks `address/prefix`, or a single address, in IPv4 or IPv6.
 * @throws OptionError naming the entry that is no network.
 */
export function parseNetworks(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix, ...rest] = network.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    const most = family === 'ipv6' ? 128 : 32;
    const bits = prefix === undefined ? most : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
    if (isIP(address) === 0 || rest.length > 0 || !(bits <= most)) {
      throw new OptionError('allowPublish', `has ${JSON.stringify(network)}: expected a network such as 10.0.0.0/8 or fd00::/8`);
    }
    list.addSubnet(address, bits, family);
  }
  return list;
}

function withoutUndefined(given: Partial<BrokerOptions>): Partial<BrokerOptions> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
