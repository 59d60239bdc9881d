import type { Ways } from '../../bench/index.js';
import { findWay, type WayOptions } from '../broker/way.js';

/**
 * Who comes to the broker under load, and whom it is for: publishers bring the key, if there is one, all others the token.
 * @throws UsageError for a file that cannot be read, and for a value that no header can have.
 */
export async function findWays(url: string, { apiKey, ...options }: WayOptions): Promise<Ways> {
  const { headers, tls } = await findWay(url, options);
  if (apiKey === undefined) return { subscribers: headers, publishers: headers, tls };
  const { header } = options;
  const publisher = await findWay(url, { apiKey, ...(header === undefined ? {} : { header }) });
  return { subscribers: headers, publishers: publisher.headers, tls };
}
