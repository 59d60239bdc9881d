import type { AddressInfo } from 'node:net';
import type { AdminListener } from './admin/admin-listener.js';
import type { BrokerStats } from './broker.js';
import { ListenError } from './listen.js';
import { Listener, type ListenerEvents } from './listener.js';
import type { BrokerOptions } from './options.js';
import { type Place, placesOf } from './ports.js';
import type { SecureOptions } from './tls/certificates.js';

/** All ports of a broker: the one for everybody, one for publishers if they have their own, and one for operators if there is any. */
export class Listeners {
  readonly #options: BrokerOptions;
  readonly #main: Listener;
  readonly #second: Listener | undefined;
  #admin: AdminListener | undefined;

  /** @param eventsOf a listener; `isForPublishers` where notifications are taken. */
  constructor(options: BrokerOptions, secure: SecureOptions | undefined, eventsOf: (isForPublishers: boolean) => ListenerEvents) {
    const hasSecond = options.publishPort !== undefined;
    this.#options = options;
    this.#main = new Listener(options, secure, eventsOf(!hasSecond));
    this.#second = hasSecond ? new Listener(options, secure, eventsOf(true)) : undefined;
  }

  get address(): AddressInfo {
    return this.#main.address;
  }

  get publishPort(): number | undefined {
    return this.#second?.address.port;
  }

  get adminAddress(): AddressInfo | undefined {
    return this.#admin?.address;
  }

  /**
   * Listens on all of them, or on none.
   * @param stats for operators.
   * @throws ListenError for the first that it cannot listen on.
   */
  async open(stats: () => BrokerStats): Promise<void> {
    try {
      for (const place of placesOf(this.#options)) await this.#listen(place, stats);
    } catch (error) {
      void this.close();
      this.end();
      throw error;
    }
  }

  /** New certificates for whoever connects from now on. */
  secure(options: SecureOptions): void {
    this.#main.secure(options);
    this.#second?.secure(options);
  }

  /** As `Listener.limit`. */
  limit(maxConnections: number): void {
    this.#main.limit(maxConnections);
    this.#second?.limit(maxConnections);
  }

  /** Takes no more peers; resolves when all are gone. Operators may still ask. */
  async close(): Promise<void> {
    await Promise.all([this.#main.close(), this.#second?.close()]);
  }

  /** Ends the connections on which nothing was asked. */
  endSilent(): void {
    this.#main.endSilent();
    this.#second?.endSilent();
  }

  /** Ends all connections that are no WebSocket, and those of operators. */
  end(): void {
    this.#main.endAll();
    this.#second?.endAll();
    void this.#admin?.close();
  }

  async #listen(place: Place, stats: () => BrokerStats): Promise<void> {
    const listener = place.option === 'adminPort' ? await this.#openAdmin(stats) : place.option === 'port' ? this.#main : this.#second;
    try {
      await listener?.listen(place);
    } catch (error) {
      throw new ListenError(place, error as NodeJS.ErrnoException);
    }
  }

  /** Loaded by those alone who want it. */
  async #openAdmin(stats: () => BrokerStats): Promise<AdminListener> {
    const { AdminListener } = await import('./admin/admin-listener.js');
    this.#admin = new AdminListener(this.#options, stats);
    return this.#admin;
  }
}
