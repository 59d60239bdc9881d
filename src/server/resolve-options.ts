import { LIMITS } from '../protocol/index.js';
import { OptionError } from './option-error.js';
import { type BrokerOptions, DEFAULTS } from './options.js';

/** Least and most of each numeric option, both allowed. */
export const BOUNDS = {
  port: [0, 65_535],
  publishPort: [0, 65_535],
  adminPort: [0, 65_535],
  authClockToleranceMs: [0, 600_000],
  authorizeTimeoutMs: [10, 60_000],
  authorizeCacheMs: [0, 3_600_000],
  firstMessageTimeoutMs: [10, 600_000],
  maxConnections: [0, 10_000_000],
  maxConnectionsPerAddress: [0, 10_000_000],
  handshakesPerSecond: [0, 1_000_000],
  messagesPerSecond: [0, 10_000_000],
  messagesPerSecondPerAddress: [0, 10_000_000],
  publishesPerSecond: [0, 10_000_000],
  maxSubscriptions: [1, LIMITS.subscriptions],
  maxFilterValues: [1, LIMITS.filterValues],
  maxHeaderBytes: [1024, 1024 * 1024],
  maxMessageBytes: [1024, 256 * 1024 * 1024],
  pingIntervalMs: [10, 3_600_000],
  handshakeTimeoutMs: [10, 600_000],
  closeTimeoutMs: [10, 600_000],
  drainMs: [0, 3_600_000],
  drainTimeoutMs: [0, 600_000],
  reconnectJitterMs: [0, 600_000],
  slowReaderTimeoutMs: [10, 3_600_000],
  maxOutboxBytes: [64 * 1024, 1024 * 1024 * 1024],
  historyNotifications: [0, 10_000_000],
  historyAgeMs: [0, 7 * 24 * 3_600_000],
  historyBytes: [0, 64 * 1024 * 1024 * 1024],
  dataBytes: [16 * 1024 * 1024, 1024 * 1024 * 1024 * 1024],
} as const satisfies Partial<Record<keyof BrokerOptions, readonly [number, number]>>;

/** What is built into a broker when it starts: no reload changes it. */
export const FIXED_OPTIONS = [
  'host',
  'port',
  'publishHost',
  'publishPort',
  'adminHost',
  'adminPort',
  'tlsClientCert',
  'tolerant',
  'pingIntervalMs',
  'handshakeTimeoutMs',
  'closeTimeoutMs',
  'drainMs',
  'drainTimeoutMs',
  'reconnectJitterMs',
  'slowReaderTimeoutMs',
  'maxOutboxBytes',
  'maxHeaderBytes',
  'historyNotifications',
  'historyAgeMs',
  'historyBytes',
  'data',
  'durability',
  'dataBytes',
] as const satisfies readonly (keyof BrokerOptions)[];

/**
 * Fills in the defaults and checks every option.
 * @throws OptionError for the first option that is out of bounds, or that needs another beside it.
 */
export function resolveOptions(given: Partial<BrokerOptions>): BrokerOptions {
  const options = { ...DEFAULTS, ...withoutUndefined(given) };
  for (const name of Object.keys(BOUNDS) as (keyof typeof BOUNDS)[]) {
    const [least, most] = BOUNDS[name];
    const value = options[name];
    if (value === undefined) continue;
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new OptionError(name, `is ${value}: expected a whole number from ${least} to ${most}`, { value, least, most });
    }
  }
  checkLog(options);
  return options;
}

/** What is said of the log on disk says nothing where there is none. */
function checkLog({ data, ...options }: BrokerOptions): void {
  if (data === '') throw new OptionError('data', 'is empty: expected the path of a folder');
  if (data !== undefined) return;
  for (const name of ['durability', 'dataBytes'] as const) {
    if (options[name] === DEFAULTS[name]) continue;
    throw new OptionError(name, `is ${options[name]}: expected data beside it, the folder of the log`);
  }
}

function withoutUndefined(given: Partial<BrokerOptions>): Partial<BrokerOptions> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
