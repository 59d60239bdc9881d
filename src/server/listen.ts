import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import type { Log } from './observe.js';
import type { Place } from './ports.js';

/** A port that a broker cannot listen on. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly place: Place;
  /** Node's: `EADDRINUSE`, `EACCES`, `ENOTFOUND`, … */
  readonly code: string | undefined;

  constructor(place: Place, cause: NodeJS.ErrnoException) {
    super(cause.message, { cause });
    this.place = place;
    this.code = cause.code;
  }
}

/**
 * Has a server listen, and log what goes wrong with it later.
 * @returns where it does: the server itself forgets it when it closes.
 * @throws Node's error (`EADDRINUSE`, …) when it cannot.
 */
export async function listen(server: Server, { host, port }: Pick<Place, 'host' | 'port'>, log: Log): Promise<AddressInfo> {
  server.listen(port, host);
  await once(server, 'listening');
  server.on('error', (error) => log.error({ err: error }, 'a listener failed'));
  return server.address() as AddressInfo;
}
