import { plainHost } from './address.js';
import { OptionError } from './option-error.js';
import type { BrokerOptions } from './options.js';

/** An address or a name, and a port. */
interface At {
  readonly host: string;
  readonly port: number;
}

/** A place to listen, named by the option of its port. */
export interface Place extends At {
  readonly option: 'port' | 'publishPort' | 'adminPort';
}

/** Where the metrics are asked for when nothing else is said. */
export const ADMIN_HOST = '127.0.0.1';

/**
 * Checks that every listener has a port, and one of its own.
 * @throws OptionError for a host without its port, and for a port that another listener has on the same address.
 */
export function checkPorts(options: BrokerOptions): void {
  const { publishHost, publishPort, adminHost, adminPort } = options;
  if (publishHost !== undefined && publishPort === undefined) {
    throw new OptionError('publishPort', `is missing: expected the port on which ${publishHost} takes publications`);
  }
  if (adminHost !== undefined && adminPort === undefined) {
    throw new OptionError('adminPort', `is missing: expected the port on which ${adminHost} tells metrics`);
  }
  const places = placesOf(options);
  for (const [index, place] of places.entries()) {
    // 0 is another one each time.
    const other = places
      .slice(0, index)
      .find((earlier) => earlier.port === place.port && place.port !== 0 && overlap(earlier.host, place.host));
    if (other === undefined) continue;
    throw new OptionError(
      place.option,
      `is ${place.port}, which ${authority(other)} has already: expected another one, or 0 for any free one`,
    );
  }
}

/** Where a broker listens: the port for everybody first, and hosts as sockets take them. */
export function placesOf(
  options: Pick<BrokerOptions, 'host' | 'port' | 'publishHost' | 'publishPort' | 'adminHost' | 'adminPort'>,
): Place[] {
  const { host, port, publishHost = host, publishPort, adminHost = ADMIN_HOST, adminPort } = options;
  const places: Place[] = [{ option: 'port', host: plainHost(host), port }];
  if (publishPort !== undefined) places.push({ option: 'publishPort', host: plainHost(publishHost), port: publishPort });
  if (adminPort !== undefined) places.push({ option: 'adminPort', host: plainHost(adminHost), port: adminPort });
  return places;
}

/** Host and port as they stand in a URL. @param at a host without brackets. */
export function authority({ host, port }: At): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Whether two listeners would meet: at the same address, or where one is all addresses of a family; `::` is those of IPv4, too. */
function overlap(one: string, other: string): boolean {
  if (one === other || one === '::' || other === '::') return true;
  return (one === '0.0.0.0' && !other.includes(':')) || (other === '0.0.0.0' && !one.includes(':'));
}
