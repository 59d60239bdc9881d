import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { plainHost } from './address.js';
import type { Log } from './observe.js';

/** The option that names a port. */
export type ListeningOption = 'port' | 'publishPort' | 'adminPort';

/** A port that a broker cannot listen on. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly option: ListeningOption;
  readonly host: string;
  readonly port: number;
  /** Node's: `EADDRINUSE`, `EACCES`, `ENOTFOUND`, … */
  readonly code: string | undefined;

  constructor(option: ListeningOption, { host, port }: { readonly host: string; readonly port: number }, cause: NodeJS.ErrnoException) {
    super(cause.message, { cause });
    this.option = option;
    this.host = host;
    this.port = port;
    this.code = cause.code;
  }
}

/**
 * Has a server listen, and log what goes wrong with it later.
 * @param at a host of IPv6 may have brackets, as in a URL.
 * @returns where it does: the server itself forgets it when it closes.
 * @throws Node's error (`EADDRINUSE`, …) when it cannot.
 */
export async function listen(server: Server, at: { readonly host: string; readonly port: number }, log: Log): Promise<AddressInfo> {
  server.listen(at.port, plainHost(at.host));
  await once(server, 'listening');
  server.on('error', (error) => log.error({ err: error }, 'a listener failed'));
  return server.address() as AddressInfo;
}
