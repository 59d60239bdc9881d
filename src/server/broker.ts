import type { LogStats } from './feed/feed.js';
import type { History } from './history.js';
import type { Limiter } from './limits/limiter.js';
import type { Counters } from './observe.js';
import type { BrokerOptions } from './options.js';
import type { RegistryStats } from './registry/registry.js';

/** How the broker stands now, and what it has done since it started. */
export interface BrokerStats extends Counters {
  /** Connections that are open or closing. */
  readonly peers: number;
  readonly registry: RegistryStats;
  readonly history: History['stats'];
  /** Undefined without a log on disk. */
  readonly log: LogStats | undefined;
  readonly limits: Limiter['stats'];
  /** When the first certificate of the server's chain ends, in ms since 1970; undefined without TLS. */
  readonly certificateExpiresAt: number | undefined;
}

/** A broker that listens. */
export interface Broker extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Port of the listener on which alone anybody may publish; undefined where there is one listener for all. */
  readonly publishPort: number | undefined;
  /** Where operators ask for metrics, as `http://127.0.0.1:9100`; undefined where they cannot. */
  readonly adminUrl: string | undefined;
  /** Where a client on this machine connects. */
  readonly url: string;
  stats(): BrokerStats;
  /**
   * Puts other options in force, and reads again the files that they name: all of it, or nothing.
   * @param given as for `startBroker`; without `log`, which stays.
   * @returns the names of the options that changed, also those of which only the file did.
   * @throws OptionError, and nothing has changed, for what cannot be taken, or not while the broker runs.
   */
  reconfigure(given: Partial<BrokerOptions>): Promise<readonly (keyof BrokerOptions)[]>;
  /**
   * Closes every peer with 1001 within `drainMs`, waits for them within `drainTimeoutMs`, then ends what is left; joins a
   * close that runs.
   */
  close(): Promise<void>;
  /** Ends everything at once. */
  terminate(): void;
}
