import { isIPv4 } from 'node:net';
import { addressBytes, isLoopback } from '../address.js';

/**
 * What counts as one address: an IPv4 address, also one that came over an IPv6 socket; of IPv6 its /64, the least
 * that one customer has, but `::1` alone. Anything else is a name of its own.
 */
export function addressKey(address: string): string {
  if (isIPv4(address)) return address;
  const bytes = addressBytes(address);
  if (bytes === undefined) return address;
  if (bytes.length === 4) return bytes.join('.');
  // A flood has a key made for each of its addresses: hardly any is parsed twice.
  if (bytes[0] === 0 && isLoopback(address)) return '::1';
  const groups = [0, 2, 4, 6].map((at) => (((bytes[at] as number) << 8) | (bytes[at + 1] as number)).toString(16));
  return `${groups.join(':')}::/64`;
}
