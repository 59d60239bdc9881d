import { isIPv6 } from 'node:net';

/** Groups of an IPv6 address that name its /64, which is what one customer has at least. */
const NETWORK_GROUPS = 4;
const GROUPS = 8;
const MAPPED = /^(?:0{0,4}:){2,5}:?ffff:/i;

/**
 * What counts as one address: an IPv4 address, also one that came over an IPv6 socket; of IPv6 its /64.
 * Anything else is a name of its own.
 */
export function addressKey(address: string): string {
  if (!address.includes(':') || address === '::1') return address;
  const plain = address.split('%', 1)[0] as string;
  if (!isIPv6(plain)) return address;
  if (MAPPED.test(plain)) return mapped(plain.slice(plain.toLowerCase().indexOf('ffff:') + 'ffff:'.length));
  const network = groups(plain).slice(0, NETWORK_GROUPS);
  return `${network.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

/** Whether a key is of the machine itself. */
export function isLoopback(key: string): boolean {
  return key === '127.0.0.1' || key === '::1' || /^127\.\d+\.\d+\.\d+$/.test(key);
}

/** The groups of a valid address with its `::` written out. */
function groups(address: string): string[] {
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  if (tail === undefined) return before;
  const after = tail === '' ? [] : tail.split(':');
  const dotted = tail.includes('.') ? 1 : 0;
  return [...before, ...Array<string>(Math.max(0, GROUPS - before.length - after.length - dotted)).fill('0'), ...after];
}

function mapped(rest: string): string {
  if (rest.includes('.')) return rest;
  const [high = 0, low = 0] = rest.split(':').map((group) => Number.parseInt(group, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
