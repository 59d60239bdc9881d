import { isIPv4, isIPv6 } from 'node:net';

/**
 * The bytes of an IP address: 4 of IPv4, also of one that came over an IPv6 socket (`::ffff:192.0.2.1`, RFC 4291 section
 * 2.5.5.2), 16 of IPv6 without its zone.
 * @returns undefined for what is no address.
 */
export function addressBytes(text: string): readonly number[] | undefined {
  if (isIPv4(text)) return text.split('.').map(Number);
  const plain = text.split('%', 1)[0] as string;
  if (!isIPv6(plain)) return undefined;
  const [front = [], back = []] = plain.split('::').map(groupBytes);
  const bytes = [...front, ...Array<number>(16 - front.length - back.length).fill(0), ...back];
  const isMapped = bytes[10] === 255 && bytes[11] === 255 && bytes.findIndex((byte) => byte !== 0) === 10;
  return isMapped ? bytes.slice(12) : bytes;
}

/** Whether an address is of the machine itself: in 127.0.0.0/8, or `::1`. */
export function isLoopback(address: string): boolean {
  // Asked of every message: most addresses need no parsing.
  if (isIPv4(address)) return address.startsWith('127.');
  const bytes = addressBytes(address) ?? [];
  return bytes.length === 4 ? bytes[0] === 127 : bytes.length === 16 && bytes.every((byte, at) => byte === (at === 15 ? 1 : 0));
}

/**
 * Whether a host is this machine for sure, without asking what its name is for.
 * @param host a name or an address; of a URL, one of IPv6 in brackets.
 */
export function isThisMachine(host: string): boolean {
  return host.toLowerCase() === 'localhost' || isLoopback(plainHost(host));
}

/** A host as sockets take it: an address of IPv6 without the brackets that it has in a URL. */
export function plainHost(host: string): string {
  const [, inside = ''] = /^\[(.*)\]$/.exec(host) ?? [];
  return isIPv6(inside) ? inside : host;
}

/** Two bytes a group; the last of an address may be four in decimal digits. */
function groupBytes(groups: string): number[] {
  const bytes: number[] = [];
  if (groups === '') return bytes;
  for (const group of groups.split(':')) {
    const value = Number.parseInt(group, 16);
    if (group.includes('.')) bytes.push(...group.split('.').map(Number));
    else bytes.push(value >> 8, value & 255);
  }
  return bytes;
}
