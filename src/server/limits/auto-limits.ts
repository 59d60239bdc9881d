import type { BrokerOptions } from '../options.js';

/** What may be left to the broker: `undefined` in the options. */
export type AutoLimited =
  | 'maxConnectionsPerAddress'
  | 'handshakesPerSecond'
  | 'messagesPerSecond'
  | 'messagesPerSecondPerAddress'
  | 'publishesPerSecond';

/**
 * What holds where the operator has set no number. They spare loopback addresses: a back-end on the same
 * machine publishes from one, and behind a reverse proxy that is not trusted everybody is on one.
 */
export const AUTO_LIMITS: Readonly<Record<AutoLimited, number>> = {
  /** An office, a school or a mobile network shares one address; a single client needs one connection. */
  maxConnectionsPerAddress: 1000,
  /** All of such an office comes back within its jitter of 5 s after a restart. */
  handshakesPerSecond: 200,
  /** A subscriber says something when a page is opened; marks, pings and acknowledgements cost it nothing here. */
  messagesPerSecond: 100,
  /** Twenty clients of one address at their most. */
  messagesPerSecondPerAddress: 2000,
  /** Well below what one core hands on, so that no publisher can take all of it. */
  publishesPerSecond: 5000,
};

/**
 * The number in force: the operator's for everybody, else the broker's own for all but loopback.
 * @returns undefined where there is no limit.
 */
export function limitOf(options: Pick<BrokerOptions, AutoLimited>, name: AutoLimited, isLoopback: boolean): number | undefined {
  const most = options[name] ?? (isLoopback ? 0 : AUTO_LIMITS[name]);
  return most === 0 ? undefined : most;
}
